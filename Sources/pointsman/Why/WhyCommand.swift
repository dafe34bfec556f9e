import ArgumentParser
import Codec
import Foundation
import Platform

/// `pointsman why`: what was decided about a delivery, and why.
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Says what was decided about a delivery that did arrive, and why.",
        discussion: """
            The decision record is read from the bucket, or from a file: a saved record, what the \
            function evaluate returned, or its log lines. A delivery's id is in the webhook's \
            response and in GitHub under Recent Deliveries; its beginning is enough.

            Why did this delivery not start anything?
              pointsman why 0b24fd4c-b0d7-5686-8c7c-2673bb5166e0 --bucket acme-pointsman

            What came last?
              pointsman why --last 20 --bucket acme-pointsman

            What came on that day?
              pointsman why --day 2026-03-14 --bucket acme-pointsman

            What do the log lines of the stack `pointsman` say?
              aws logs filter-log-events --log-group-name /aws/lambda/pointsman/evaluate \\
                --filter-pattern decision --query 'events[].message' --output text \\
                | pointsman why -

            Exit status 1: there is no record of the delivery.
            """
    )

    @Argument(help: "A delivery's id or its beginning; a file; or - for standard input.")
    var delivery: String?

    @OptionGroup var stack: BucketOptions

    @Option(help: "List this many of the latest deliveries.")
    var last: Int?

    @Option(help: "Look at this day alone (yyyy-mm-dd, UTC).")
    var day: String?

    @Option(help: "How many days to look back.")
    var days = 7

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if let day, day.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) == nil {
            throw ValidationError("--day: expected yyyy-mm-dd, found '\(day)'")
        }
        if days < 1 || last ?? 1 < 1 {
            throw ValidationError("--days and --last: expected a number of at least 1")
        }
        if delivery == nil, last == nil, day == nil {
            throw ValidationError("name a delivery or a file, or list some with --last or --day")
        }
        if !isFile, stack.bucket == nil {
            let what = delivery.map { "there is no file '\($0)'; for a delivery" } ?? "for a list"
            throw ValidationError("\(what) name the stack's --bucket")
        }
    }

    private var isFile: Bool {
        delivery.map { $0 == "-" || FileManager.default.fileExists(atPath: $0) } ?? false
    }

    func run() throws {
        let report = try report()
        output.show(report.json, report.lines)
    }

    private func report() throws -> WhyReport {
        if let delivery, isFile {
            let records = try SavedRecord.all(in: InputFile(delivery))
            return WhyReport(records: records, prefix: stack.prefix)
        }
        let bucket = try stack.open()
        let search = RecordSearch(bucket, day: day, days: days, now: WallClock.system.now())
        guard let delivery else {
            let records = try search.latest(last ?? .max)
            return WhyReport(records: records, isList: true, prefix: bucket.prefix)
        }
        var records = try search.records(of: delivery)
        for index in records.indices {
            records[index].results = try RunResults(of: records[index], in: bucket)
        }
        guard !records.isEmpty else {
            StandardError.tell("no decision record of '\(delivery)' in \(search.place)")
            throw ExitCode.found
        }
        return WhyReport(records: records, prefix: bucket.prefix)
    }
}

/// What `why` shows: records in full, or a list of them.
struct WhyReport {
    var records: [SavedRecord]
    /// One line each.
    var isList = false
    /// What the rules' keys begin with.
    var prefix: String

    func lines(_ terminal: Terminal) -> [String] {
        guard isList else {
            return records.enumerated().flatMap { index, record in
                (index > 0 ? [""] : []) + record.lines(terminal, prefix: prefix)
            }
        }
        let widest = records.map(\.delivery.printable.count).max() ?? 0
        // The whole id is what `why` is to be asked with.
        return records.flatMap { record in
            let head =
                "\(record.receivedAt.printable)  \(record.delivery.printable.padded(to: widest))  "
            let text = "\(record.summary): \(record.counts)".printable
            guard let width = terminal.width else { return [head + text] }
            guard head.count + 50 > width else {
                return [head + text.cutInTheMiddle(to: width - head.count)]
            }
            return [head, "  " + text.cutInTheMiddle(to: width - 2)]
        }
    }

    /// The records as they came.
    var json: JSON {
        JSON([
            "records": .array(
                records.map {
                    JSON([
                        "place": .string($0.place), "record": $0.json, "results": $0.results?.json,
                    ])
                }
            )
        ])
    }
}

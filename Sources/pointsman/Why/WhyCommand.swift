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
              pointsman why 0b24fd4c-b0d7-5686-8c7c-2673bb5166e0 --stack pointsman

            What came last? What came on that day? What comes now?
              pointsman why --last 20 --stack pointsman
              pointsman why --day 2026-03-14 --stack pointsman
              pointsman why --follow --stack pointsman

            What do the log lines of the stack `pointsman` say, with version 2 of the AWS CLI?
              aws logs tail /aws/lambda/pointsman/evaluate --since 1h \\
                --filter-pattern decision | pointsman why -

            Exit status 1: there is no record of the delivery, or none at all.
            """
    )

    @Argument(help: "A delivery's id or its beginning; a file; or - for standard input.")
    var delivery: String?

    @OptionGroup var stack: StackOptions

    @Option(help: "List this many of the latest deliveries.")
    var last: Int?

    @Option(help: "Look at this day alone (yyyy-mm-dd, UTC).")
    var day: String?

    @Option(help: "How many days to look back.")
    var days = 7

    @Flag(help: "Go on, and list what comes, until Ctrl-C; with --last, what came before as well.")
    var follow = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if let day, !Self.isDay(day) {
            throw ValidationError("--day: expected yyyy-mm-dd, found '\(day)'")
        }
        if days < 1 || last ?? 1 < 1 {
            throw ValidationError("--days and --last: expected a number of at least 1")
        }
        if delivery == nil, last == nil, day == nil, !follow {
            throw ValidationError(
                "name a delivery or a file, or list some with --last, --day or --follow"
            )
        }
        if delivery == "" { throw ValidationError("the delivery's id is empty") }
        if follow, delivery != nil || day != nil {
            throw ValidationError("--follow lists what comes: it takes no delivery and no --day")
        }
        if !isFile, !stack.isKnown {
            let what = delivery.map { "there is no file '\($0)'; for a delivery" } ?? "for a list"
            throw ValidationError("\(what) name the stack with --stack or --bucket")
        }
    }

    /// Whether a text is a day of the calendar, as `yyyy-mm-dd`.
    static func isDay(_ text: String) -> Bool {
        text.utf8.count == 10 && Timestamp(iso8601: "\(text)T00:00:00Z") != nil
    }

    private var isFile: Bool {
        delivery.map { $0 == "-" || FileManager.default.fileExists(atPath: $0) } ?? false
    }

    func run() throws {
        guard !follow else { return try showWhatComes() }
        let report = try report()
        try output.show(report.json, report.lines)
    }

    private func report() throws -> WhyReport {
        if let delivery, isFile {
            let records = try SavedRecord.all(in: InputFile(delivery))
            return WhyReport(records: records, prefix: stack.keyPrefix)
        }
        let bucket = try stack.open()
        let search = RecordSearch(bucket, day: day, days: days, now: WallClock.system.now())
        guard let delivery else {
            let records = try search.latest(last ?? .max)
            guard !records.isEmpty else {
                StandardError.tell("no decision record in \(search.place)")
                throw ExitCode.found
            }
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

extension WhyCommand {
    /// Lists what comes, until it is interrupted: a look that fails is said once, and goes on.
    private func showWhatComes() throws {
        let options = stack
        var following = try RecordFollow { () throws(Failure) in try options.open() }
        if let last {
            try show(following.next().suffix(last), following.prefix)
        } else {
            try following.skip()
        }
        var failure: Failure?
        while true {
            WallClock.system.sleep(RecordFollow.interval)
            let records: [SavedRecord]
            do throws(Failure) {
                records = try following.next()
                failure = nil
            } catch {
                if failure != error { StandardError.tell("\(error)") }
                failure = error
                continue
            }
            try show(records[...], following.prefix)
        }
    }

    /// Prints records at once: lines for people, or with `--json` one object on each line.
    private func show(_ records: ArraySlice<SavedRecord>, _ prefix: String) throws(Failure) {
        guard !records.isEmpty else { return }
        let report = WhyReport(records: Array(records), isList: true, prefix: prefix)
        let lines =
            output.json
            ? report.objects.map { String(printableJSON: $0.encoded()) }
            : report.lines(output.terminal)
        try StandardOutput.write(lines: lines)
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
            let text = "\(record.summary): \(record.counts ?? "no rule")".printable
            guard let width = terminal.width else { return [head + text] }
            guard head.count + 50 > width else {
                return [head + text.cutInTheMiddle(to: width - head.count)]
            }
            return [head, "  " + text.cutInTheMiddle(to: width - 2)]
        }
    }

    /// The records as they came.
    var json: JSON { JSON(["records": .array(objects)]) }

    /// One object for each record.
    var objects: [JSON] {
        records.map {
            JSON(["place": .string($0.place), "record": $0.json, "results": $0.results?.json])
        }
    }
}

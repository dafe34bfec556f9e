import AWS
import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// `pointsman replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs a recorded change again: starts what has not started yet.",
        discussion: """
            Invokes evaluate with the change as it was handed over, by the rules as they are now, \
            waits, and prints the decisions. With --force everything starts again, under a new \
            delivery id.

            Start what did not start, now that the pipeline is there:
              pointsman replay 72d3162e-cc78-11e3-81ab-4c9367dc0958 --stack pointsman

            Everything once more:
              pointsman replay 72d3162e-cc78-11e3-81ab-4c9367dc0958 \\
                --stack pointsman --force

            Without the right to read the stack, name its bucket and its function:
              pointsman replay 72d3162e-cc78-11e3-81ab-4c9367dc0958 \\
                --bucket acme-pointsman \\
                --function pointsman-GitHubEventEvalFunction-0BFEE10014086

            Exit status: 0, done; 1, evaluate or a target failed; 2, it could not be done, or its \
            end is not known.
            """
    )

    @Argument(
        help: "The delivery's id, as GitHub shows it and the record is named; or its beginning."
    )
    var delivery: String

    @Option(
        help: ArgumentHelp(
            "The day of receipt, in UTC, of a delivery that has several records.",
            valueName: "yyyy-mm-dd"
        )
    )
    var day: String?

    @OptionGroup var stack: StackOptions

    @Option(
        help: ArgumentHelp(
            "With --bucket: the stack's output EvaluateFunctionArn, or the name at its end.",
            valueName: "arn or name"
        )
    )
    var function: String?

    @Flag(help: "Start everything again, even what has started.")
    var force = false

    @Flag(help: "Do not ask before --force.")
    var yes = false

    @OptionGroup var output: OutputOptions

    /// Milliseconds that it may take: the function's minute (`template.yaml`), and the way there.
    static let patience = 75_000

    func validate() throws {
        switch stack.place() {
        case nil: throw ValidationError("name the stack with --stack, or its bucket with --bucket")
        case .bucket where function == nil:
            throw ValidationError("with --bucket name the --function, or name the --stack")
        case .stack where function != nil:
            throw ValidationError("either --stack or --function: a stack names its own")
        case .bucket, .stack: break
        }
        guard !delivery.isEmpty else { throw ValidationError("the delivery's id is empty") }
        if let day, !WhyCommand.isDay(day) {
            throw ValidationError("--day: expected yyyy-mm-dd, found '\(day)'")
        }
    }

    func run() async throws {
        let bucket = try stack.open(attemptLimit: Self.patience)
        let recorded = try RecordedDelivery(delivery, on: day, in: bucket)
        var change = try recorded.change(in: bucket)
        if force {
            try Self.require(change)
            change = change.replayed(recorded.replays + 1)
            try confirm(change, recorded)
        }
        let saved: SavedRecord
        do throws(Failure) {
            saved = try Self.evaluate(change, bucket, function ?? bucket.evaluateFunction ?? "")
        } catch {
            guard error.description.hasPrefix(Self.failed) else { throw error }
            StandardError.tell(error.description)
            throw ExitCode.found
        }
        try output.show(saved.json) { saved.lines($0, prefix: bucket.prefix) }
        if saved.record.rules.contains(where: { $0.outcome == .failed }) { throw ExitCode.found }
    }

    /// Refuses what would be compared with itself: CodeCommit's triggers do not tell what a push
    /// has changed, so its commit is compared with the last that was evaluated.
    private static func require(_ change: Change) throws(Failure) {
        guard change.source == .codecommit, change.kind == .push, change.before == nil else {
            return
        }
        throw Failure(
            "--force cannot replay a push that a CodeCommit trigger told of: its changed paths are "
                + "those since the last commit that was evaluated, which is its own"
        )
    }

    /// Asks on a terminal; elsewhere there must be `--yes`.
    private func confirm(_ change: Change, _ recorded: RecordedDelivery) throws {
        guard !yes else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                "--force starts again what has started: say --yes where nobody can be asked"
            )
        }
        let question =
            "start everything again for \(recorded.delivery), as \(change.delivery)? [y/N] "
        StatusLine.clear()
        StandardError.write(Array(question.printable.utf8))
        guard ["y", "yes"].contains(readLine()?.lowercased()) else {
            throw Failure("nothing was started")
        }
    }

    /// What a message begins with if the function ran, and failed.
    private static let failed = "evaluate failed: "

    /// Invokes the function and waits for the record of what it did.
    static func evaluate(
        _ change: Change,
        _ bucket: Bucket,
        _ function: String
    ) throws(Failure) -> SavedRecord {
        let call = LambdaService.invoke(function, payload: EvaluateRequest.change(change).encoded())
        let deadline = Deadline(bucket.clock.now().adding(milliseconds: patience))
        let response: HTTPResponse
        StatusLine.show("waiting for evaluate, for up to \(Self.patience / 1_000) s")
        defer { StatusLine.clear() }
        do throws(CallError) {
            response = try bucket.client.send(call, deadline: deadline)
        } catch {
            guard error.mayHaveActed else { throw Failure("invoking evaluate: \(error)") }
            let key = bucket.keys.decision(on: change)
            throw Failure(
                "evaluate did not answer and may be running still (\(error)); its record will be \(key)"
            )
        }
        do throws(CallError) {
            let answer = try LambdaService.answer(of: call, response)
            if let record = SavedRecord(place: function, bytes: answer) { return record }
        } catch {
            throw Failure("\(failed)\(error.code): \(error.message)")
        }
        throw Failure("\(failed)UnreadableAnswer: it returned no decision record")
    }
}

/// A delivery that was evaluated before: its decision record, and how often it was replayed.
struct RecordedDelivery {
    /// The whole id.
    let delivery: String
    let saved: SavedRecord
    /// How many replays of it have a record of their own.
    let replays: Int

    /// Days that are searched: as long as changes are kept (`template.yaml`), and a day more.
    static let days = 22

    /// Finds the newest record of a delivery, by its id or a beginning that no other has.
    ///
    /// - Parameter day: The day of receipt; without it the latest day that has one.
    init(_ named: String, on day: String? = nil, in bucket: Bucket) throws(Failure) {
        let search = RecordSearch(bucket, day: day, days: Self.days, now: bucket.clock.now())
        let records = try search.records(of: named)
        let names = records.map { Self.name($0.place) }
        // What begins with another's id and goes on is a replay of that one.
        let found =
            names.contains(named)
            ? [named]
            : names.filter { name in
                !names.contains { Self.replay(of: $0, name) != nil }
            }
        guard let delivery = found.first, let index = names.firstIndex(of: delivery) else {
            if let day { throw Failure("no record of delivery \(named) on \(day)") }
            throw Failure(
                "no record of delivery \(named) in the last \(Self.days) days, which is as long "
                    + "as changes are kept"
            )
        }
        guard found.count == 1 else {
            throw Failure(
                "\(found.count) deliveries begin with '\(named)': "
                    + found.sorted().prefix(5).joined(separator: ", ")
            )
        }
        self.delivery = delivery
        saved = records[index]
        replays = names.compactMap { Self.replay(of: delivery, $0) }.max() ?? 0
    }

    /// Reads the record with a key: of two records of one delivery this one.
    init(recordedAt key: String, in bucket: Bucket) throws(Failure) {
        guard let bytes = try bucket.contents(of: [key])[0] else {
            throw Failure("the record \(key) is gone")
        }
        guard let record = SavedRecord(place: key, bytes: bytes) else {
            throw Failure("\(key) is no decision record")
        }
        (delivery, saved, replays) = (Self.name(key), record, 0)
    }

    /// What a record is called: the delivery's id, of a replay with its number.
    private static func name(_ key: String) -> String {
        String((key.split(separator: "/").last ?? "").dropLast(".json".count))
    }

    /// The change as it was handed over, under this delivery's id.
    func change(in bucket: Bucket) throws(Failure) -> Change {
        let record = saved.record
        guard let key = record.changeKey else {
            throw Failure(
                "\(saved.place) names no kept change: it was written before changes were kept, or "
                    + "this one could not be"
            )
        }
        guard let bytes = try bucket.contents(of: [key])[0] else {
            throw Failure("the change \(key) is gone: changes are kept for 21 days")
        }
        let handOver: EvaluateRequest
        do throws(ParsingError) {
            handOver = try EvaluateRequest(bytes)
        } catch {
            throw Failure("reading \(key): \(error)")
        }
        guard case .change(var change) = handOver else { throw Failure("\(key) holds no change") }
        guard record.isAbout(change) else { throw Failure("\(key) is another change") }
        // A redelivery of the same body is kept in the same place, under its own id and time.
        change.delivery = record.change["delivery"]?.string ?? change.delivery
        let received = record.change.timestamp("receivedAt")
        change.receivedAt = received ?? change.receivedAt
        return change
    }

    /// The number of a replay, by its record's name.
    private static func replay(of delivery: String, _ name: String) -> Int? {
        guard name.hasPrefix("\(delivery)-replay-") else { return nil }
        return Int(name.dropFirst("\(delivery)-replay-".count))
    }
}

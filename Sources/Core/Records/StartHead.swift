internal import Codec

/// The newest change that a rule has started for one scope: the object at
/// ``BucketKeys/head(ofRule:scope:)``.
package struct StartHead: Equatable, Sendable {
    var eventTime: Timestamp
    var delivery: String
    /// Its commit; of an image, `namespace/image:tag`.
    var after: String
    var start: String
    var answer: String
    /// What was started for the scope was ended: the pull request was closed.
    var isEnd = false
    /// What may run for the scope, the newest last; empty but for rules with `Supersede`.
    var runs: [HeadRun] = []

    /// How many runs are kept: so many are hardly under way at the same time.
    private static let mostRuns = 20

    init(_ start: Start, at eventTime: Timestamp, of change: Change, answer: String) {
        self.eventTime = eventTime
        self.delivery = change.delivery
        self.after = change.after ?? "\(change.repository):\(change.tag ?? "")"
        self.start = start.identity
        self.answer = answer
        isEnd = start.endsRuns
        if case .pullRequestPipeline(let pipeline) = start.action {
            isEnd = pipeline.act == .remove
        }
    }

    /// The head once a start with `Supersede` has ended: it or the one that is there, and what may
    /// run.
    ///
    /// - Parameters:
    ///   - found: what is there.
    ///   - run: what was started.
    ///   - stopped: the earlier runs that were to be stopped. One that is not among them, since another
    ///     invocation has added it at the same moment, is left to the next change.
    func superseding(_ found: StartHead?, run: HeadRun?, stopped: [StoppedRun]) -> StartHead {
        var runs: [HeadRun] = []
        for var run in found?.runs ?? [] {
            if let stop = stopped.last(where: { isSame($0.name.text, run.name.text) }) {
                guard stop.isPending else { continue }
                run.isDue = true
            }
            runs.append(run)
        }
        if let run, !runs.contains(where: { isSame($0.name.text, run.name.text) }) {
            runs.append(run)
        }
        var head = self
        if let found, found.eventTime >= eventTime { head = found }
        head.runs = Array(runs.suffix(Self.mostRuns))
        return head
    }

    /// Why an older change is not started.
    var reason: String { "a newer change was started: \(after) at \(Self.text(eventTime))" }

    /// ISO 8601; with milliseconds only where there are some.
    private static func text(_ time: Timestamp) -> String {
        time.milliseconds % 1_000 == 0 ? time.iso8601 : time.iso8601Milliseconds
    }

    /// The head as it is stored: a JSON object.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("eventTime", Self.text(eventTime))
            json.member("delivery", delivery)
            json.member("after", after)
            json.member("start", start)
            json.member("answer", answer)
            if isEnd { json.member("ended", true) }
            if !runs.isEmpty { json.objects("runs", runs) { $1.write(to: &$0) } }
        }
        return json.bytes
    }

    /// Reads a head; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes),
            let eventTime = json.timestamp("eventTime")
        else { return nil }
        self.eventTime = eventTime
        self.delivery = json["delivery"]?.string ?? ""
        self.after = json["after"]?.string ?? ""
        self.start = json["start"]?.string ?? ""
        self.answer = json["answer"]?.string ?? ""
        self.isEnd = json["ended"]?.bool ?? false
        self.runs = (json["runs"]?.array ?? []).compactMap { HeadRun($0) }
    }
}

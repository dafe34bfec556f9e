import Codec
import Core

/// How the runs of a record have ended, and what was said of it at the commit.
struct RunResults {
    private struct Result {
        var context: String
        var run: RunRecord?
        var status: StatusRecord?
    }

    private var results: [ByteKey: Result] = [:]
    private var order: [ByteKey] = []

    /// Reads what `report` has kept of the rules that have a status; `nil` if none has one.
    init?(of record: SavedRecord, in bucket: Bucket) throws(Failure) {
        try self.init(of: record, keys: bucket.keys, bucket.contents)
    }

    /// - Parameter contents: Reads objects by their whole keys; `nil` for one that is not there.
    init?(
        of record: SavedRecord,
        keys: BucketKeys,
        _ contents: (_ keys: [String]) throws(Failure) -> [[UInt8]?]
    ) throws(Failure) {
        guard
            let source = record.change("source").flatMap(Change.Source.init(rawValue:)),
            let repository = record.change("repository"), let sha = record.change("after")
        else { return nil }
        let rules = record.record.rules.filter { $0.status != nil }
        guard !rules.isEmpty else { return nil }
        let statuses = rules.map { rule in
            keys.status(
                of: sha,
                in: repository,
                of: source,
                context: rule.status ?? ""
            )
        }
        let found = try contents(statuses)
        let started = rules.filter { $0.run != nil }
        let runs = try contents(started.compactMap { $0.run.map(keys.run) })
        for (rule, content) in zip(rules, found) {
            let status = content.flatMap { StatusRecord(parsing: $0) }
            let key = ByteKey(rule.ruleKey)
            order.append(key)
            results[key] = Result(context: rule.status ?? "", status: status)
        }
        for (rule, content) in zip(started, runs) {
            results[ByteKey(rule.ruleKey)]?.run = content.flatMap { RunRecord(parsing: $0) }
        }
    }

    /// `run: FAILED at 2026-…`, `status ci/api: failure, CodePipeline api failed`.
    func words(of rule: RuleOutcome) -> [String] {
        guard let result = results[ByteKey(rule.ruleKey)] else { return [] }
        var words: [String] = []
        if let progress = result.run?.progress {
            let attempt = progress.attempt > 1 ? ", attempt \(progress.attempt)" : ""
            words.append(
                "run: \(progress.state.rawValue) at \(progress.time.iso8601)\(attempt)"
            )
        }
        guard let status = result.status else {
            return words + ["status \(result.context): none was set"]
        }
        let said = status.wanted.status
        var line = "status \(result.context): \(said.state.rawValue), \(said.description)"
        if let refusal = status.refusal {
            line += " (refused: \(refusal))"
        } else if !status.isSet {
            line += " (not set yet)"
        }
        return words + [line]
    }

    /// The console's page of a rule's run, if the run is kept.
    ///
    /// The object is what a writer to the bucket has made it: a region that is none would make the address
    /// another host's.
    func consoleURL(of rule: RuleOutcome) -> String? {
        let url = results[ByteKey(rule.ruleKey)]?.run?.consoleURL
        return url.flatMap { $0.firstMatch(of: Self.console) == nil ? nil : $0 }
    }

    private static var console: Regex<Substring> {
        /^https:\/\/[a-z0-9-]+\.console\.[a-z.-]+\/codesuite\//
    }

    /// One object for each rule that has a status.
    var json: JSON {
        .array(
            order.compactMap { key in
                results[key].map { result in
                    JSON([
                        "rule": .string(key.text),
                        "context": .string(result.context),
                        "run": (result.run?.progress.state.rawValue).map(JSON.string),
                        "runTime": (result.run?.progress.time.iso8601).map(JSON.string),
                        "attempt": (result.run?.progress.attempt).map(JSON.int),
                        "status": (result.status?.wanted.status.state.rawValue).map(JSON.string),
                        "description": (result.status?.wanted.status.description)
                            .map(JSON.string),
                        "set": (result.status?.isSet).map(JSON.bool),
                        "refusal": (result.status?.refusal).map(JSON.string),
                    ])
                }
            }
        )
    }
}

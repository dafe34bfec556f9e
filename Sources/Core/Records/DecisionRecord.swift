package import Codec

/// Why each pipeline did or did not start for one change: the object at
/// `{S3_PREFIX}/decisions/{yyyy-mm-dd}/{delivery}.json`, the return value of
/// `evaluate` and its one log line.
package struct DecisionRecord: Equatable, Sendable {
    /// The change, without its paths.
    package var change: ChangeSummary
    /// The S3 key under which the whole change is kept, to be run again; absent where it is not.
    package var changeKey: String?
    /// What became of each rule considered, in the order of their keys.
    package var rules: [RuleOutcome]
    /// The attempts that were made on the change, oldest first, the latest 20.
    package var attempts: [Attempt]

    /// One run of `evaluate` on the change.
    package struct Attempt: Equatable, Sendable {
        /// When it had decided.
        package var at: Timestamp
        /// The Lambda request that ran it.
        package var requestID: String
        /// How many targets it started.
        package var started: Int
        /// How many targets it could not start.
        package var failed: Int

        /// Counts the outcomes of one attempt.
        package init(at: Timestamp, requestID: String, rules: [RuleOutcome]) {
            self.at = at
            self.requestID = requestID
            self.started = rules.count { $0.outcome == .started }
            self.failed = rules.count { $0.outcome == .failed }
        }
    }

    static let attemptsKept = 20

    /// The record of one attempt.
    package init(
        change: Change,
        changeKey: String? = nil,
        rules: [RuleOutcome],
        at now: Timestamp,
        requestID: String
    ) {
        self.change = ChangeSummary(change)
        self.changeKey = changeKey
        self.rules = rules
        self.attempts = [Attempt(at: now, requestID: requestID, rules: rules)]
    }

    /// Where the record of a change lies below `S3_PREFIX`; the day is that of receipt, in UTC.
    package static func key(of change: Change) -> String {
        "decisions/\(change.receivedAt.day)/\(change.delivery).json"
    }

    /// Where it lies instead when another change has taken that key.
    ///
    /// A delivery's id is not signed: whoever repeats a signed body may give it the id of
    /// another delivery, whose record must stay.
    package static func otherKey(of change: Change) -> String {
        "decisions/\(change.receivedAt.day)/\(change.delivery)-\(change.identity.body).json"
    }

    /// Whether the record is about that change, and not only about a delivery of the same id.
    package func isAbout(_ change: Change) -> Bool {
        self.change.json["body"]?.string == change.identity.body
    }

    /// This attempt's record together with what earlier ones started.
    ///
    /// What was started stays on record as `started`, also where its rule has
    /// since been changed or removed.
    package func keeping(_ earlier: DecisionRecord) -> DecisionRecord {
        var startedBefore: [ByteKey: RuleOutcome] = [:]
        for rule in earlier.rules where rule.outcome == .started {
            startedBefore[ByteKey(rule.ruleKey)] = rule
        }
        var record = self
        for index in record.rules.indices {
            let key = ByteKey(record.rules[index].ruleKey)
            guard let before = startedBefore.removeValue(forKey: key),
                record.rules[index].outcome != .started
            else { continue }
            record.rules[index] = before
        }
        record.changeKey = changeKey ?? earlier.changeKey
        record.rules += earlier.rules.filter { startedBefore[ByteKey($0.ruleKey)] != nil }
        record.attempts = Array((earlier.attempts + attempts).suffix(Self.attemptsKept))
        return record
    }
}

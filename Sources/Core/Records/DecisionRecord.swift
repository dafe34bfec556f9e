package import Codec

/// Why each pipeline did or did not start for one change: the object at
/// `{S3_PREFIX}/decisions/{yyyy-mm-dd}/{delivery}.json`, the return value of
/// `evaluate` and its one log line.
package struct DecisionRecord: Equatable, Sendable {
    /// The change, without its paths.
    package var change: JSON
    /// The S3 key under which the whole change is kept, to be run again; absent where it is not.
    package var changeKey: String?
    /// What became of each rule considered, in the order of their keys.
    package var rules: [RuleOutcome]
    /// The runs that were made on the change, oldest first, the latest 20.
    package var attempts: [Attempt]

    /// One run of `evaluate` on the change.
    package struct Attempt: Equatable, Sendable {
        /// When it had decided.
        package var at: Timestamp
        /// The Lambda request that ran it.
        var requestID: String
        package var started: Int
        package var failed: Int

        init(at: Timestamp, requestID: String, rules: [RuleOutcome]) {
            self.at = at
            self.requestID = requestID
            self.started = rules.count { $0.outcome == .started }
            self.failed = rules.count { $0.outcome == .failed }
        }
    }

    static let attemptsKept = 20

    init(
        change: Change,
        changeKey: String? = nil,
        rules: [RuleOutcome],
        at now: Timestamp,
        requestID: String
    ) {
        self.change = change.recorded
        self.changeKey = changeKey
        self.rules = rules
        self.attempts = [Attempt(at: now, requestID: requestID, rules: rules)]
    }

    /// Whether the record is about that change, and not only about a delivery of the same id.
    package func isAbout(_ change: Change) -> Bool {
        self.change["body"]?.string == change.bodyDigest.hex
    }

    /// This run's record together with what earlier ones started.
    ///
    /// What was started stays on record as `started`, also where its rule has
    /// since been changed or removed.
    func keeping(_ earlier: DecisionRecord) -> DecisionRecord {
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
            let superseded = before.superseded.merged(with: record.rules[index].superseded)
            record.rules[index] = before
            record.rules[index].superseded = superseded
        }
        record.changeKey = changeKey ?? earlier.changeKey
        record.rules += earlier.rules.filter { startedBefore[ByteKey($0.ruleKey)] != nil }
        record.attempts = Array((earlier.attempts + attempts).suffix(Self.attemptsKept))
        return record
    }
}

extension DecisionRecord {
    /// Bytes of a log line at the most.
    ///
    /// CloudWatch Logs takes events of at most 256 KB (its quotas, before they were raised).
    static let largestLogLine = 200_000
    /// Bytes of `evaluate`'s return value at the most: Lambda takes 6 MB (its quotas).
    static let largestAnswer = 6_000_000

    /// Bytes of the object at the most, which another run reads as a whole.
    static let largestObject = 6_000_000

    /// The record as a JSON object, shortened like the log line.
    func encoded() -> [UInt8] {
        encoded(within: Self.largestObject)
    }

    /// The record for the log: rules that are not concerned, then all, are only counted where it
    /// grows too long.
    var logLine: [UInt8] {
        encoded(within: Self.largestLogLine)
    }

    /// The record as `evaluate` returns it, shortened like the log line.
    var answer: [UInt8] {
        encoded(within: Self.largestAnswer)
    }

    private func encoded(within limit: Int) -> [UInt8] {
        written(within: limit) { _ in true }
            ?? written(within: limit) {
                $0.outcome != .skipped || $0.answer != nil || $0.status != nil
            }
            ?? written(within: .max) { _ in false } ?? []
    }

    /// The record with some of its rules; `nil`, and no more is written, where it is longer.
    private func written(within limit: Int, showing isShown: (RuleOutcome) -> Bool) -> [UInt8]? {
        var json = JSONWriter()
        json.object { json in
            json.member("change", change)
            json.member("changeKey", changeKey)
            json.object("counts") { json in
                for outcome in RuleOutcome.Outcome.allCases {
                    let count = rules.count { $0.outcome == outcome }
                    if count > 0 { json.member(outcome.rawValue, count) }
                }
            }
            json.array("rules") { json in
                for rule in rules where json.bytes.count <= limit && isShown(rule) {
                    rule.write(to: &json)
                }
            }
            json.objects("attempts", attempts) { json, attempt in attempt.write(to: &json) }
        }
        return json.bytes.count <= limit ? json.bytes : nil
    }

    /// Reads a record that an earlier run wrote; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let change = json["change"],
            let rules = json["rules"]?.array, let attempts = json["attempts"]?.array
        else { return nil }
        self.change = change
        self.changeKey = json["changeKey"]?.string
        self.rules = rules.compactMap(RuleOutcome.init(json:))
        self.attempts = attempts.compactMap(Attempt.init(json:))
    }
}

extension DecisionRecord.Attempt {
    func write(to json: inout JSONWriter) {
        json.member("at", at.iso8601Milliseconds)
        json.member("requestId", requestID)
        json.member("started", started)
        json.member("failed", failed)
    }

    init?(json: JSON) {
        guard let at = json.timestamp("at"),
            let requestID = json["requestId"]?.string, let started = json["started"]?.int,
            let failed = json["failed"]?.int
        else { return nil }
        self.at = at
        self.requestID = requestID
        self.started = started
        self.failed = failed
    }
}

extension RuleOutcome {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("rule", ruleKey)
            json.member("outcome", outcome.rawValue)
            json.member("clause", clause)
            if let path { json.utf8("path", path.utf8) }
            json.member("pattern", pattern)
            json.member("reason", reason)
            json.member("answer", answer)
            if willBeRetried { json.member("willBeRetried", true) }
            json.member("status", status)
            json.member("run", run?.text)
            if !superseded.isEmpty {
                json.objects("superseded", superseded) { $1.write(to: &$0) }
            }
        }
    }

    init?(json: JSON) {
        guard let ruleKey = json["rule"]?.string,
            let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
            let clause = json["clause"]?.string, let reason = json["reason"]?.string
        else { return nil }
        self.ruleKey = ruleKey
        self.outcome = outcome
        self.clause = clause
        self.path = (json["path"]?.string).map { Path(utf8: Array($0.utf8)) }
        self.pattern = json["pattern"]?.string
        self.reason = reason
        self.answer = json["answer"]?.string
        self.willBeRetried = json["willBeRetried"]?.bool ?? false
        self.status = json["status"]?.string
        self.run = json["run"]?.string.flatMap(RunName.init)
        self.superseded = (json["superseded"]?.array ?? []).compactMap { StoppedRun($0) }
    }
}

/// What became of one rule for one change, and why.
package struct RuleOutcome: Equatable, Sendable {
    package enum Outcome: String, Equatable, Sendable, CaseIterable {
        case started
        /// The target was started by an earlier run on the same change.
        case alreadyStarted = "already-started"
        /// The target was there already.
        case unchanged
        /// The rule does not concern this change, or the target's server declined it.
        case skipped
        case failed
        case invalid
    }

    package var ruleKey: String
    package var outcome: Outcome
    package var clause: String
    /// The first changed path that decided, where paths did.
    var path: Path?
    /// The pattern that decided, where one did.
    var pattern: String?
    package var reason: String
    /// What the target answered: an execution id, or why it did not start.
    package var answer: String?
    /// It failed in a way that may pass: another run will be made.
    package var willBeRetried = false
    /// The context of the status that says what became of it; `nil` for none.
    package var status: String?
    /// The run that was started, now or by an earlier attempt, if it has a status or may be superseded.
    package var run: RunName?
    /// What became of earlier runs of the pull request, whose place it takes.
    package var superseded: [StoppedRun] = []

    /// The outcome of a decision not to start.
    init(_ decision: Decision) {
        self.init(decision, .skipped)
        switch decision.outcome {
        case .invalid: outcome = .invalid
        case .unread:
            outcome = .failed
            willBeRetried = true
        case .start, .skipped: break
        }
    }

    /// The outcome of a start that was called for.
    init(_ decision: Decision, _ result: StartResult) {
        switch result {
        case .started(let answer, _): self.init(decision, .started, answer: answer)
        case .alreadyStarted(let answer, _): self.init(decision, .alreadyStarted, answer: answer)
        case .unchanged(let found): self.init(decision, .unchanged, answer: found)
        case .skipped(let words): self.init(decision, .skipped, answer: words)
        case .heldBack(let reason, let note):
            self.init(decision, .skipped, answer: note)
            clause = Clause.order.rawValue
            path = nil
            pattern = nil
            self.reason = reason
        case .refused(let words, _):
            self.init(decision, .failed, answer: words)
            clause = Clause.target.rawValue
        case .pending(let why), .lost(let why):
            self.init(decision, .failed, answer: why, willBeRetried: true)
        }
        run = result.run
    }

    /// What became of a rule, by the clause that decided.
    init(
        _ decision: Decision,
        _ outcome: Outcome,
        answer: String? = nil,
        willBeRetried: Bool = false
    ) {
        self.ruleKey = decision.ruleKey
        self.outcome = outcome
        self.clause = decision.clause.rawValue
        self.path = decision.path
        self.pattern = decision.pattern
        self.reason = decision.reason
        self.answer = answer
        self.willBeRetried = willBeRetried
        self.status = decision.status
    }
}

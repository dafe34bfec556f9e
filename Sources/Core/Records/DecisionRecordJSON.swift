internal import Codec

extension DecisionRecord {
    /// Bytes of a log line at the most.
    ///
    /// CloudWatch Logs takes events of at most 256 KB (its quotas, before they were raised).
    static let largestLogLine = 200_000
    /// Bytes of `evaluate`'s return value at the most: Lambda takes 6 MB (its quotas).
    static let largestAnswer = 6_000_000

    /// Bytes of the object at the most, which another attempt reads as a whole.
    static let largestObject = 6_000_000

    /// The record as a JSON object, shortened like the log line.
    package func encoded() -> [UInt8] {
        encoded(within: Self.largestObject)
    }

    /// The record for the log: rules that are not concerned, then all, are only counted where it
    /// grows too long.
    package var logLine: [UInt8] {
        encoded(within: Self.largestLogLine)
    }

    /// The record as `evaluate` returns it, shortened like the log line.
    package var answer: [UInt8] {
        encoded(within: Self.largestAnswer)
    }

    private func encoded(within limit: Int) -> [UInt8] {
        written(within: limit) { _ in true }
            ?? written(within: limit) { $0.outcome != .skipped || $0.answer != nil }
            ?? written(within: .max) { _ in false } ?? []
    }

    /// The record with some of its rules; `nil`, and no more is written, where it is longer.
    private func written(
        within limit: Int,
        showing isShown: (RuleOutcome) -> Bool
    ) -> [UInt8]? {
        var json = JSONWriter()
        json.object { json in
            json.key("change")
            json.value(change.json)
            json.member("changeKey", changeKey)
            json.key("counts")
            json.object { json in
                for outcome in RuleOutcome.Outcome.allCases {
                    let count = rules.count { $0.outcome == outcome }
                    if count > 0 { json.member(outcome.rawValue, count) }
                }
            }
            json.key("rules")
            json.array { json in
                for rule in rules where json.bytes.count <= limit && isShown(rule) {
                    rule.write(to: &json)
                }
            }
            json.key("attempts")
            json.array { json in
                for attempt in attempts { attempt.write(to: &json) }
            }
        }
        return json.bytes.count <= limit ? json.bytes : nil
    }

    /// Reads a record that an earlier attempt wrote; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let change = json["change"],
            let rules = json["rules"]?.array, let attempts = json["attempts"]?.array
        else { return nil }
        self.change = ChangeSummary(json: change)
        self.changeKey = json["changeKey"]?.string
        self.rules = rules.compactMap(RuleOutcome.init(json:))
        self.attempts = attempts.compactMap(Attempt.init(json:))
    }
}

extension DecisionRecord.Attempt {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("at", at.iso8601Milliseconds)
            json.member("requestId", requestID)
            json.member("started", started)
            json.member("failed", failed)
        }
    }

    init?(json: JSON) {
        guard let at = json["at"]?.string.flatMap(Timestamp.init(iso8601:)),
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
            if let path {
                json.key("path")
                json.utf8(path.utf8)
            }
            json.member("pattern", pattern)
            json.member("reason", reason)
            json.member("answer", answer)
            if willBeRetried { json.member("willBeRetried", true) }
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
    }
}

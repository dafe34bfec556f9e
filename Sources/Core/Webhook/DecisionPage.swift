import Codec

/// What the answer to a delivery shows besides, for whoever looks at it in GitHub's "Recent
/// deliveries": what was decided, or where that will be written.
package struct DecisionPage: Equatable, Sendable {
    /// What the page shows, for the end of the answer's reason.
    let reason: String
    /// The members that follow those of every answer.
    let members: [JSON.Member]

    /// Bytes of rules at the most: what a person reads, far below what API Gateway takes (10 MB).
    static let largestRules = 40_000

    /// The outcomes in the order in which they are shown: what somebody looks for comes first.
    private static let order: [RuleOutcome.Outcome] = [
        .started, .failed, .invalid, .alreadyStarted, .unchanged, .skipped,
    ]

    /// What `evaluate` has answered; `nil` where that is no decision record.
    ///
    /// - Parameter key: where the record lies.
    package init?(decided answer: [UInt8], key: String) {
        guard let json = try? JSON(parsing: answer), let rules = json["rules"]?.array,
            let counts = json["counts"]
        else { return nil }
        var shown: [JSON] = []
        var size = 0
        var leftOut: [JSON.Member] = []
        var totals: [String] = []
        for outcome in Self.order {
            guard let total = counts[outcome.rawValue]?.int, total > 0 else { continue }
            totals.append("\(total) \(outcome.rawValue)")
            var count = 0
            for rule in rules where isSame(rule["outcome"]?.string ?? "", outcome.rawValue) {
                let rule = Self.clauseFirst(rule)
                size += rule.indented().count
                guard size <= Self.largestRules else { break }
                shown.append(rule)
                count += 1
            }
            if count < total {
                leftOut.append(JSON.Member(key: outcome.rawValue, value: .int(total - count)))
            }
        }
        reason = totals.isEmpty ? "no rule is about it" : totals.joined(separator: ", ")
        var members = [
            JSON.Member(key: "record", value: .string(key)),
            JSON.Member(key: "rules", value: .array(shown)),
        ]
        if !leftOut.isEmpty {
            members.append(JSON.Member(key: "leftOut", value: .object(leftOut)))
        }
        self.members = members
    }

    /// The evaluation goes on, or is made again: the record is to come.
    ///
    /// - Parameters:
    ///   - reason: why there are no decisions yet
    ///   - key: where the record will lie
    package init(pending reason: String, key: String) {
        self.reason = reason
        self.members = [JSON.Member(key: "record", value: .string(key))]
    }

    /// The members that tell most come first.
    private static func clauseFirst(_ rule: JSON) -> JSON {
        let first = ["clause", "outcome", "rule"]
        let members = rule.members ?? []
        return .object(
            first.compactMap { key in members.first { isSame($0.key, key) } }
                + members.filter { member in !first.contains { isSame($0, member.key) } }
        )
    }
}

import Testing

@testable import Core

/// One row: a rule, a change, and the decision on it.
struct DecisionRow: CustomTestStringConvertible, Sendable {
    var rule: String
    var change: Change
    var outcome: Decision.Outcome
    var clause: String
    var path: String?
    var pattern: String?
    var reason: String

    var testDescription: String { "\(rule): \(reason)" }

    init(
        _ rule: String,
        _ change: Change,
        _ outcome: Decision.Outcome,
        _ clause: String,
        _ reason: String,
        path: String? = nil,
        pattern: String? = nil
    ) {
        self.rule = rule
        self.change = change
        self.outcome = outcome
        self.clause = clause
        self.path = path
        self.pattern = pattern
        self.reason = reason
    }

    func expect(_ decisions: [Decision]) {
        #expect(decisions.count == 1)
        guard let decision = decisions.first else { return }
        #expect(decision.outcome == outcome)
        #expect(decision.clause.rawValue == clause)
        #expect(decision.path == path.map { Path(utf8: [UInt8]($0.utf8)) })
        #expect(decision.pattern == pattern)
        #expect(decision.reason == reason)
        #expect((decision.target != nil) == (outcome == .start))
    }
}

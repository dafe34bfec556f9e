import Foundation
import Trigger

/// The decisions of a record, a line for each rule.
struct DecisionLines {
    let record: DecisionRecord

    init(_ record: DecisionRecord) {
        self.record = record
    }

    func lines(on terminal: Terminal) -> [String] {
        if record.rules.isEmpty { return ["  no rule is about this repository"] }
        return record.rules.map { rule in
            var text = "  "
            text += terminal.styled(
                rule.outcome.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0),
                rule.outcome.style
            )
            text += RulesWatch.name(rule.ruleKey) + ": \(rule.reason)"
            if let answer = rule.answer { text += " → \(answer)" }
            return text
        }
    }
}

extension RuleOutcome.Outcome {
    fileprivate var style: Style {
        switch self {
        case .started, .alreadyStarted, .unchanged: .green
        case .skipped: .dim
        case .failed, .invalid: .red
        }
    }
}

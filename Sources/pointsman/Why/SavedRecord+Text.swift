import Codec
import Trigger

extension SavedRecord {
    /// The record for people.
    func lines(_ terminal: Terminal, prefix: String) -> [String] {
        var lines = [terminal.styled(summary.printable, .bold)]
        var details: [String] = []
        if let after = change("after") { details.append(String(after.prefix(7))) }
        if let actor = change("actor") { details.append("by \(actor)") }
        details.append("received \(receivedAt), delivery \(delivery)")
        lines += details.joined(separator: " ").printable.wrapped(to: terminal.width)
            .map { terminal.styled($0, .dim) }
        if let compared = change("comparedWith") {
            lines.append("compared with \(compared)".printable)
        }
        if record.rules.isEmpty { lines.append("no rule is named") } else { lines.append("") }
        lines += table(prefix: prefix).lines(terminal)
        lines += ["", terminal.styled(counts, .bold)]
        for attempt in record.attempts.suffix(record.attempts.count > 1 ? 20 : 0) {
            lines.append(
                "attempt \(attempt.at.iso8601Milliseconds): \(attempt.started) started, "
                    + "\(attempt.failed) failed"
            )
        }
        return lines
    }

    /// The rules and what became of each.
    func table(prefix: String) -> RuleTable {
        RuleTable(rows: ordered.map { row($0, prefix) })
    }

    /// Those that did something first, in the order of their keys.
    private var ordered: [RuleOutcome] {
        let order: [RuleOutcome.Outcome] = [
            .started, .alreadyStarted, .unchanged, .failed, .invalid, .skipped,
        ]
        return order.flatMap { outcome in record.rules.filter { $0.outcome == outcome } }
    }

    /// The name of a rule: without the repository, which is the change's.
    private func name(of rule: RuleOutcome, _ prefix: String) -> String {
        let name = RuleName.short(rule.ruleKey, prefix: prefix)
        let repository = (change("repository") ?? "").lowercased()
        let folder = "\(change("source") ?? "")/\(repository)/"
        return name.hasPrefix(folder) ? String(name.dropFirst(folder.count)) : name
    }

    private func row(_ rule: RuleOutcome, _ prefix: String) -> RuleTable.Row {
        var notes: [String] = []
        if let answer = rule.answer { notes.append("answer: \(answer)") }
        if rule.willBeRetried { notes.append("it is tried again") }
        return RuleTable.Row(
            outcome: rule.outcome.rawValue,
            style: rule.outcome.style,
            rule: name(of: rule, prefix),
            clause: rule.clause,
            reason: rule.reason,
            notes: notes
        )
    }
}

extension RuleOutcome.Outcome {
    /// How it stands out.
    var style: Style {
        switch self {
        case .started, .alreadyStarted, .unchanged: .green
        case .skipped: .yellow
        case .failed, .invalid: .red
        }
    }
}

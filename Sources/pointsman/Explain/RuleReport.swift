import Codec
import Core

/// What one rule says about one change, clause by clause.
struct RuleReport {
    private let change: Change
    private let entry: RuleFolder.Entry
    private let trace: Trace
    private let nearest: String?

    /// How many changed paths of each kind are named.
    private static let pathLimit = 10

    init(_ change: Change, _ entry: RuleFolder.Entry) {
        self.change = change
        self.entry = entry
        trace = Trace(entry.rule, change, pathLimit: Self.pathLimit)
        nearest = trace.decision.flatMap {
            NearMiss(change, $0, entry.rule, NearestPath(change.paths.paths)).words
        }
    }

    /// What `evaluate` decides; `nil` if it would not look at the rule.
    var decision: Decision? { trace.decision }

    /// The clauses, then the paths, then the decision.
    func lines(_ terminal: Terminal) -> [String] {
        let rule = "rule \(entry.name(prefix: RuleFolder.prefix))"
        var lines = [
            terminal.styled(change.summary.printable, .bold),
            terminal.styled("\(rule), \(entry.file)".printable, .dim), "",
        ]
        for step in trace.steps { lines += self.lines(step, terminal) }
        if let paths = trace.paths { lines += self.lines(paths, terminal) }
        lines.append("")
        guard let decision else {
            return lines + ["not looked at: it is about another repository or branch"]
        }
        let verdict = "\(decision.word) by \(decision.clause.rawValue): \(decision.reason)"
            .printable
        let text = verdict.wrapped(to: terminal.width)
        lines += text.map { terminal.styled($0, decision.style) }
        if let nearest { lines += nearest.printable.wrapped(to: terminal.width) }
        if let stops = decision.stopWords(for: change) { lines.append(stops) }
        if let status = decision.statusWords(for: change) {
            lines += status.printable.wrapped(to: terminal.width)
        }
        return lines
    }

    private func lines(_ step: Trace.Step, _ terminal: Terminal) -> [String] {
        let width = trace.steps.map(\.clause.rawValue.count).max() ?? 0
        let role = step.role.rawValue.padded(to: 14)
        let name = step.clause.rawValue.padded(to: width)
        let head = terminal.styled(role, step.role.style) + " " + name
        let indent = 15 + width + 2
        let text = "wants \(step.wants); has \(step.has)".printable
            .wrapped(to: terminal.width.map { max(20, $0 - indent) })
        return text.enumerated().map { index, line in
            index == 0 ? "\(head)  \(line)" : String(repeating: " ", count: indent) + line
        }
    }

    private func lines(_ paths: Trace.Paths, _ terminal: Terminal) -> [String] {
        var lines = ["", terminal.styled("changed paths", .dim)]
        func add(_ mark: String, _ matches: Trace.PathMatches, _ style: Style) {
            for match in matches.named {
                var why: [String] = []
                if let included = match.included {
                    why.append("by \(included.isEmpty ? "the empty expression" : included)")
                }
                if let excluded = match.excluded { why.append("excluded by \(excluded)") }
                let words = why.joined(separator: ", ").printable
                let room = terminal.width.map { max(20, $0 - 15 - words.count - 2) } ?? .max
                let path = match.path.text.printable.cutInTheMiddle(to: room)
                let line = path + (words.isEmpty ? "" : "  \(words)")
                lines.append(terminal.styled(mark.padded(to: 14), style) + " " + line)
            }
            let more = matches.count - matches.named.count
            if more > 0 { lines.append("".padded(to: 15) + "… \(andMore(more))") }
        }
        add("matches", paths.matching, .green)
        add("excluded", paths.excluded, .red)
        add("no match", paths.others, .dim)
        return lines
    }

    var json: JSON {
        let clauses = trace.steps.map { step in
            JSON([
                "clause": .string(step.clause.rawValue),
                "wants": .string(step.wants),
                "has": .string(step.has),
                "role": .string(step.role.rawValue),
            ])
        }
        let head = JSON(["change": change.recorded, "file": .string(entry.file)])
        let decided = decision?.json ?? JSON(["rule": .string(entry.rule.key)])
        return JSON.object((head.members ?? []) + (decided.members ?? [])).adding([
            "stopsRuns": decision?.stopWords(for: change) == nil ? nil : .bool(true),
            "status": decision.flatMap { $0.statusJSON(for: change) },
            "nearest": nearest.map(JSON.string),
            "clauses": .array(clauses),
            "paths": trace.paths?.json,
        ])
    }
}

extension Trace.Paths {
    fileprivate var json: JSON {
        let named = [matching, excluded, others].flatMap(\.named).map { match in
            JSON([
                "path": .string(match.path.text),
                "includedBy": match.included.map(JSON.string),
                "excludedBy": match.excluded.map(JSON.string),
            ])
        }
        return JSON([
            "matching": .int(matching.count),
            "excluded": .int(excluded.count),
            "others": .int(others.count),
            "named": .array(named),
        ])
    }
}

extension Trace.Role {
    fileprivate var style: Style {
        switch self {
        case .passed: .green
        case .decided: .bold
        case .noMatch: .yellow
        case .notLookedAt: .dim
        }
    }
}

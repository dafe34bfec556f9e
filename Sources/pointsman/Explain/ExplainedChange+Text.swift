import Trigger

extension ExplainedChange {
    /// How many skipped rules are shown unless all are asked for.
    static let mostSkipped = 20

    /// The change and a table of its rules.
    func lines(_ terminal: Terminal, all: Bool) -> [String] {
        var lines = heading(terminal)
        let most =
            all
            ? rules.count
            : count(.start) + count(.unread) + count(.invalid)
                + Self.mostSkipped
        let shown = rules.prefix(most)
        if !shown.isEmpty { lines.append("") }
        lines += RuleTable(rows: shown.map(row)).lines(terminal)
        if rules.count > shown.count {
            lines.append(
                "… and \(rules.count - shown.count) more that are skipped (--all shows them)"
            )
        }
        lines += ["", terminal.styled(summary, .bold) + otherRules]
        if hangsOnUnknownPaths, let asked {
            lines += ["note: \(asked); --path gives the changed paths by hand".printable]
        }
        return lines
    }

    /// `push to main of octo-org/monorepo, 3 paths`, and by whom.
    private func heading(_ terminal: Terminal) -> [String] {
        var details: [String] = []
        if let after = change.after { details.append(String(after.prefix(7))) }
        if let object = change.tagObject { details.append("(tagged by \(object.prefix(7)))") }
        if let actor = change.actor { details.append("by \(actor)") }
        if let message = change.message?.split(separator: "\n").first {
            details.append("\"\(message)\"")
        }
        let line = details.joined(separator: " ").printable
        let width = terminal.width ?? .max
        return [terminal.styled(change.summary.printable, .bold)]
            + (line.isEmpty ? [] : [terminal.styled(line.cutInTheMiddle(to: width), .dim)])
    }

    private var otherRules: String {
        switch others {
        case 0: ""
        case 1: "; 1 rule is of another repository"
        default: "; \(others) rules are of other repositories"
        }
    }

    /// What `evaluate` does where the event does not list all paths, and this does not.
    private var asked: String? {
        switch change.source {
        case .codecommit: "the function asks CodeCommit for the changed paths"
        case .github: "the function asks GitHub for all changed paths where it has a token"
        case .dockerhub: nil
        }
    }

    private func row(_ rule: Explained) -> RuleTable.Row {
        let decision = rule.decision
        var notes: [String] = []
        if let target = decision.target {
            notes.append("\(decision.ends ? "ends" : "starts") \(target.inWords)")
        }
        if let nearest = rule.nearest?.words { notes.append(nearest) }
        return RuleTable.Row(
            outcome: decision.word,
            style: decision.style,
            rule: name(rule.entry),
            clause: decision.clause,
            reason: decision.reason,
            notes: notes
        )
    }

    /// The name of a rule: without the repository where it is the change's.
    func name(_ entry: RuleFolder.Entry) -> String {
        let name = entry.name(prefix: prefix)
        let folder = RuleName.short(
            RuleKey.folder(prefix: prefix, source: change.source, repository: change.repository),
            prefix: prefix
        )
        return name.hasPrefix(folder) ? String(name.dropFirst(folder.count)) : name
    }
}

extension Decision {
    /// The outcome for people.
    var word: String {
        switch outcome {
        case .start: ends ? "ends" : "starts"
        case .skipped: "skipped"
        case .invalid: "invalid"
        case .unread: "unread"
        }
    }

    var style: Style {
        switch outcome {
        case .start: .green
        case .skipped: .yellow
        case .invalid, .unread: .red
        }
    }
}

extension Target {
    /// `CodePipeline services-api`.
    var inWords: String {
        switch self {
        case .codePipeline(let target): "\(name) \(target.name.text)"
        default: name
        }
    }
}

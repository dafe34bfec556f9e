import Codec
import Core

struct ChangeReport {
    /// A rule, what is decided about it, and what it came nearest to.
    struct Row {
        var entry: RuleFolder.Entry
        var decision: Decision
        var nearest: NearMiss?
    }

    /// For so many of the rules that one clause skips, the report says what they came nearest to:
    /// for thousands it would take longer than to decide them, and nobody would read it.
    private static let maximumNearest = 100
    /// How many skipped rules are shown unless all are asked for.
    private static let maximumSkipped = 20

    let change: Change
    private let prefix: String
    /// The rules: those that start, those that cannot be used, then the others, those that came
    /// nearest first.
    private(set) var rows: [Row]
    /// How many rules are of other repositories.
    private let others: Int
    /// Which ones those are about.
    private let otherRepositories: [String]

    /// Decides by the same code as the function `evaluate`.
    init(_ change: Change, _ listed: ListedRules) {
        self.change = change
        prefix = listed.prefix
        others = listed.others
        otherRepositories = listed.otherRepositories
        var entries: [ByteKey: RuleFolder.Entry] = [:]
        for entry in listed.entries { entries[ByteKey(entry.rule.key)] = entry }
        let paths = NearestPath(change.paths.paths)
        var misses: [Clause: Int] = [:]
        let set = RuleSet(listed.entries.map(\.rule))
        let decided = set.decide(change)
        let decisions = change.comment.map { set.decisions(decided, onComment: $0) } ?? decided
        let rows = decisions.compactMap { decision -> Row? in
            guard let entry = entries[ByteKey(decision.ruleKey)] else { return nil }
            misses[decision.clause, default: 0] += 1
            let isShort = misses[decision.clause, default: 0] <= Self.maximumNearest
            return Row(
                entry: entry,
                decision: decision,
                nearest: isShort ? NearMiss(change, decision, entry.rule, paths) : nil
            )
        }
        self.rows = rows.enumerated().map { (rank: $1.rank, offset: $0) }
            .sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }
            .map { rows[$0.offset] }
    }

    func count(_ outcome: Decision.Outcome) -> Int {
        rows.count { $0.decision.outcome == outcome }
    }

    /// The change and a table of its rules.
    func lines(_ terminal: Terminal, all: Bool) -> [String] {
        var lines = heading(terminal)
        let first = rows.count - count(.skipped) + Self.maximumSkipped
        let shown = rows.prefix(all ? rows.count : first)
        if !shown.isEmpty { lines.append("") }
        lines += RuleTable(rows: shown.map(row)).lines(terminal)
        if rows.count > shown.count {
            lines.append(
                "… \(andMore(rows.count - shown.count)) that are skipped (--all shows them)"
            )
        }
        lines += ["", terminal.styled(summary, .bold) + otherRules]
        if let stranger { lines += stranger.printable.wrapped(to: terminal.width) }
        if change.comment != nil {
            lines += [
                "note: the function asks GitHub whether the commenter may push, and which commit the "
                    + "pull request is at; /retest starts only what has failed on that"
            ]
        }
        if rows.contains(where: { $0.decision.hangsOnUnknownPaths }), let asked {
            lines += ["note: \(asked); --path gives the changed paths by hand".printable]
        }
        return lines
    }

    /// The same for a comment: what starts, then what is skipped, folded.
    func markdown(all: Bool) -> [String] {
        var lines = ["### \(summary)\(otherRules)", "", Markdown.code(change.summary), ""]
        if let stranger { lines += [Markdown.code(stranger)] }
        let skipped = rows.count - count(.skipped)
        lines += rows[..<skipped].map(item)
        guard skipped < rows.count else { return lines }
        let shown = rows[skipped...].prefix(all ? rows.count : Self.maximumSkipped)
        let more = rows.count - skipped - shown.count
        if skipped > 0 { lines.append("") }
        lines += ["<details><summary>\(count(.skipped)) skipped</summary>", ""]
        lines += shown.map(item) + (more > 0 ? ["- … \(andMore(more))"] : [])
        return lines + ["", "</details>"]
    }

    private func item(_ row: Row) -> String {
        let row = self.row(row)
        let reasons = ([row.reason] + row.notes).filter { !$0.isEmpty }.map(Markdown.code)
        return "- **\(row.outcome)** \(Markdown.code(row.rule)) (\(row.clause)): "
            + reasons.joined(separator: "; ")
    }

    /// `push to main of octo-org/monorepo, 3 paths`, and by whom.
    private func heading(_ terminal: Terminal) -> [String] {
        var details: [String] = []
        if let after = change.after { details.append(after.abbreviated) }
        if let object = change.tagObject { details.append("(tagged by \(object.abbreviated))") }
        if let actor = change.actor { details.append("by \(actor)") }
        if let message = change.message?.split(separator: "\n").first {
            details.append("\"\(message)\"")
        }
        let line = details.joined(separator: " ").printable
        let width = terminal.width ?? .max
        return [terminal.styled(change.summary.printable, .bold)]
            + (line.isEmpty ? [] : [terminal.styled(line.cutInTheMiddle(to: width), .dim)])
    }

    /// `2 start, 1 is invalid, 7 are skipped`.
    private var summary: String {
        let counts = [
            (count(.start), "start", "starts"), (count(.invalid), "are invalid", "is invalid"),
            (count(.unread), "cannot be read", "cannot be read"),
            (count(.skipped), "are skipped", "is skipped"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.2 : $0.1)" }
        return words.isEmpty ? "no rule" : words.joined(separator: ", ")
    }

    /// That no rule is about the change's repository, and about which they are; `nil` where some is.
    private var stranger: String? {
        guard rows.isEmpty, !otherRepositories.isEmpty else { return nil }
        let own = "\(change.source.rawValue)/\(change.repository)"
        let more = otherRepositories.count - 5
        let list =
            otherRepositories.prefix(5).joined(separator: ", ")
            + (more > 0 ? ", \(andMore(more))" : "")
        let near = suggestion(for: own, among: otherRepositories)
        let hint = near.map { "; did you mean '\($0.drop { $0 != "/" }.dropFirst())'?" } ?? ""
        return "no rule is about \(own); the rules are about \(list)\(hint)"
    }

    private var otherRules: String {
        switch others {
        case 0: ""
        case 1: "; 1 rule is of another repository"
        default: "; \(others) rules are of other repositories"
        }
    }

    /// What `evaluate` does, and this command does not, where the event does not list all paths.
    private var asked: String? {
        switch change.source {
        case .codecommit: "the function asks CodeCommit for the changed paths"
        case .github, .gitea, .gitlab:
            "the function asks \(change.source.title) for all changed paths where it has a token"
        case .dockerhub, .ecr: nil
        }
    }

    private func row(_ row: Row) -> RuleTable.Row {
        let decision = row.decision
        var notes: [String] = []
        if let target = decision.target {
            notes.append("\(decision.ends ? "ends" : "starts") \(target.title)")
            let later = row.entry.later
            if !later.isEmpty {
                notes.append("known at deployment only: \(later.joined(separator: ", "))")
            }
        }
        if let stops = decision.stopWords(for: change) { notes.append(stops) }
        if let nearest = row.nearest?.words { notes.append(nearest) }
        if let status = decision.statusWords(for: change) { notes.append(status) }
        let repository = "\(change.source.rawValue)/\(change.repository)"
        return RuleTable.Row(
            outcome: decision.word,
            style: decision.style,
            rule: RuleName.short(row.entry.rule.key, prefix: prefix, in: repository),
            clause: decision.clause.rawValue,
            reason: decision.reason,
            notes: notes
        )
    }

    var json: JSON {
        let counts = [Decision.Outcome.start, .skipped, .invalid].map { outcome in
            JSON.Member(key: outcome.rawValue, value: .int(count(outcome)))
        }
        let rules = rows.map { row in
            row.decision.json.adding([
                "stopsRuns": row.decision.stopWords(for: change) == nil ? nil : .bool(true),
                "status": row.decision.statusJSON(for: change),
                "nearest": row.nearest?.words.map(JSON.string),
                "onlyMiss": row.nearest?.isOnlyMiss == true ? .bool(true) : nil,
                "file": .string(row.entry.file),
                "knownAtDeployment": row.entry.later.isEmpty
                    ? nil : .array(row.entry.later.map(JSON.string)),
            ])
        }
        return JSON([
            "change": change.recorded,
            "counts": .object(counts),
            "rulesOfOtherRepositories": .int(others),
            "hint": stranger.map(JSON.string),
            "rules": .array(rules),
        ])
    }
}

extension ChangeReport.Row {
    /// In which order rules are shown: the later the clause that decided, the nearer the rule;
    /// nearest is one that lacks nothing else.
    fileprivate var rank: Int {
        switch decision.outcome {
        case .start: return 0
        case .invalid, .unread: return 1
        case .skipped: break
        }
        if nearest?.isOnlyMiss == true { return 2 }
        return 3 + (Array(Clause.allCases.reversed()).firstIndex(of: decision.clause) ?? 0)
    }
}

extension Decision {
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

    /// What becomes of earlier runs of the pull request; `nil` if nothing does.
    func stopWords(for change: Change) -> String? {
        guard outcome == .start, supersedes, change.kind == .pullRequest else { return nil }
        return ends
            ? "stops what runs for the pull request"
            : "stops this rule's earlier runs for the pull request"
    }

    /// `sets the status ci/api to pending: started CodePipeline api`; `nil` if none is set.
    func statusWords(for change: Change) -> String? {
        commitStatus(for: change).map { context, status in
            "sets the status \(context) to \(status.state.rawValue): \(status.description)"
        }
    }

    /// The status that is set for a change.
    func statusJSON(for change: Change) -> JSON? {
        commitStatus(for: change).map { context, status in
            JSON([
                "context": .string(context),
                "state": .string(status.state.rawValue),
                "description": .string(status.description),
            ])
        }
    }

    /// The members of a decision, named as in a decision record.
    var json: JSON {
        JSON([
            "rule": .string(ruleKey),
            "outcome": .string(outcome.rawValue),
            "ends": ends ? .bool(true) : nil,
            "clause": .string(clause.rawValue),
            "path": path.map { .string($0.text) },
            "pattern": pattern.map(JSON.string),
            "reason": .string(reason),
            "target": target.map { .string($0.title) },
        ])
    }
}

extension Target {
    /// `CodePipeline services-api`.
    var title: String {
        switch self {
        case .codePipeline(let target): "\(name) \(target.name.text)"
        default: name
        }
    }
}

import Codec
import Trigger

/// What all rules say about one change.
struct ExplainedChange {
    /// A rule, what is decided about it, and what it came nearest to.
    struct Explained {
        var entry: RuleFolder.Entry
        var decision: Decision
        var nearest: NearMiss?
    }

    /// Of how many rules that one clause skips it is said what they came nearest to.
    ///
    /// Of thousands nobody reads it, and it takes longer than to decide them.
    static let mostNearest = 100

    let change: Change
    let prefix: String
    /// The rules: those that start, those that cannot be used, then the others, those that came
    /// nearest first.
    private(set) var rules: [Explained]
    /// How many rules are of other repositories.
    let others: Int

    /// Decides, by the same code as the function `evaluate`.
    init(_ change: Change, _ concerned: ConcernedRules) {
        self.change = change
        prefix = concerned.prefix
        others = concerned.others
        var entries: [ByteKey: RuleFolder.Entry] = [:]
        for entry in concerned.entries { entries[ByteKey(entry.rule.key)] = entry }
        let set = RuleSet(concerned.entries.map(\.rule))
        let paths = NearestPath(change.paths.paths)
        var misses: [String: Int] = [:]
        let explained = set.decide(change).compactMap { decision -> Explained? in
            guard let entry = entries[ByteKey(decision.ruleKey)] else { return nil }
            misses[decision.clause, default: 0] += 1
            let isShort = misses[decision.clause, default: 0] <= Self.mostNearest
            return Explained(
                entry: entry,
                decision: decision,
                nearest: isShort ? NearMiss(change, decision, entry.rule, paths) : nil
            )
        }
        rules = explained.enumerated().map { (rank: $1.rank, offset: $0) }
            .sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }
            .map { explained[$0.offset] }
    }

    /// How many rules have an outcome.
    func count(_ outcome: Decision.Outcome) -> Int {
        rules.count { $0.decision.outcome == outcome }
    }

    /// `2 start, 1 is invalid, 7 are skipped`.
    var summary: String {
        let counts = [
            (count(.start), "start", "starts"), (count(.invalid), "are invalid", "is invalid"),
            (count(.unread), "cannot be read", "cannot be read"),
            (count(.skipped), "are skipped", "is skipped"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.2 : $0.1)" }
        return words.isEmpty ? "no rule" : words.joined(separator: ", ")
    }

    /// Whether more would be known if the function's own way to the changed paths were open.
    var hangsOnUnknownPaths: Bool { rules.contains { $0.decision.hangsOnUnknownPaths } }
}

extension ExplainedChange.Explained {
    /// In which order rules are shown.
    ///
    /// The later the clause that decided, the nearer the rule; nearest is one that lacks no other.
    fileprivate var rank: Int {
        switch decision.outcome {
        case .start: return 0
        case .invalid, .unread: return 1
        case .skipped: break
        }
        if nearest?.isOnlyMiss == true { return 2 }
        let order = [
            "ExcludePaths", "WhenPathsUnknown", "Paths", "PathExpressions",
            "ChangeMatchExpressions", "SkipMessages", "ExcludeActors", "Actors", "Forks",
            "ExcludeTags", "Tags", "ExcludeBranches", "Branches",
        ]
        let place = order.firstIndex(of: decision.clause) ?? order.count
        return 3 + place
    }
}

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

extension ExplainedChange {
    /// The change and every rule, for programs.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("change")
            json.value(ChangeSummary(change).json)
            json.key("counts")
            json.object { json in
                for outcome in [Decision.Outcome.start, .skipped, .invalid] {
                    json.member(outcome.rawValue, count(outcome))
                }
            }
            json.member("rulesOfOtherRepositories", others)
            json.key("rules")
            json.array { json in
                for rule in rules {
                    json.object { json in
                        rule.decision.write(to: &json)
                        json.member("nearest", rule.nearest?.words)
                        if rule.nearest?.isOnlyMiss == true { json.member("onlyMiss", true) }
                        json.member("file", rule.entry.file)
                    }
                }
            }
        }
    }
}

extension ExplainedRule {
    /// One rule, clause by clause, for programs.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("change")
            json.value(ChangeSummary(change).json)
            json.member("file", entry.file)
            if let decision {
                decision.write(to: &json)
            } else {
                json.member("rule", entry.rule.key)
            }
            json.member("nearest", nearest)
            json.key("clauses")
            json.array { json in
                for clause in explanation.clauses {
                    json.object { json in
                        json.member("clause", clause.name)
                        json.member("wants", clause.wants)
                        json.member("has", clause.has)
                        json.member("role", clause.role.rawValue)
                    }
                }
            }
            explanation.paths?.write(to: &json)
        }
    }
}

extension Explanation.Paths {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("paths")
        json.object { json in
            json.member("matching", matchingCount)
            json.member("excluded", excludedCount)
            json.member("others", othersCount)
            json.key("named")
            json.array { json in
                for match in matching + excluded + others {
                    json.object { json in
                        json.key("path")
                        json.utf8(match.path.utf8)
                        json.member("includedBy", match.included)
                        json.member("excludedBy", match.excluded)
                    }
                }
            }
        }
    }
}

extension Decision {
    /// The members of a decision, named as in a decision record.
    fileprivate func write(to json: inout JSONWriter) {
        json.member("rule", ruleKey)
        json.member("outcome", outcome.rawValue)
        if ends { json.member("ends", true) }
        json.member("clause", clause)
        if let path {
            json.key("path")
            json.utf8(path.utf8)
        }
        json.member("pattern", pattern)
        json.member("reason", reason)
        json.member("target", target?.inWords)
    }
}

import Trigger

/// What all rules say about one change.
struct ExplainedChange {
    /// A rule, what is decided about it, and what it came nearest to.
    struct Explained {
        var entry: RuleFolder.Entry
        var decision: Decision
        var nearest: String?
    }

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
        var entries: [String: RuleFolder.Entry] = [:]
        for entry in concerned.entries { entries[entry.rule.key] = entry }
        let set = RuleSet(concerned.entries.map(\.rule))
        let miss = NearMiss(change)
        rules = set.decide(change).compactMap { decision in
            guard let entry = entries[decision.ruleKey] else { return nil }
            return Explained(
                entry: entry,
                decision: decision,
                nearest: miss.words(decision, entry.rule)
            )
        }
        rules = rules.enumerated()
            .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element)
    }

    /// How many rules have an outcome.
    func count(_ outcome: Decision.Outcome) -> Int {
        rules.count { $0.decision.outcome == outcome }
    }

    /// `2 start, 1 is invalid, 7 are skipped`.
    var summary: String {
        let counts = [
            (count(.start), "start", "starts"), (count(.invalid), "are invalid", "is invalid"),
            (count(.skipped), "are skipped", "is skipped"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.2 : $0.1)" }
        return words.isEmpty ? "no rule" : words.joined(separator: ", ")
    }

    /// Whether more would be known if the function's own way to the changed paths were open.
    var hangsOnUnknownPaths: Bool { rules.contains { $0.decision.hangsOnUnknownPaths } }
}

extension ExplainedChange.Explained {
    /// In which order rules are shown: the later the clause that decided, the nearer the rule.
    fileprivate var rank: Int {
        switch decision.outcome {
        case .start: return 0
        case .invalid: return 1
        case .skipped: break
        }
        let order = [
            "ExcludePaths", "WhenPathsUnknown", "Paths", "PathExpressions",
            "ChangeMatchExpressions", "SkipMessages", "ExcludeActors", "Actors", "ExcludeTags",
            "Tags", "ExcludeBranches", "Branches",
        ]
        let place = order.firstIndex(of: decision.clause) ?? order.count
        return 2 + place * 2 + (nearest == nil ? 1 : 0)
    }
}

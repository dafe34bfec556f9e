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

/// The rules of a repository, prepared to be decided together.
///
/// Clauses are looked at in this order, and the first that fails decides: is the rule valid,
/// was the ref deleted, `Source`, `Repository`, `Events`, does a tag point to a commit, a pull
/// request's closing, `Branches` and `ExcludeBranches` (push and pull request), `Tags` and
/// `ExcludeTags` (tag and image), `Forks` (pull request), `Actors` and `ExcludeActors`, `SkipMessages`, and last the paths (push and pull request).
/// A rule that passes all of them starts, and the last clause it states is said to decide.
package struct RuleSet {
    /// The rules in the order of their keys, by bytes.
    package let rules: [Rule]
    /// What each rule was prepared to.
    let entries: [Entry]
    /// What rules say about all but paths, each once.
    let scopes: [RuleDefinition]
    /// What rules say about paths.
    let patterns: PathPatterns

    /// A rule, prepared.
    enum Entry {
        case current(scope: Int, PathPatterns.Selection, startsWhenUnknown: Bool)
        case earlier(PathPatterns.Selection)
        case invalid
        case unread(String)
    }

    /// Prepares rules, in any order.
    package init(_ rules: [Rule]) {
        let sorted = RuleSet.sorted(rules)
        var entries: [Entry] = []
        var scopes: [RuleDefinition] = []
        var scopeNumbers: [ByteKey: Int] = [:]
        var patterns = PathPatterns(rules: rules.count)
        entries.reserveCapacity(sorted.count)
        for rule in sorted {
            switch rule.content {
            case .current(let definition):
                let scope = scopeNumbers[definition.scope] ?? scopes.count
                if scope == scopes.count {
                    scopeNumbers[definition.scope] = scope
                    scopes.append(definition)
                }
                let selection = patterns.select(
                    included: definition.paths.included,
                    expressions: definition.pathExpressions,
                    excluded: definition.paths.excluded
                )
                entries.append(
                    .current(
                        scope: scope,
                        selection,
                        startsWhenUnknown: definition.startsWhenPathsUnknown
                    )
                )
            case .earlier(let rule):
                let expressions = rule.expressions
                entries.append(
                    .earlier(patterns.select(included: [], expressions: expressions, excluded: []))
                )
            case .invalid:
                entries.append(.invalid)
            case .unread(let reason):
                entries.append(.unread(reason))
            }
        }
        self.rules = sorted
        self.entries = entries
        self.scopes = scopes
        self.patterns = patterns
    }

    /// Whether any rule has something to say about changed paths.
    package var looksAtPaths: Bool {
        entries.contains { entry in
            switch entry {
            case .current(_, let selection, _): !selection.isEmpty
            case .earlier: true
            case .invalid, .unread: false
            }
        }
    }

    /// Decides every rule that a change concerns, in the order of their keys.
    ///
    /// Each rule gets few steps of matching at first, so that it has its turn whatever the others
    /// need; those that need more follow, in that same order.
    ///
    /// - Parameter steps: What matching all of them may take; their part of it, where these are not
    ///   all rules of the change.
    package func decide(_ change: Change, steps: Int = Budget.change.limit) -> [Decision] {
        var deciding = Deciding(change, self, steps: steps)
        var grounds = [Grounds?](repeating: nil, count: entries.count)
        var open = Array(entries.indices)
        let share = min(Budget.first, steps / max(1, entries.count))
        for allowed in [share, Budget.first, Budget.rule.limit] where !open.isEmpty {
            var hungry: [Int] = []
            for index in open {
                deciding.begin(allowed: allowed)
                grounds[index] = self.grounds(of: index, change, &deciding)
                if deciding.isOver { hungry.append(index) }
            }
            open = hungry
        }
        let exceeding = Set(open)
        var decisions: [Decision] = []
        decisions.reserveCapacity(rules.count)
        for (index, grounds) in grounds.enumerated() {
            guard let grounds else { continue }
            var decision = Decision(
                ruleKey: rules[index].key,
                outcome: grounds.outcome,
                clause: grounds.clause,
                path: grounds.path,
                pattern: grounds.pattern,
                reason: grounds.reason,
                target: grounds.outcome == .start ? rules[index].target : nil,
                ends: grounds.ends,
                startsNewest: rules[index].definition?.startsNewest ?? true
            )
            decision.exceedsSteps = exceeding.contains(index)
            decisions.append(decision)
        }
        return decisions
    }

    /// What decides about a rule; `nil` where it is not to be named.
    private func grounds(of index: Int, _ change: Change, _ deciding: inout Deciding) -> Grounds? {
        switch entries[index] {
        case .current(let scope, let selection, let startsWhenUnknown):
            return deciding.decide(scope, selection, startsWhenUnknown)
        case .earlier(let selection):
            guard rules[index].isConsidered(for: change) else { return nil }
            return deciding.decideEarlier(selection)
        case .invalid:
            guard rules[index].isConsidered(for: change) else { return nil }
            return Grounds(.invalid, "Rule", rules[index].problemsInWords)
        case .unread(let reason):
            guard rules[index].isConsidered(for: change) else { return nil }
            return Grounds(.unread, "Rule", reason)
        }
    }

    /// S3 lists keys by their bytes, so this is mostly a look.
    private static func sorted(_ rules: [Rule]) -> [Rule] {
        func precedes(_ one: Rule, _ other: Rule) -> Bool {
            isBefore(one.key.utf8.span, other.key.utf8.span)
        }
        for index in rules.indices.dropFirst() where precedes(rules[index], rules[index - 1]) {
            return rules.sorted(by: precedes)
        }
        return rules
    }
}

/// The rules of a repository, prepared to be decided together.
///
/// Clauses are looked at in this order, and the first that fails decides: is the rule valid,
/// was the ref deleted, `Source`, `Repository`, `Events`, a pull request's closing, `Branches`
/// and `ExcludeBranches` (push and pull request), `Tags` and `ExcludeTags` (tag and image),
/// `Actors` and `ExcludeActors`, `SkipMessages`, and last the paths (push and pull request).
/// A rule that passes all of them starts, and the last clause it states is said to decide.
public struct RuleSet {
    /// The rules in the order of their keys, by bytes.
    public let rules: [Rule]
    let patterns: PathPatterns
    let selections: [PathPatterns.Selection]

    /// Prepares rules, in any order.
    public init(_ rules: [Rule]) {
        let sorted = RuleSet.sorted(rules)
        var patterns = PathPatterns()
        var selections: [PathPatterns.Selection] = []
        selections.reserveCapacity(sorted.count)
        for rule in sorted {
            switch rule.content {
            case .current(let definition):
                selections.append(
                    patterns.select(
                        included: definition.paths.included,
                        excluded: definition.paths.excluded,
                        expressions: definition.pathExpressions
                    )
                )
            case .earlier(let rule):
                selections.append(
                    patterns.select(included: [], excluded: [], expressions: rule.expressions)
                )
            case .invalid:
                selections.append(PathPatterns.Selection())
            }
        }
        self.rules = sorted
        self.patterns = patterns
        self.selections = selections
    }

    /// Decides every rule that a change concerns, in the order of their keys.
    public func decide(_ change: Change) -> [Decision] {
        var deciding = Deciding(change, patterns)
        var decisions: [Decision] = []
        decisions.reserveCapacity(rules.count)
        for (index, rule) in rules.enumerated() where rule.isConsidered(for: change) {
            decisions.append(deciding.decide(rule, selections[index]))
        }
        return decisions
    }

    /// S3 lists keys by their bytes, so this is mostly a look.
    private static func sorted(_ rules: [Rule]) -> [Rule] {
        func precedes(_ one: Rule, _ other: Rule) -> Bool {
            one.key.utf8.lexicographicallyPrecedes(other.key.utf8)
        }
        for index in rules.indices.dropFirst() where precedes(rules[index], rules[index - 1]) {
            return rules.sorted(by: precedes)
        }
        return rules
    }
}

/// Decides each of some rules about a change; the shared work is done once only when the rules
/// are kept as a ``RuleSet``.
public func decide(_ change: Change, _ rules: [Rule]) -> [Decision] {
    RuleSet(rules).decide(change)
}

/// The rules of a repository, prepared to be decided together.
///
/// Clauses are looked at in this order, and the first that fails decides: is the rule valid,
/// was the ref deleted, `Source`, `Repository`, `Events`, does a tag point to a commit, a pull
/// request's closing, `Branches` and `ExcludeBranches` (push and pull request), `Tags` and
/// `ExcludeTags` (tag and image), `Forks` (pull request), `Actors` and `ExcludeActors`, `SkipMessages`, and last the paths (push and pull request).
/// A rule that passes all of them starts, and the last clause it states is said to decide.
public struct RuleSet {
    /// The rules in the order of their keys, by bytes.
    public let rules: [Rule]
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
    }

    /// Prepares rules, in any order.
    public init(_ rules: [Rule]) {
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
            }
        }
        self.rules = sorted
        self.entries = entries
        self.scopes = scopes
        self.patterns = patterns
    }

    /// Whether any rule has something to say about changed paths.
    public var looksAtPaths: Bool {
        entries.contains { entry in
            switch entry {
            case .current(_, let selection, _): !selection.isEmpty
            case .earlier: true
            case .invalid: false
            }
        }
    }

    /// Decides every rule that a change concerns, in the order of their keys.
    public func decide(_ change: Change) -> [Decision] {
        var deciding = Deciding(change, self)
        var decisions: [Decision] = []
        decisions.reserveCapacity(rules.count)
        for (index, entry) in entries.enumerated() {
            let grounds: Grounds
            switch entry {
            case .current(let scope, let selection, let startsWhenUnknown):
                grounds = deciding.decide(scope, selection, startsWhenUnknown)
            case .earlier(let selection):
                guard rules[index].isConsidered(for: change) else { continue }
                grounds = deciding.decideEarlier(selection)
            case .invalid:
                guard rules[index].isConsidered(for: change) else { continue }
                grounds = Grounds(.invalid, "Rule", rules[index].problems.inWords)
            }
            decisions.append(
                Decision(
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
            )
        }
        return decisions
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

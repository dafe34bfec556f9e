internal import Codec

/// The rules of a repository, prepared to be decided together.
///
/// Each is decided by the first ``Clause`` that fails.
package struct RuleSet {
    /// The rules in the order of their keys, by bytes.
    let rules: [Rule]
    /// Of each rule the number of its conditions, and what it says about paths.
    let entries: [(conditions: Int, selection: PathPatterns.Selection)]
    /// Of all different conditions, which are all but those about paths, the index of a rule that has
    /// them.
    let representatives: [Int]
    /// What rules say about paths.
    let patterns: PathPatterns

    package init(_ rules: [Rule]) {
        let sorted = RuleSet.sorted(rules)
        var entries: [(conditions: Int, selection: PathPatterns.Selection)] = []
        var representatives: [Int] = []
        var numbers: [ByteKey: Int] = [:]
        var patterns = PathPatterns(rules: rules.count)
        entries.reserveCapacity(sorted.count)
        for (index, rule) in sorted.enumerated() {
            var conditions = representatives.count
            var selection = PathPatterns.Selection()
            switch rule.content {
            case .current(let definition):
                if let known = numbers[definition.conditions] {
                    conditions = known
                } else {
                    numbers[definition.conditions] = conditions
                }
                selection = patterns.select(
                    included: definition.paths.included,
                    expressions: definition.pathExpressions,
                    excluded: definition.paths.excluded
                )
            case .monoRepo(let rule):
                selection = patterns.select(
                    included: [],
                    expressions: rule.expressions,
                    excluded: []
                )
            case .invalid, .unread: break
            }
            if conditions == representatives.count { representatives.append(index) }
            entries.append((conditions, selection))
        }
        self.rules = sorted
        self.entries = entries
        self.representatives = representatives
        self.patterns = patterns
    }

    /// Whether any rule has a pattern of paths.
    package var hasPathPatterns: Bool { entries.contains { !$0.selection.isEmpty } }

    /// Decides every rule that a change concerns, in the order of their keys.
    ///
    /// Each rule gets few steps of matching at first, so that it has its turn whatever the others
    /// need; those that need more follow, in that same order.
    ///
    /// - Parameter steps: What matching all of them may take; their part of it, where these are not
    ///   all rules of the change.
    package func decide(_ change: Change, steps: Int = Budget.change.limit) -> [Decision] {
        var matcher = RuleMatcher(change, self, steps: steps)
        var verdicts = [Verdict?](repeating: nil, count: rules.count)
        var open = Array(rules.indices)
        let share = min(Budget.first, steps / max(1, rules.count))
        for allowed in [share, Budget.first, Budget.rule.limit] where !open.isEmpty {
            open = open.filter { index in
                matcher.begin(allowed: allowed)
                verdicts[index] = matcher.decide(index)
                return matcher.isOver
            }
        }
        let exceeding = Set(open)
        var decisions: [Decision] = []
        decisions.reserveCapacity(rules.count)
        for (index, verdict) in verdicts.enumerated() {
            guard let verdict else { continue }
            decisions.append(
                Decision(
                    rules[index],
                    verdict,
                    status: matcher.status(of: rules[index], verdict),
                    exceedsSteps: exceeding.contains(index)
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
            return rules.inOrder(of: rules.map { Array($0.key.utf8) })
        }
        return rules
    }
}

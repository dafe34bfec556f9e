extension Rule {
    /// What a valid rule says in vain, and what of it was probably meant otherwise; first that
    /// nothing can ever start it.
    package var oversights: [RuleOversight] {
        switch content {
        case .current(let definition):
            return (definition.obstacle.map { [$0] } ?? []) + definition.oversights
        case .earlier(let rule):
            return scopeOversights + rule.oversights
        case .invalid, .unread:
            return []
        }
    }

    /// Whether another rule starts the same target for the same changes; of two of the earlier
    /// design, whether they would be one object.
    package func saysTheSame(as other: Rule) -> Bool {
        switch (content, other.content) {
        case (.current(let one), .current(let other)): one.saysTheSame(as: other)
        case (.earlier(let one), .earlier(let theOther)):
            earlierScopeIsSame(as: other) && one.target == theOther.target
        default: false
        }
    }

    private var scopeOversights: [RuleOversight] {
        guard case .push(let repository, let branch) = earlierScope else { return [] }
        var found: [RuleOversight] = []
        if repository.utf8.contains(UInt8(ascii: "/")) {
            let name = RuleKey.nameWithoutOwner(repository)
            let message = "no push matches: the repository is named without its owner here"
            found.append(RuleOversight(.neverMatches, "GitHubRepo", message, suggestion: name))
        }
        if branch.utf8.starts(with: "refs/heads/".utf8) {
            let name = String(decoding: branch.utf8.dropFirst(11), as: UTF8.self)
            let message = "no push matches: a name is compared without 'refs/heads/'"
            found.append(RuleOversight(.neverMatches, "GitHubBranch", message, suggestion: name))
        } else if branch.utf8.contains(UInt8(ascii: "*")) {
            let message = "no push matches: this is the name of one branch, not a pattern"
            found.append(RuleOversight(.neverMatches, "GitHubBranch", message))
        }
        return found
    }
}

extension EarlierRule {
    fileprivate var oversights: [RuleOversight] {
        expressions.compactMap { expression in
            expression.slip.map { slip in
                let message = "'\(clipped(expression.pattern))' \(slip)"
                return RuleOversight(.slip, "ChangeMatchExpressions", message)
            }
        }
    }
}

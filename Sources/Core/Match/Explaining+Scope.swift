extension Explaining {
    /// All that a rule says but the paths.
    mutating func scope(_ rule: RuleDefinition) {
        deleted()
        let sources = (rule.source.rawValue, change.source.rawValue)
        check("Source", sources.0, sources.1, rule.source == change.source)
        let isRepository =
            change.source == .codecommit
            ? isSame(rule.repository, change.repository)
            : isSame(lowercased(rule.repository), lowercased(change.repository))
        check("Repository", rule.repository, change.repository, isRepository)
        let events = rule.events.map { $0.rawValue }.alternatives
        check("Events", events, change.kind.rawValue, rule.events.contains(change.kind))
        commit()
        followsPullRequest(rule)
        let wasDecided = isDecided
        switch change.kind {
        case .push, .pullRequest:
            patterns("Branches", "branch", rule.branches, change.branch)
            // The base that it had before may have been the rule's.
            if !wasDecided, isDecided, change.pullRequest?.action == "edited" { end() }
            notAsked("Tags", rule.tags)
        case .tag, .image:
            notAsked("Branches", rule.branches)
            patterns("Tags", "tag", rule.tags, change.tag)
        }
        // Whoever closes it, and whatever it changed: what was started for it is to go.
        if change.pullRequest?.action == "closed", !isDecided {
            start()
            end()
        }
        forks(rule)
        let actor = change.actor.flatMap { $0.isEmpty ? nil : $0 }
        patterns("Actors", "actor", rule.actors, actor)
        guard !rule.skipMessages.isEmpty else { return }
        let message = [UInt8]((change.message ?? "").utf8)
        let found = rule.skipMessages.first { message[...].holds([UInt8]($0.utf8)) }
        check(
            "SkipMessages",
            "none of \(rule.skipMessages.joined(", ")) in the head commit's message",
            found.map { "'\($0)'" } ?? "none of them",
            found == nil,
            mayDecide: false
        )
    }

    private mutating func commit() {
        guard change.kind == .tag else { return }
        let has = change.isWithoutCommit ? "a tag of something else" : "a tag of a commit"
        check("Commit", "a tag of a commit", has, !change.isWithoutCommit, mayDecide: false)
    }

    private mutating func forks(_ rule: RuleDefinition) {
        guard let pullRequest = change.pullRequest else {
            if let forks = rule.forks { notAsked("Forks", forks.rawValue) }
            return
        }
        let from =
            pullRequest.fork
            ? pullRequest.headRepository.map { "the fork '\($0)'" } ?? "a repository that is gone"
            : "the repository itself"
        check(
            "Forks",
            rule.allowsForks ? "allow" : "skip: the repository itself",
            from,
            rule.allowsForks || !pullRequest.fork,
            mayDecide: false
        )
    }

    private mutating func followsPullRequest(_ rule: RuleDefinition) {
        guard let action = change.pullRequest?.action, action == "closed" || action == "edited"
        else { return }
        check(
            "Target",
            rule.target.followsPullRequests
                ? "\(rule.target.name), which follows pull requests"
                : "a pull request to run for, being a \(rule.target.name)",
            "a pull request that was \(action)",
            rule.target.followsPullRequests,
            mayDecide: false
        )
    }

    /// A property and its `Exclude` counterpart.
    private mutating func patterns(
        _ name: String,
        _ subject: String,
        _ patterns: RuleDefinition.Patterns,
        _ value: String?
    ) {
        let excludes = "none of \(patterns.excluded.inWords)"
        guard let value else {
            // Fail closed, by the clause that is stated first.
            let has = "an event that does not say the \(subject)"
            if !patterns.included.isEmpty { check(name, patterns.included.inWords, has, false) }
            if !patterns.excluded.isEmpty { check("Exclude" + name, excludes, has, false) }
            return
        }
        let has = "'\(value)'"
        if !patterns.included.isEmpty {
            let holds = patterns.included.contains { $0.matches(value) }
            check(name, patterns.included.inWords, has, holds)
        }
        if !patterns.excluded.isEmpty {
            let holds = !patterns.excluded.contains { $0.matches(value) }
            let mayDecide = patterns.included.isEmpty
            check("Exclude" + name, excludes, has, holds, mayDecide: mayDecide)
        }
    }

    /// Patterns that have no say in changes of this kind.
    private mutating func notAsked(_ name: String, _ patterns: RuleDefinition.Patterns) {
        if !patterns.included.isEmpty { notAsked(name, patterns.included.inWords) }
        if !patterns.excluded.isEmpty {
            notAsked("Exclude" + name, "none of \(patterns.excluded.inWords)")
        }
    }
}

extension [Glob] {
    fileprivate var inWords: String { map { $0.pattern }.joined(", ") }
}

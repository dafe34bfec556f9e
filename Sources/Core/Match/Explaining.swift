internal import Codec

/// Goes through one rule clause by clause for an ``Explanation``.
struct Explaining {
    let change: Change
    private(set) var explanation = Explanation()
    /// The decision has fallen: what is noted from now on was not looked at.
    private(set) var isDecided = false
    /// The clause that is said to decide where none fails.
    private var last = 0

    init(_ change: Change) {
        self.change = change
    }

    /// Notes a clause, and whether the change has what it asks for.
    ///
    /// - Parameter mayDecide: It is said to decide where it is the last to be stated.
    mutating func check(
        _ name: String,
        _ wants: String,
        _ has: String,
        _ holds: Bool,
        mayDecide: Bool = true
    ) {
        guard holds || isDecided else { return decide(name, wants, has, .skipped) }
        note(name, wants, has, .passed)
        if !isDecided, mayDecide { last = explanation.clauses.count - 1 }
    }

    /// Notes the clause that decides.
    mutating func decide(
        _ name: String,
        _ wants: String,
        _ has: String,
        _ outcome: Decision.Outcome
    ) {
        note(name, wants, has, .decided)
        if !isDecided { settle(outcome) }
    }

    /// Notes a clause that passes nothing and decides nothing.
    mutating func note(_ name: String, _ wants: String, _ has: String, _ role: Explanation.Role) {
        explanation.clauses.append(
            Explanation.Clause(
                name: name,
                wants: wants,
                has: has,
                role: isDecided ? .notLookedAt : role
            )
        )
    }

    /// Notes the changed paths.
    mutating func note(_ paths: Explanation.Paths) {
        explanation.paths = paths
    }

    /// Clauses that were noted have decided together.
    mutating func settle(_ outcome: Decision.Outcome) {
        explanation.outcome = outcome
        isDecided = true
    }

    /// The rule starts: the last clause that it states has decided.
    mutating func start() {
        guard !isDecided else { return }
        explanation.clauses[last].role = .decided
        isDecided = true
    }

    /// What the decision comes to is that what was started for a pull request is ended.
    mutating func end() {
        explanation.outcome = .start
        explanation.ends = true
    }
}

extension Explaining {
    /// A rule that cannot be used.
    mutating func invalid(_ rule: Rule) {
        guard isConsidered(rule) else { return }
        decide("Rule", "a rule that can be used", rule.problemsInWords, .invalid)
    }

    /// A rule whose object cannot be read.
    mutating func unread(_ rule: Rule, _ reason: String) {
        guard isConsidered(rule) else { return }
        decide("Rule", "a rule that can be read", reason, .unread)
    }

    /// A rule of this design.
    mutating func current(_ definition: RuleDefinition, _ rule: Rule, pathLimit: Int) {
        let set = RuleSet([rule])
        if exceedsSteps(set) { return }
        scope(definition)
        if case .current(_, let selection, let startsWhenUnknown)? = set.entries.first {
            let paths = ExplainedPaths(set, selection, change)
            switch change.kind {
            case .push, .pullRequest:
                self.paths(paths, startsWhenUnknown: startsWhenUnknown, limit: pathLimit)
            case .tag, .image:
                for clause in paths.clauses { notAsked(clause.name, clause.wants) }
            }
        }
        order(definition)
        start()
    }

    /// The order of starts: what was started last is known where starts are claimed, and not here.
    private mutating func order(_ definition: RuleDefinition) {
        guard definition.startsNewest, change.eventTime != nil else { return }
        note(
            "Order",
            "no newer change started by this rule before",
            "unknown here: it is looked up when the target is started",
            .notLookedAt
        )
    }

    /// Explains a rule of the mono-repo trigger.
    mutating func earlier(_ rule: Rule, pathLimit: Int) {
        guard isConsidered(rule) else { return }
        deleted()
        if change.paths.commits == 0 {
            check("ChangeMatchExpressions", "commits", "a push that lists none", false)
        }
        let set = RuleSet([rule])
        if exceedsSteps(set) { return }
        if case .earlier(let selection)? = set.entries.first {
            var paths = ExplainedPaths(set, selection, change)
            paths.isEarlier = true
            self.paths(paths, startsWhenUnknown: true, limit: pathLimit)
        }
        start()
    }

    /// Whether a rule of the mono-repo trigger is looked at for the change at all.
    private mutating func isConsidered(_ rule: Rule) -> Bool {
        let branch = "\(change.kind.rawValue) to '\(change.branch ?? "")' of '\(change.repository)'"
        let isConsidered = rule.isConsidered(for: change)
        if !isConsidered {
            decide("GitHubBranch", "a push to its repository and branch", branch, .skipped)
        }
        return isConsidered
    }

    /// Notes the clause that cannot be told for want of steps, and says whether there is one.
    private mutating func exceedsSteps(_ set: RuleSet) -> Bool {
        guard !isDecided, let decision = set.decide(change).first, decision.exceedsSteps else {
            return false
        }
        decide(
            decision.clause,
            "matching that keeps its budget",
            decision.reason,
            decision.outcome
        )
        return true
    }

    mutating func deleted() {
        let has = change.deleted ? "a ref that was deleted" : "a ref that is there"
        check("Deleted", "a ref that is there", has, !change.deleted)
    }

    /// Notes a clause that has no say in changes of this kind.
    mutating func notAsked(_ name: String, _ wants: String) {
        note(name, wants, "no say in a change of kind \(change.kind.rawValue)", .notLookedAt)
    }

    private mutating func paths(
        _ paths: ExplainedPaths,
        startsWhenUnknown: Bool,
        limit: Int
    ) {
        guard !paths.clauses.isEmpty else { return }
        let count = change.paths.paths.count
        let has = count == 1 ? "1 changed path" : "\(count) changed paths"
        note(paths.listed(limit: limit))
        let outcome = paths.outcome
        let wasDecided = isDecided
        for (clause, role) in zip(paths.clauses, paths.roles) {
            note(clause.name, clause.wants, has, role)
        }
        if let outcome, !wasDecided {
            settle(outcome)
        } else if let unknown = change.paths.incomplete {
            decide(
                "WhenPathsUnknown",
                startsWhenUnknown ? "start" : "skip",
                "not all changed paths, since \(unknown)",
                startsWhenUnknown ? .start : .skipped
            )
        }
    }
}

extension Explaining {
    /// All that a rule says but the paths.
    mutating func scope(_ rule: RuleDefinition) {
        deleted()
        let sources = (rule.source.rawValue, change.source.rawValue)
        check("Source", sources.0, sources.1, rule.source == change.source)
        let isRepository =
            change.source == .codecommit
            ? isSame(rule.repository, change.repository)
            : equalsIgnoringASCIICase(rule.repository, change.repository)
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
        // When a pull request is closed, its pipeline is removed: neither the actor nor the changed
        // paths count.
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

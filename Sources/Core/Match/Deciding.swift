internal import Codec

/// Decides the rules of one change, one after the other.
struct Deciding {
    let change: Change
    let set: RuleSet
    var search: PathSearch
    /// What paths that match nothing are said to be.
    let noMatch: String
    private let branch: [UInt8]?
    private let tag: [UInt8]?
    private let actor: [UInt8]?
    private let message: [UInt8]
    private var machine = GlobMachine()
    /// What was decided about each scope; `nil` where nobody has asked yet.
    private var scopes: [(grounds: Grounds, steps: Int)?]

    init(_ change: Change, _ set: RuleSet, steps: Int = Budget.change.limit) {
        self.change = change
        self.set = set
        search = PathSearch(change.paths.paths, set.patterns, MatchingSteps(inAll: steps))
        noMatch =
            switch change.paths.paths.count {
            case 0: "there is no changed path"
            case 1: "the changed path does not match"
            case let count: "none of \(count) changed paths matches"
            }
        branch = change.branch.map { [UInt8]($0.utf8) }
        tag = change.tag.map { [UInt8]($0.utf8) }
        actor = change.actor.flatMap { $0.isEmpty ? nil : [UInt8]($0.utf8) }
        message = [UInt8]((change.message ?? "").utf8)
        scopes = [(grounds: Grounds, steps: Int)?](repeating: nil, count: set.scopes.count)
    }

    /// Starts a rule's turn, in which matching may take so many steps.
    mutating func begin(allowed steps: Int) {
        search.steps.begin(allowed: steps)
    }

    /// Whether the rule has used up its steps: the grounds hold only where it cannot have more.
    var isOver: Bool { search.steps.isOver }

    /// Decides a rule.
    mutating func decide(
        _ scope: Int,
        _ selection: PathPatterns.Selection,
        _ startsWhenUnknown: Bool
    ) -> Grounds {
        let grounds = grounds(of: scope)
        let looksAtPaths = change.kind == .push || change.kind == .pullRequest
        guard grounds.outcome == .start, !grounds.ends, looksAtPaths, !selection.isEmpty else {
            return grounds
        }
        if isOver { return pathsExceeded(startsWhenUnknown) }
        return decidePaths(selection, startsWhenUnknown: startsWhenUnknown)
    }

    private mutating func grounds(of scope: Int) -> Grounds {
        if let decided = scopes[scope] {
            search.steps.takeAgain(decided.steps)
            return decided.grounds
        }
        let grounds = decide(set.scopes[scope])
        if !isOver { scopes[scope] = (grounds, search.steps.taken) }
        return grounds
    }

    /// Decides all that a rule says but the paths.
    private mutating func decide(_ rule: RuleDefinition) -> Grounds {
        if let grounds = skipByEvent(rule) { return grounds }
        var last = Grounds(.start, "Events", "the rule is about every \(change.kind.rawValue)")
        switch change.kind {
        case .push, .pullRequest:
            let clause = Clause("Branches", "branch", rule.branches)
            if let grounds = check(clause, branch, &last) {
                // The base that it had before may have been the rule's.
                let ends = change.pullRequest?.action == "edited" && grounds.outcome == .skipped
                return ends ? grounds.ending : grounds
            }
        case .tag, .image:
            let clause = Clause("Tags", "tag", rule.tags)
            if let grounds = check(clause, tag, &last) { return grounds }
        }
        // When a pull request is closed, its pipeline is removed: neither the actor nor the changed
        // paths count.
        if change.pullRequest?.action == "closed" { return last.ending }
        if let pullRequest = change.pullRequest, pullRequest.fork, !rule.allowsForks {
            return .fork(pullRequest)
        }
        let clause = Clause("Actors", "actor", rule.actors)
        if let grounds = check(clause, actor, &last) { return grounds }
        for text in rule.skipMessages {
            // Each byte of the message may be compared with each of the text.
            search.steps.take(1 + message.count * text.utf8.count / 64)
            if isOver { return exceeded("SkipMessages") }
            guard message[...].holds([UInt8](text.utf8)) else { continue }
            let reason = "the head commit's message holds '\(clipped(text))'"
            return Grounds(.skipped, "SkipMessages", reason, pattern: text)
        }
        return last
    }

    /// The clauses about what kind of change it is, and of which repository.
    private func skipByEvent(_ rule: RuleDefinition) -> Grounds? {
        if change.deleted { return .deleted }
        if rule.source != change.source {
            let reason = "the rule is about \(rule.source.rawValue), not \(change.source.rawValue)"
            return Grounds(.skipped, "Source", reason)
        }
        // CodeCommit's names are case-sensitive, the others' are not.
        let isSame =
            change.source == .codecommit
            ? rule.repository.utf8.elementsEqual(change.repository.utf8)
            : equalsIgnoringASCIICase(rule.repository, change.repository)
        if !isSame {
            let (own, other) = (clipped(rule.repository), clipped(change.repository))
            let reason = "the rule is about '\(own)', not '\(other)'"
            return Grounds(.skipped, "Repository", reason)
        }
        if !rule.events.contains(change.kind) {
            let events = rule.events.map { $0.rawValue }.alternatives
            let reason = "the rule is about \(events), not \(change.kind.rawValue)"
            return Grounds(.skipped, "Events", reason)
        }
        if change.isWithoutCommit { return .withoutCommit(change) }
        if let action = change.pullRequest?.action, !rule.target.followsPullRequests,
            action == "closed" || action == "edited"
        {
            let what = action == "closed" ? "a closed pull request" : "a pull request's new base"
            return Grounds(.skipped, "Target", "\(what) does not start a \(rule.target.name)")
        }
        return nil
    }

    /// A property, its `Exclude` counterpart, and what they are about.
    private struct Clause {
        var name: String
        var subject: String
        var patterns: RuleDefinition.Patterns

        init(_ name: String, _ subject: String, _ patterns: RuleDefinition.Patterns) {
            self.name = name
            self.subject = subject
            self.patterns = patterns
        }
    }

    /// Looks at one property; grounds to skip are returned, those to go on are noted.
    private mutating func check(
        _ clause: Clause,
        _ subject: [UInt8]?,
        _ last: inout Grounds
    ) -> Grounds? {
        let patterns = clause.patterns
        guard !patterns.isEmpty else { return nil }
        guard let subject else {
            // Fail closed: what the rule asks for or fears cannot be checked.
            let name = patterns.included.isEmpty ? "Exclude" + clause.name : clause.name
            return Grounds(.skipped, name, "the event does not say the \(clause.subject)")
        }
        let place = "\(clause.subject) '\(clipped(String(decoding: subject, as: UTF8.self)))'"
        var included: Glob?
        if !patterns.included.isEmpty {
            included = firstMatch(patterns.included, subject)
            if isOver { return exceeded(clause.name) }
            if included == nil {
                return Grounds(.skipped, clause.name, "\(place) matches none of \(clause.name)")
            }
        }
        let excluding = firstMatch(patterns.excluded, subject)
        if isOver { return exceeded("Exclude" + clause.name) }
        if let glob = excluding {
            let reason = "\(place) is excluded by '\(clipped(glob.pattern))'"
            return Grounds(.skipped, "Exclude" + clause.name, reason, pattern: glob.pattern)
        }
        if let included {
            let reason = "\(place) matches '\(clipped(included.pattern))'"
            last = Grounds(.start, clause.name, reason, pattern: included.pattern)
        } else {
            last = Grounds(.start, "Exclude" + clause.name, "\(place) is not excluded")
        }
        return nil
    }

    private mutating func firstMatch(_ globs: [Glob], _ subject: [UInt8]) -> Glob? {
        for glob in globs {
            let left = search.steps.left
            var unused = left
            let matches = glob.matches(subject[...], &machine, &unused)
            search.steps.take(min(left - unused, left + 1))
            if isOver { return nil }
            if matches { return glob }
        }
        return nil
    }

    /// What a clause about anything but paths says cannot be told.
    private func exceeded(_ clause: String) -> Grounds {
        Grounds(.invalid, clause, search.steps.breach)
    }
}

extension Deciding {
    /// Decides by the changed paths.
    mutating func decidePaths(
        _ selection: PathPatterns.Selection,
        startsWhenUnknown: Bool
    ) -> Grounds {
        let verdict = search.verdict(selection, count: change.paths.paths.count)
        switch verdict {
        case .match(let path, let pattern?):
            return matched(path, pattern, set.patterns.patterns[pattern].clause)
        case .match(let index, nil):
            let path = change.paths.paths[index]
            let reason = "\(path.inWords) is not excluded"
            return Grounds(.start, "ExcludePaths", reason, path: path)
        case .exceeded:
            return pathsExceeded(startsWhenUnknown)
        case .excluded, .none:
            break
        }
        if let incomplete = change.paths.incomplete {
            return unknown(incomplete, startsWhenUnknown)
        }
        guard case .excluded(let index, let pattern) = verdict else {
            // A rule's globs come before its expressions.
            let first = selection.included.first.map { set.patterns.places[$0] }
            let clause = first.map { set.patterns.patterns[$0].clause } ?? "ExcludePaths"
            return Grounds(.skipped, clause, noMatch)
        }
        let path = change.paths.paths[index]
        let text = set.patterns.patterns[pattern].text
        let reason =
            "every changed path that matches is excluded, the first being \(path.inWords) "
            + "by '\(clipped(text))'"
        return Grounds(.skipped, "ExcludePaths", reason, path: path, pattern: text)
    }

    /// Decides for a rule of the mono-repo trigger that is about the change's repository and branch.
    mutating func decideEarlier(_ selection: PathPatterns.Selection) -> Grounds {
        let clause = "ChangeMatchExpressions"
        if change.deleted { return .deleted }
        if change.paths.commits == 0 {
            return Grounds(.skipped, clause, "the push lists no commits")
        }
        switch search.verdict(selection, count: change.paths.paths.count) {
        case .match(let path, let pattern?): return matched(path, pattern, clause)
        case .exceeded: return pathsExceeded(true)
        case .match, .excluded, .none: break
        }
        // A path that GitHub left out may match. The mono-repo trigger ignored that and lost starts.
        if let incomplete = change.paths.incomplete { return unknown(incomplete, true) }
        return Grounds(.skipped, clause, noMatch)
    }

    private func matched(_ index: Int, _ pattern: Int, _ clause: String) -> Grounds {
        let path = change.paths.paths[index]
        let text = set.patterns.patterns[pattern].text
        let reason =
            text.isEmpty
            ? "\(path.inWords) matches the empty expression"
            : "\(path.inWords) matches '\(clipped(text))'"
        return Grounds(.start, clause, reason, path: path, pattern: text)
    }

    /// What the paths say cannot be told: as good as not knowing them.
    func pathsExceeded(_ starts: Bool) -> Grounds {
        let reason = "which changed paths match cannot be told: \(search.steps.breach)"
        return Grounds(starts ? .start : .skipped, "WhenPathsUnknown", reason)
    }

    private func unknown(_ incomplete: String, _ starts: Bool) -> Grounds {
        let reason = "\(noMatch), but not all changed paths are known: \(incomplete)"
        return Grounds(starts ? .start : .skipped, "WhenPathsUnknown", reason)
    }
}

extension Path {
    /// `changed path 'docs/a.md'`.
    fileprivate var inWords: String {
        "changed path '\(clipped(String(decoding: utf8, as: UTF8.self)))'"
    }
}

/// What decides about a rule: a decision without the rule.
struct Grounds {
    var outcome: Decision.Outcome
    var clause: String
    var reason: String
    /// As much of the path as a reader needs to know it: every rule has its own.
    var path: Path?
    /// As much of the pattern.
    var pattern: String?
    /// What is to be started is to be ended instead.
    var ends = false

    init(
        _ outcome: Decision.Outcome,
        _ clause: String,
        _ reason: String,
        path: Path? = nil,
        pattern: String? = nil
    ) {
        self.outcome = outcome
        self.clause = clause
        self.reason = reason
        self.path = path.map { Path(utf8: shortened($0.utf8)) }
        self.pattern = pattern.map { String(decoding: shortened([UInt8]($0.utf8)), as: UTF8.self) }
    }

    /// The same grounds to end what the rule has started for a pull request.
    var ending: Grounds {
        var grounds = self
        grounds.outcome = .start
        grounds.ends = true
        return grounds
    }

    /// A ref that is gone has nothing to run on.
    static var deleted: Grounds { Grounds(.skipped, "Deleted", "a deleted ref starts nothing") }

    /// A tag of a tree or a blob has nothing to run on either.
    static func withoutCommit(_ change: Change) -> Grounds {
        let object = change.tagObject.map { " (\(clipped($0)))" } ?? ""
        return Grounds(
            .skipped,
            "Commit",
            "the tag points to something that is not a commit\(object): nothing can run on it"
        )
    }

    /// A pull request from another repository, of which the rule does not say that it may start.
    static func fork(_ pullRequest: Change.PullRequest) -> Grounds {
        let from =
            pullRequest.headRepository.map { "the fork '\(clipped($0))'" }
            ?? "a repository that is gone, which counts as a fork"
        return Grounds(
            .skipped,
            "Forks",
            "the pull request comes from \(from): the rule does not say Forks: allow"
        )
    }
}

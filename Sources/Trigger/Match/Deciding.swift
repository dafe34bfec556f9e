/// Decides the rules of one change, one after the other.
struct Deciding {
    let change: Change
    let patterns: PathPatterns
    let branch: [UInt8]?
    let tag: [UInt8]?
    let actor: [UInt8]?
    let message: [UInt8]
    var search: PathSearch
    var machine = GlobMachine()

    init(_ change: Change, _ patterns: PathPatterns) {
        self.change = change
        self.patterns = patterns
        branch = change.branch.map { [UInt8]($0.utf8) }
        tag = change.tag.map { [UInt8]($0.utf8) }
        actor = change.actor.flatMap { $0.isEmpty ? nil : [UInt8]($0.utf8) }
        message = [UInt8]((change.message ?? "").utf8)
        search = PathSearch(change.paths.paths, patterns)
    }

    /// Decides a rule.
    mutating func decide(_ rule: Rule, _ selection: PathPatterns.Selection) -> Decision {
        let grounds: Grounds
        switch rule.content {
        case .invalid(let error):
            return Decision(
                ruleKey: rule.key,
                outcome: .invalid,
                clause: "Rule",
                reason: error.description
            )
        case .current(let definition):
            grounds = decide(definition, selection)
            return grounds.decision(rule.key, definition.target)
        case .earlier(let earlier):
            grounds = decideEarlier(selection)
            return grounds.decision(rule.key, earlier.target)
        }
    }

    private mutating func decide(
        _ rule: RuleDefinition,
        _ selection: PathPatterns.Selection
    ) -> Grounds {
        if let grounds = skipByEvent(rule) { return grounds }
        var last = Grounds(.start, "Events", "the rule is about every \(change.kind.rawValue)")
        switch change.kind {
        case .push, .pullRequest:
            let clause = Clause("Branches", "branch", rule.branches)
            if let grounds = check(clause, branch, &last) { return grounds }
        case .tag, .image:
            let clause = Clause("Tags", "tag", rule.tags)
            if let grounds = check(clause, tag, &last) { return grounds }
        }
        let clause = Clause("Actors", "actor", rule.actors)
        if let grounds = check(clause, actor, &last) { return grounds }
        for text in rule.skipMessages where message.holds([UInt8](text.utf8)) {
            let reason = "the head commit's message holds '\(clipped(text))'"
            return Grounds(.skipped, "SkipMessages", reason, pattern: text)
        }
        let looksAtPaths = change.kind == .push || change.kind == .pullRequest
        if looksAtPaths, !selection.included.isEmpty || !selection.excluded.isEmpty {
            return decidePaths(selection, startsWhenUnknown: rule.startsWhenPathsUnknown)
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
            : rule.repository.utf8.elementsEqual(change.repository.utf8) {
                lowercased($0) == lowercased($1)
            }
        if !isSame {
            let reason = "the rule is about '\(rule.repository)', not '\(change.repository)'"
            return Grounds(.skipped, "Repository", reason)
        }
        if !rule.events.contains(change.kind) {
            let events = rule.events.map { $0.rawValue }.alternatives
            let reason = "the rule is about \(events), not \(change.kind.rawValue)"
            return Grounds(.skipped, "Events", reason)
        }
        if change.pullRequest?.action == "closed", !rule.target.takesClosedPullRequests {
            let reason = "a closed pull request does not start a \(rule.target.name)"
            return Grounds(.skipped, "Target", reason)
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
            if included == nil {
                return Grounds(.skipped, clause.name, "\(place) matches none of \(clause.name)")
            }
        }
        if let glob = firstMatch(patterns.excluded, subject) {
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
        for glob in globs where glob.matches(subject[...], &machine) { return glob }
        return nil
    }
}

extension [UInt8] {
    /// Whether other bytes lie anywhere in these.
    fileprivate func holds(_ other: [UInt8]) -> Bool {
        guard other.count <= count else { return false }
        for index in 0...(count - other.count) where self[...].holds(other, at: index) {
            return true
        }
        return false
    }
}

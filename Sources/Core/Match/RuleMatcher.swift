internal import Codec

/// Matches the rules of one change, one after the other.
///
/// Every clause is decided here, except `Comment` (``CommentLookup``) and `Order` (``HeadStore``, when a start is
/// claimed). `test` decides a clause that does not look at changed paths. `decidePaths` decides those over paths
/// together, because one match among many paths is enough.
struct RuleMatcher {
    private let change: Change
    private let set: RuleSet
    private var search: PathSearch
    private let branch: Subject
    private let tag: Subject
    private let actor: Subject
    private let message: [UInt8]
    private var machine = GlobMachine()
    /// What decides about a rule that states nothing else.
    private let everyChange: Verdict
    /// What is said if no path matches.
    private let noMatch: String
    /// The verdict on each set of conditions; `nil` until a rule needs it.
    private var verdicts: [(verdict: Verdict, steps: Int)?]

    /// What a clause comes to.
    enum Finding {
        /// There is nothing to tell: the rule does not state it, it has passed silently, or it is decided elsewhere.
        case unstated
        /// It has no say in changes of this kind.
        case noSay
        /// It passes. The verdict is the rule's if no later clause brings one.
        case passed(Verdict?)
        /// It decides.
        case failed(Verdict)
        /// The verdict of the clauses before it is to end what was started.
        case ended
    }

    /// A name that globs are matched against.
    private struct Subject {
        /// `branch`, `tag` or `actor`.
        var name: String
        /// `nil` if the event does not say it.
        var bytes: [UInt8]?
        /// For messages: `branch 'main'`.
        var words: String
        /// Whether changes of this kind can have such a name; an event that merely lacks it fails.
        var hasSay: Bool

        init(_ name: String, _ value: String?, hasSay: Bool = true) {
            self.name = name
            bytes = value.map { [UInt8]($0.utf8) }
            words = "\(name) '\(clipped(value ?? ""))'"
            self.hasSay = hasSay
        }
    }

    init(_ change: Change, _ set: RuleSet, steps: Int = Budget.change.limit) {
        self.change = change
        self.set = set
        search = PathSearch(change.paths.paths, set.patterns, MatchingSteps(inAll: steps))
        branch = Subject(
            "branch",
            change.branch,
            hasSay: change.kind.hasBranchAndPaths && !change.awaitsPullRequest
        )
        tag = Subject("tag", change.tag, hasSay: !change.kind.hasBranchAndPaths)
        actor = Subject("actor", change.namedActor)
        message = [UInt8]((change.message ?? "").utf8)
        everyChange = Verdict(.start, .events, "the rule is about every \(change.kind.rawValue)")
        noMatch =
            switch change.paths.paths.count {
            case 0: "there is no changed path"
            case 1: "the changed path does not match"
            case let count: "none of \(count) changed paths matches"
            }
        verdicts = [(verdict: Verdict, steps: Int)?](
            repeating: nil,
            count: set.representatives.count
        )
    }

    /// Starts a rule's turn, in which matching may take so many steps.
    mutating func begin(allowed steps: Int) {
        search.steps.begin(allowed: steps)
    }

    /// Whether the rule has used up its steps: the verdict holds only if it cannot have more.
    var isOver: Bool { search.steps.isOver }

    /// Decides the rule at an index; `nil` if it is not to be named.
    mutating func decide(_ index: Int) -> Verdict? {
        let (conditions, selection) = set.entries[index]
        let verdict = verdict(on: conditions)
        if verdict.clause == .gitHubBranch { return nil }
        // A comment asks for a run whatever has changed.
        guard verdict.outcome == .start, !verdict.ends, change.kind.hasBranchAndPaths,
            change.comment == nil, !selection.isEmpty
        else { return verdict }
        return decidePaths(selection, of: set.rules[index])
    }

    private mutating func verdict(on conditions: Int) -> Verdict {
        if let known = verdicts[conditions] {
            search.steps.takeAgain(known.steps)
            return known.verdict
        }
        let verdict = decideConditions(of: set.rules[set.representatives[conditions]])
        if !isOver { verdicts[conditions] = (verdict, search.steps.taken) }
        return verdict
    }

    /// Decides by all that a rule says but the paths.
    private mutating func decideConditions(of rule: Rule) -> Verdict {
        var last = everyChange
        for clause in Clause.allCases {
            switch test(clause, of: rule) {
            case .unstated, .noSay: continue
            case .passed(let verdict): last = verdict ?? last
            case .failed(let verdict): return verdict
            case .ended: return last.ending
            }
        }
        return last
    }
}

extension RuleMatcher {
    /// Tests a clause of any kind of rule.
    ///
    /// Those over changed paths decide together, and have no test of their own.
    mutating func test(_ clause: Clause, of rule: Rule) -> Finding {
        switch (clause, rule.content) {
        case (.gitHubBranch, _):
            rule.isConsidered(for: change) ? .unstated : .failed(Verdict(.skipped, clause, ""))
        case (.rule, .invalid(let error)): .failed(Verdict(.invalid, clause, error.description))
        case (.rule, .unread(let reason)): .failed(Verdict(.unread, clause, reason))
        case (.deleted, _): check(!change.deleted, clause, "a deleted ref starts nothing")
        case (.changeMatchExpressions, .monoRepo) where change.paths.commits == 0:
            .failed(Verdict(.skipped, clause, "the push lists no commits"))
        case (_, .current(let definition)): testDefinition(clause, of: definition)
        case (_, .monoRepo), (_, .invalid), (_, .unread): .unstated
        }
    }

    /// Tests a clause of a rule that can be used.
    private mutating func testDefinition(_ clause: Clause, of rule: RuleDefinition) -> Finding {
        switch clause {
        case .source:
            let (own, other) = (rule.source, change.source)
            return check(
                own == other,
                clause,
                "the rule is about \(own.rawValue), not \(other.rawValue)"
            )
        case .repository:
            let (own, other) = (rule.repository, change.repository)
            // CodeCommit's names are case-sensitive, the others' are not.
            return check(
                change.source == .codecommit
                    ? isSame(own, other) : equalsIgnoringASCIICase(own, other),
                clause,
                "the rule is about '\(clipped(own))', not '\(clipped(other))'"
            )
        case .events:
            let (events, kind) = (rule.events, change.kind)
            return check(
                events.contains(kind),
                clause,
                "the rule is about \(events.map { $0.rawValue }.alternatives), not \(kind.rawValue)"
            )
        case .commit:
            guard change.kind == .tag else { return .unstated }
            let object = change.tagObject.map { " (\(clipped($0)))" } ?? ""
            return check(
                !change.isWithoutCommit,
                clause,
                "the tag points to something that is not a commit\(object): nothing can run on it"
            )
        case .target:
            let action = change.pullRequest?.action
            guard action == "closed" || action == "edited" else { return .unstated }
            // What a status says was decided for the base that the pull request had before.
            if action == "edited", rule.status != nil { return .unstated }
            let what = action == "closed" ? "a closed pull request" : "a pull request's new base"
            // What runs for a pull request that is closed is stopped.
            let stops = rule.supersedes && action == "closed"
            return check(
                rule.target.followsPullRequests || stops,
                clause,
                "\(what) does not start a \(rule.target.name)"
            )
        case .branches, .excludeBranches:
            if clause == .branches, change.isOfMergeQueue, !rule.branches.areOfMergeQueue {
                let reason =
                    "\(branch.words) is a merge queue's: it concerns only rules with a pattern that "
                    + "begins with '\(Change.mergeQueue)'"
                return .failed(Verdict(.skipped, clause, reason))
            }
            let finding = testName(clause, rule.branches, branch)
            guard change.pullRequest?.action == "edited", rule.target.followsPullRequests,
                case .failed(let verdict) = finding, verdict.outcome == .skipped
            else { return finding }
            // The base that it had before may have been the rule's.
            return .failed(verdict.ending)
        case .tags, .excludeTags: return testName(clause, rule.tags, tag)
        case .forks:
            guard let pullRequest = change.pullRequest else {
                return rule.forks == nil ? .unstated : .noSay
            }
            // When a pull request is closed, its pipeline is removed: neither where it comes from,
            // nor the actor, nor the changed paths count.
            if pullRequest.action == "closed" { return .ended }
            if change.awaitsPullRequest { return .noSay }
            let from =
                pullRequest.headRepository.map { "the fork '\(clipped($0))'" }
                ?? "a repository that is gone, which counts as a fork"
            return check(
                rule.allowsForks || !pullRequest.fork,
                clause,
                "the pull request comes from \(from): the rule does not say Forks: allow"
            )
        case .drafts:
            guard rule.drafts != nil else { return .unstated }
            guard let pullRequest = change.pullRequest, !isAskedAnyhow else { return .noSay }
            return check(
                !rule.skipsDrafts || !pullRequest.draft,
                clause,
                "the pull request is a draft"
            )
        case .labels, .excludeLabels:
            if isAskedAnyhow { return rule.labels.isEmpty ? .unstated : .noSay }
            return testLabels(clause, rule.labels)
        case .actors, .excludeActors:
            // GitHub says who may comment for a run.
            if change.comment != nil { return rule.actors.isEmpty ? .unstated : .noSay }
            return testName(clause, rule.actors, actor)
        case .skipMessages:
            if change.kind == .mergeGroup, !rule.skipMessages.isEmpty { return .noSay }
            return testMessages(rule.skipMessages)
        case .gitHubBranch, .rule, .deleted, .changeMatchExpressions, .paths, .pathExpressions,
            .excludePaths, .whenPathsUnknown, .comment, .order:
            return .unstated
        }
    }

    /// `/test` asks for a rule whatever the pull request's labels and draft, or these are not known.
    private var isAskedAnyhow: Bool { change.comment?.verb == .test || change.awaitsPullRequest }

    private func check(
        _ holds: Bool,
        _ clause: Clause,
        _ reason: @autoclosure () -> String
    ) -> Finding {
        holds ? .passed(nil) : .failed(Verdict(.skipped, clause, reason()))
    }

    /// Tests a property over a name, or its `Exclude` counterpart.
    private mutating func testName(
        _ clause: Clause,
        _ patterns: RuleDefinition.Patterns,
        _ subject: Subject
    ) -> Finding {
        let globs = clause.isExclude ? patterns.excluded : patterns.included
        guard !globs.isEmpty else { return .unstated }
        guard subject.hasSay else { return .noSay }
        guard let bytes = subject.bytes else {
            // Fail closed: what the rule asks for or fears cannot be checked.
            let reason = "the event does not say the \(subject.name)"
            return .failed(Verdict(.skipped, clause, reason))
        }
        let match = firstMatch(globs, bytes)
        if isOver { return exceeded(clause) }
        let what = subject.words
        switch (match, clause.isExclude) {
        case (let glob?, false):
            let reason = "\(what) matches '\(clipped(glob.pattern))'"
            return .passed(Verdict(.start, clause, reason, pattern: glob.pattern))
        case (nil, false):
            return .failed(Verdict(.skipped, clause, "\(what) matches none of \(clause.rawValue)"))
        case (let glob?, true):
            let reason = "\(what) is excluded by '\(clipped(glob.pattern))'"
            return .failed(Verdict(.skipped, clause, reason, pattern: glob.pattern))
        case (nil, true):
            // The pattern that includes it says more.
            guard patterns.included.isEmpty else { return .passed(nil) }
            return .passed(Verdict(.start, clause, "\(what) is not excluded"))
        }
    }

    /// Tests the labels of a pull request: all of them, or those that were added if that is what
    /// happened.
    private mutating func testLabels(
        _ clause: Clause,
        _ patterns: RuleDefinition.Patterns
    ) -> Finding {
        let globs = clause.isExclude ? patterns.excluded : patterns.included
        let pullRequest = change.pullRequest
        guard !globs.isEmpty else {
            guard pullRequest?.isLabeled == true, clause == .labels else { return .unstated }
            let reason = "an added label starts only rules that have Labels"
            return .failed(Verdict(.skipped, clause, reason))
        }
        guard let pullRequest else { return .noSay }
        let labels = clause.isExclude ? pullRequest.labels : pullRequest.decidingLabels
        let what = !clause.isExclude && pullRequest.isLabeled ? "added label" : "label"
        for label in labels {
            let match = firstMatch(globs, [UInt8](label.utf8))
            if isOver { return exceeded(clause) }
            guard let pattern = match?.pattern else { continue }
            let words = "\(what) '\(clipped(label))'"
            guard clause.isExclude else {
                let reason = "\(words) matches '\(clipped(pattern))'"
                return .passed(Verdict(.start, clause, reason, pattern: pattern))
            }
            let reason = "\(words) is excluded by '\(clipped(pattern))'"
            return .failed(Verdict(.skipped, clause, reason, pattern: pattern))
        }
        if clause.isExclude {
            // The pattern that includes one says more.
            guard patterns.included.isEmpty else { return .passed(nil) }
            return .passed(Verdict(.start, clause, "no label is excluded"))
        }
        let reason =
            switch labels.count {
            case 0: "the pull request has no label"
            case 1: "\(what) '\(clipped(labels[0]))' matches none of Labels"
            case let count: "none of \(count) \(what)s matches Labels"
            }
        return .failed(Verdict(.skipped, clause, reason))
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

    private mutating func testMessages(_ texts: [String]) -> Finding {
        guard !texts.isEmpty else { return .unstated }
        for text in texts {
            // Each byte of the message may be compared with each of the text.
            search.steps.take(1 + message.count * text.utf8.count / 64)
            if isOver { return exceeded(.skipMessages) }
            guard message[...].holds([UInt8](text.utf8)) else { continue }
            let reason = "the head commit's message holds '\(clipped(text))'"
            return .failed(Verdict(.skipped, .skipMessages, reason, pattern: text))
        }
        return .passed(nil)
    }

    /// What a clause about anything but paths says cannot be told.
    private func exceeded(_ clause: Clause) -> Finding {
        .failed(Verdict(.invalid, clause, search.steps.breach))
    }
}

extension RuleMatcher {
    /// The context of the status that is to say what became of a rule; `nil` for none.
    ///
    /// An invalid rule has one if it is known that it is about the change but for what is wrong with it.
    mutating func status(of rule: Rule, _ verdict: Verdict) -> String? {
        guard change.source.hasStatuses else { return nil }
        if let definition = rule.definition {
            // Where not even the branch could be matched, it may be none of its business.
            let isUntold =
                verdict.outcome == .invalid
                && (verdict.clause == .branches || verdict.clause == .excludeBranches)
            return isUntold ? nil : definition.status
        }
        guard let scope = rule.invalidScope, scope.events.contains(change.kind), !change.deleted
        else { return nil }
        guard change.kind.hasBranchAndPaths else { return scope.status }
        guard let bytes = branch.bytes, change.pullRequest?.action != "closed" else { return nil }
        begin(allowed: Budget.first)
        if change.isOfMergeQueue, !scope.branches.areOfMergeQueue { return nil }
        let (included, excluded) = (scope.branches.included, scope.branches.excluded)
        let concerns =
            (included.isEmpty || firstMatch(included, bytes) != nil)
            && firstMatch(excluded, bytes) == nil
        return concerns && !isOver ? scope.status : nil
    }
}

extension RuleMatcher {
    /// Decides by the changed paths: what the clauses over them come to together.
    private mutating func decidePaths(
        _ selection: PathPatterns.Selection,
        of rule: Rule
    ) -> Verdict {
        let paths = change.paths.paths
        let found = isOver ? .exceeded : search.verdict(selection, count: paths.count)
        switch found {
        case .match(let index, let number?):
            let (path, pattern) = (paths[index], set.patterns.patterns[number])
            let text = pattern.text
            let what = text.isEmpty ? "the empty expression" : "'\(clipped(text))'"
            let reason = "\(path.inWords) matches \(what)"
            return Verdict(.start, rule.clause(of: pattern), reason, path: path, pattern: text)
        case .match(let index, nil):
            let reason = "\(paths[index].inWords) is not excluded"
            return Verdict(.start, .excludePaths, reason, path: paths[index])
        case .exceeded:
            // As good as not knowing them.
            let reason = "which changed paths match cannot be told: \(search.steps.breach)"
            return pathsUnknown(rule, reason)
        case .excluded, .none:
            break
        }
        // A path that is not known may match.
        if let incomplete = change.paths.incomplete {
            let reason = "\(noMatch), but not all changed paths are known: \(incomplete)"
            return pathsUnknown(rule, reason)
        }
        guard case .excluded(let index, let number) = found else {
            // A rule's globs come before its expressions.
            let first = selection.included.first.map { set.patterns[$0] }
            return Verdict(.skipped, first.map { rule.clause(of: $0) } ?? .excludePaths, noMatch)
        }
        let (path, text) = (paths[index], set.patterns.patterns[number].text)
        let reason =
            "every changed path that matches is excluded, the first being \(path.inWords) "
            + "by '\(clipped(text))'"
        return Verdict(.skipped, .excludePaths, reason, path: path, pattern: text)
    }

    private func pathsUnknown(_ rule: Rule, _ reason: String) -> Verdict {
        Verdict(rule.startsWhenPathsUnknown ? .start : .skipped, .whenPathsUnknown, reason)
    }
}

extension Change {
    /// The actor; `nil` if the event names none, or an empty one.
    var namedActor: String? { actor.flatMap { $0.isEmpty ? nil : $0 } }

    /// What the names of the branches begin with on which GitHub's merge queues prepare what they are
    /// about to merge.
    static let mergeQueue = "gh-readonly-queue/"

    /// Whether it is a push of a merge queue's own.
    var isOfMergeQueue: Bool {
        source == .github && kind == .push
            && branch?.utf8.starts(with: Self.mergeQueue.utf8) == true
    }
}

extension Change.PullRequest {
    /// The labels that `Labels` looks at.
    package var decidingLabels: [String] { isLabeled ? addedLabels : labels }
}

extension RuleDefinition.Patterns {
    /// Whether they name branches of merge queues.
    var areOfMergeQueue: Bool {
        included.contains { $0.pattern.utf8.starts(with: Change.mergeQueue.utf8) }
    }
}

extension Change.Kind {
    /// Whether such changes have a branch and changed paths; the others have a tag.
    var hasBranchAndPaths: Bool {
        switch self {
        case .push, .pullRequest, .mergeGroup: true
        case .tag, .image: false
        }
    }
}

extension Rule {
    /// The clause that has a pattern that includes paths.
    fileprivate func clause(of pattern: PathPattern) -> Clause {
        switch (content, pattern) {
        case (.monoRepo, _): .changeMatchExpressions
        case (_, .glob): .paths
        case (_, .expression): .pathExpressions
        }
    }
}

extension Path {
    /// `changed path 'docs/a.md'`.
    fileprivate var inWords: String {
        "changed path '\(clipped(String(decoding: utf8, as: UTF8.self)))'"
    }
}

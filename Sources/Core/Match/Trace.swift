internal import Codec

/// One rule and one change, clause by clause: of each what the rule wants and what the change has.
///
/// For people: a decision ends at the first clause that fails, this goes on.
package struct Trace {
    package enum Role: String, Sendable {
        /// The change has what it wants.
        case passed
        /// It matches nothing, but another one may.
        case noMatch = "no match"
        case decided
        /// An earlier one had decided, or it has no say in changes of this kind.
        case notLookedAt = "not looked at"
    }

    /// A clause that the rule states, or that every rule has.
    package struct Step: Equatable, Sendable {
        package var clause: Clause
        /// What the rule wants, such as the patterns one after the other.
        package var wants: String
        /// What the change has.
        package var has: String
        package var role: Role
    }

    /// What a rule's patterns say about one changed path.
    package struct PathMatch: Equatable, Sendable {
        package var path: Path
        /// The first pattern that includes it; absent too if the rule only excludes.
        package var included: String?
        /// The first pattern that excludes it.
        package var excluded: String?
    }

    /// Changed paths of one kind: the first of them, and how many there are.
    package struct PathMatches: Equatable, Sendable {
        package internal(set) var named: [PathMatch] = []
        package internal(set) var count = 0

        fileprivate mutating func add(_ match: PathMatch, limit: Int) {
            count += 1
            if named.count < limit { named.append(match) }
        }
    }

    /// The changed paths by what the rule's patterns say about them.
    package struct Paths: Equatable, Sendable {
        /// Those that start it.
        package internal(set) var matching = PathMatches()
        /// Those that would, but are excluded.
        package internal(set) var excluded = PathMatches()
        /// Those that no pattern includes.
        package internal(set) var others = PathMatches()
    }

    /// The clauses in their order.
    package private(set) var steps: [Step] = []
    /// What is decided; `nil` if the rule is about another repository or branch.
    package let decision: Decision?
    /// The changed paths; `nil` if they have no say.
    package private(set) var paths: Paths?

    private let rule: Rule
    private let change: Change
    private var isDecided = false

    /// Traces a rule.
    ///
    /// - Parameter pathLimit: How many paths of each kind are named at the most.
    package init(_ rule: Rule, _ change: Change, pathLimit: Int) {
        let set = RuleSet([rule])
        let decided = set.decide(change)
        decision =
            change.comment.map { set.decisions(decided, onComment: $0) }?.first ?? decided.first
        self.rule = rule
        self.change = change
        if let decision, decision.exceedsSteps {
            let wants = "matching that keeps its budget"
            add(decision.clause, (wants, has: decision.reason), .decided)
            return
        }
        addConditions(set)
        if endsAfterScope { return }
        if let command = change.comment {
            add(.comment, command, set)
        } else {
            addPaths(set, limit: pathLimit)
        }
        addOrder()
    }

    private mutating func addOrder() {
        guard let startsNewest = rule.definition?.startsNewest,
            let order = StartOrder(of: change, startsNewest: startsNewest)
        else { return }
        let wants: String
        switch (order.isIgnored, order.onceFor != nil) {
        case (false, false): wants = "no newer change started by this rule before"
        case (false, true):
            wants = "neither a newer change nor this head started by this rule before"
        case (true, true): wants = "this head not started by this rule before"
        case (true, false): return
        }
        let has = "unknown here: it is looked up when the target is started"
        add(.order, (wants, has), .notLookedAt)
    }

    private mutating func add(_ clause: Clause, _ words: (wants: String, has: String), _ role: Role)
    {
        steps.append(Step(clause: clause, wants: words.wants, has: words.has, role: role))
    }

    /// What only the function looks up: GitHub and the bucket are not asked here.
    private mutating func add(_ clause: Clause, _ command: CommentCommand, _ set: RuleSet) {
        guard rule.definition?.events.contains(.pullRequest) == true else { return }
        let wants =
            command.verb == .test
            ? "a comment by somebody who may push, on a head that was received"
            : "the same, and a status that is failure or error"
        add(
            clause,
            (wants, has: "'\(clipped(command.line))': the rest is looked up by the function"),
            decision?.clause == clause ? .decided : .notLookedAt
        )
    }

    private mutating func addConditions(_ set: RuleSet) {
        // What comes after the decision takes steps as well.
        var matcher = RuleMatcher(change, set, steps: .max / 2)
        matcher.begin(allowed: .max / 2)
        for clause in Clause.allCases {
            let finding = matcher.test(clause, of: rule)
            if case .unstated = finding { continue }
            var words = words(clause)
            var role = Role.passed
            if case .noSay = finding {
                words.has = noSay
                role = .notLookedAt
            }
            if case .ended = finding { isDecided = true }
            if isDecided {
                role = .notLookedAt
            } else if clause == decision?.clause ?? .gitHubBranch {
                role = .decided
            }
            add(clause, words, role)
            if case .failed = finding { isDecided = true }
            if isDecided, endsAfterScope { return }
        }
    }

    /// The rule cannot be used, or is about another repository or branch.
    private var endsAfterScope: Bool { decision == nil || decision?.clause == .rule }

    private var noSay: String { "no say in a change of kind \(change.kind.rawValue)" }
}

extension Trace {
    private func words(_ clause: Clause) -> (wants: String, has: String) {
        switch (clause, rule.content) {
        case (.gitHubBranch, _):
            let (kind, branch) = (change.kind.rawValue, change.branch ?? "")
            return (
                "a push to its repository and branch",
                "\(kind) to '\(branch)' of '\(change.repository)'"
            )
        case (.rule, _):
            let verb = rule.isUnread ? "read" : "used"
            return ("a rule that can be \(verb)", decision?.reason ?? "")
        case (.deleted, _):
            let there = "a ref that is there"
            return (there, change.deleted ? "a ref that was deleted" : there)
        case (.changeMatchExpressions, _): return ("commits", "a push that lists none")
        case (_, .current(let definition)): return words(clause, definition)
        case (_, .monoRepo), (_, .invalid), (_, .unread): return ("", "")
        }
    }

    private func words(_ clause: Clause, _ rule: RuleDefinition) -> (wants: String, has: String) {
        switch clause {
        case .source: return (rule.source.rawValue, change.source.rawValue)
        case .repository: return (rule.repository, change.repository)
        case .events:
            return (rule.events.map { $0.rawValue }.alternatives, change.kind.rawValue)
        case .commit:
            let commit = "a tag of a commit"
            return (commit, change.isWithoutCommit ? "a tag of something else" : commit)
        case .target:
            let name = rule.target.name
            return (
                rule.target.followsPullRequests
                    ? "\(name), which follows pull requests"
                    : "a pull request to run for, being a \(name)",
                "a pull request that was \(change.pullRequest?.action ?? "")"
            )
        case .branches, .excludeBranches:
            if clause == .branches, change.isOfMergeQueue, !rule.branches.areOfMergeQueue {
                return (
                    "a pattern that begins with \(Change.mergeQueue)", "'\(change.branch ?? "")'"
                )
            }
            return words(clause, rule.branches, "branch", change.branch)
        case .tags, .excludeTags: return words(clause, rule.tags, "tag", change.tag)
        case .forks:
            let itself = "the repository itself"
            guard let pullRequest = change.pullRequest else {
                return (rule.forks?.rawValue ?? "", itself)
            }
            let from =
                pullRequest.headRepository.map { "the fork '\($0)'" } ?? "a repository that is gone"
            return (
                rule.allowsForks ? "allow" : "skip: \(itself)",
                pullRequest.fork ? from : itself
            )
        case .drafts:
            let isDraft = change.pullRequest?.draft == true
            return (
                rule.skipsDrafts ? "skip: a pull request that is no draft" : "start",
                isDraft ? "a draft" : "no draft"
            )
        case .labels, .excludeLabels:
            let globs = clause.isExclude ? rule.labels.excluded : rule.labels.included
            let isLabeled = clause == .labels && change.pullRequest?.isLabeled == true
            let labels =
                isLabeled ? change.pullRequest?.addedLabels : change.pullRequest?.labels
            let names = (labels ?? []).map { "'\($0)'" }.joined(", ")
            return (
                globs.isEmpty ? "no added label" : wants(clause, globs.map { $0.pattern }),
                names.isEmpty ? "no label" : isLabeled ? "\(names), which was added" : names
            )
        case .actors, .excludeActors:
            return words(clause, rule.actors, "actor", change.namedActor)
        case .skipMessages:
            let message = [UInt8]((change.message ?? "").utf8)
            let found = rule.skipMessages.first { message[...].holds([UInt8]($0.utf8)) }
            return (
                "none of \(rule.skipMessages.joined(", ")) in the head commit's message",
                found.map { "'\($0)'" } ?? "none of them"
            )
        case .gitHubBranch, .rule, .deleted, .changeMatchExpressions, .paths, .pathExpressions,
            .excludePaths, .whenPathsUnknown, .comment, .order:
            return ("", "")
        }
    }

    private func words(
        _ clause: Clause,
        _ patterns: RuleDefinition.Patterns,
        _ subject: String,
        _ value: String?
    ) -> (wants: String, has: String) {
        let globs = clause.isExclude ? patterns.excluded : patterns.included
        return (
            wants(clause, globs.map { $0.pattern }),
            value.map { "'\($0)'" } ?? "an event that does not say the \(subject)"
        )
    }

    private func wants(_ clause: Clause, _ patterns: [String]) -> String {
        let all = patterns.map { $0.isEmpty ? "the empty expression" : $0 }.joined(", ")
        return clause.isExclude ? "none of \(all)" : all
    }
}

extension Trace {
    private mutating func addPaths(_ set: RuleSet, limit: Int) {
        let stated = rule.pathPatterns.filter { !$0.patterns.isEmpty }
        guard !stated.isEmpty else { return }
        let count = change.paths.paths.count
        var has = noSay
        var paths: Paths?
        if change.kind.hasBranchAndPaths {
            has = count == 1 ? "1 changed path" : "\(count) changed paths"
            paths = listed(set, limit: limit)
        }
        self.paths = paths
        var hasDecided = false
        for (clause, patterns) in stated {
            let role = role(clause, paths, hasDecided: hasDecided)
            if role == .decided { hasDecided = true }
            add(clause, (wants(clause, patterns), has), role)
        }
        guard paths != nil, let unknown = change.paths.incomplete,
            isDecided || decision?.clause == .whenPathsUnknown
        else { return }
        add(
            .whenPathsUnknown,
            (
                rule.startsWhenPathsUnknown ? "start" : "skip",
                "not all changed paths, since \(unknown)"
            ),
            isDecided ? .notLookedAt : .decided
        )
    }

    /// What a clause over changed paths did; all of them decide together.
    ///
    /// - Parameter hasDecided: A clause before it has decided.
    private func role(_ clause: Clause, _ paths: Paths?, hasDecided: Bool) -> Role {
        guard let paths, !isDecided else { return .notLookedAt }
        if clause == decision?.clause { return .decided }
        if paths.matching.count > 0 {
            if clause.isExclude { return .passed }
            return hasDecided ? .notLookedAt : .noMatch
        }
        // Whatever is included is excluded as well.
        return paths.excluded.count > 0 && !clause.isExclude ? .passed : .noMatch
    }

    /// The changed paths, so many of each kind, with the patterns that say so.
    private func listed(_ set: RuleSet, limit: Int) -> Paths {
        // All paths are listed, which may take more steps than deciding does.
        let budget = MatchingSteps(inAll: .max / 2)
        var search = PathSearch(change.paths.paths, set.patterns, budget)
        search.steps.begin(allowed: .max / 2)
        let selection = set.entries.first?.selection ?? PathPatterns.Selection()
        var listed = Paths()
        for index in change.paths.paths.indices {
            let match = PathMatch(
                path: change.paths.paths[index],
                included: search.firstPattern(selection.included, matching: index),
                excluded: search.firstPattern(selection.excluded, matching: index)
            )
            if match.included == nil, !selection.included.isEmpty {
                listed.others.add(match, limit: limit)
            } else if match.excluded != nil {
                listed.excluded.add(match, limit: limit)
            } else {
                listed.matching.add(match, limit: limit)
            }
        }
        return listed
    }
}

extension PathSearch {
    /// The first of some patterns that matches a path.
    fileprivate mutating func firstPattern(_ places: Range<Int>, matching path: Int) -> String? {
        for place in places where first(patterns.places[place], in: path..<path + 1) != nil {
            return patterns[place].text
        }
        return nil
    }
}

extension Rule {
    /// The clauses over changed paths, in order, each with its patterns.
    fileprivate var pathPatterns: [(clause: Clause, patterns: [String])] {
        switch content {
        case .current(let definition):
            let paths = definition.paths
            return [
                (.paths, paths.included.map { $0.pattern }),
                (.pathExpressions, definition.pathExpressions.map { $0.pattern }),
                (.excludePaths, paths.excluded.map { $0.pattern }),
            ]
        case .monoRepo(let rule):
            return [(.changeMatchExpressions, rule.expressions.map { $0.pattern })]
        case .invalid, .unread: return []
        }
    }
}

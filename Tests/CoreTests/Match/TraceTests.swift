import Codec
import Testing

@testable import Core

@Suite struct TraceTests {
    /// That one clause has decided, the one that the decision names, and what a reader sees of it.
    private func expectDecided(_ rule: Rule, _ row: DecisionRow) {
        let trace = Trace(rule, row.change, pathLimit: 3)
        #expect(trace.decision == RuleSet([rule]).decide(row.change).first)
        #expect(trace.steps.filter { $0.role == .decided }.map(\.clause.rawValue) == [row.clause])
        if row.outcome == .skipped {
            let after = trace.steps.drop { $0.role != .decided }.dropFirst()
            #expect(after.allSatisfy { [.notLookedAt, .noMatch].contains($0.role) })
        } else if let path = trace.decision?.path {
            #expect(trace.paths?.matching.named.first?.path == path)
            #expect(trace.paths?.matching.named.first?.included == row.pattern)
        }
    }

    @Test(
        arguments: RuleSetTests.source + RuleSetTests.refs + RuleSetTests.commits
            + RuleSetTests.forks + RuleSetTests.drafts + RuleSetTests.labels
            + RuleSetTests.mergeGroups + RuleSetTests.queuePushes + RuleSetTests.actors
            + RuleSetTests.paths
    )
    func `the clause that decides about a rule is marked`(row: DecisionRow) {
        expectDecided(.current(row.rule), row)
    }

    @Test(arguments: RuleSetTests.monoRepo)
    func `the clause that decides about a rule of the mono-repo trigger is marked`(
        row: DecisionRow
    ) {
        expectDecided(.monoRepo(row.rule), row)
    }

    @Test(arguments: [
        (Change.fork("closed"), "Branches", ["Forks", "ExcludeActors", "Paths"]),
        (
            .fork("edited").with { $0.branch = "dev" }, "Branches",
            ["Forks", "ExcludeActors", "Paths"]
        ),
        (.fork("edited"), "Forks", ["ExcludeActors", "Paths", "WhenPathsUnknown"]),
    ])
    func `what ends a pull request's pipeline is not looked at further`(
        change: Change,
        decider: String,
        unseen: [String]
    ) {
        let rule = Rule(
            key: "p/rules/github/acme/app/r.json",
            prefix: "p",
            object: [UInt8](
                """
                {"Repository": "acme/app", "Events": ["pull_request"], "Branches": ["main"],
                "ExcludeActors": ["octocat"], "Paths": ["src/**"],
                "Target": {"PullRequestPipeline": {"Template": "t", "SourceAction": "s"}}}
                """.utf8
            )
        )
        let steps = Trace(rule, change, pathLimit: 3).steps
        #expect(steps.filter { $0.role == .decided }.map(\.clause.rawValue) == [decider])
        let notLookedAt = steps.filter { $0.role == .notLookedAt }.map(\.clause.rawValue)
        #expect(Array(notLookedAt.prefix(3)) == unseen)
    }

    @Test func `nothing else is said of a rule that cannot be used or is of another branch`() {
        let unread = Rule(key: "p/rules/github/acme/app/r.json", prefix: "p", unread: "no")
        let cases: [(Rule, String)] = [
            (
                .monoRepo("a", branch: "dev"),
                "GitHubBranch: wants a push to its repository and branch, "
                    + "has push to 'main' of 'acme/app': decided"
            ),
            (
                .current(#""Branchs": []"#),
                "Rule: wants a rule that can be used, "
                    + "has Branchs: unknown property, did you mean `Branches`?: decided"
            ),
            (unread, "Rule: wants a rule that can be read, has no: decided"),
        ]
        for (rule, line) in cases {
            #expect(lines(Trace(rule, .push(["a"]), pathLimit: 3)) == [line])
        }
    }

    private func lines(_ trace: Trace) -> [String] {
        trace.steps.map {
            "\($0.clause.rawValue): wants \($0.wants), has \($0.has): \($0.role.rawValue)"
        }
    }

    @Test func `every clause is named, with what it did`() {
        let rule = Rule.current(
            #""Branches": ["main"], "Tags": ["v*"], "ExcludeActors": ["bot"], "SkipMessages": ["[ci]"]"#
        )
        #expect(
            lines(Trace(rule, .push(["a"], branch: "master"), pathLimit: 3)) == [
                "Deleted: wants a ref that is there, has a ref that is there: passed",
                "Source: wants github, has github: passed",
                "Repository: wants acme/app, has acme/app: passed",
                "Events: wants push, has push: passed",
                "Branches: wants main, has 'master': decided",
                "Tags: wants v*, has no say in a change of kind push: not looked at",
                "ExcludeActors: wants none of bot, has 'octocat': not looked at",
                "SkipMessages: wants none of [ci] in the head commit's message, "
                    + "has none of them: not looked at",
            ]
        )
    }

    @Test(arguments: [
        (
            Change.fork("opened"),
            "skip: the repository itself, has the fork 'stranger/app': decided"
        ),
        (
            Change.fork("opened", from: nil),
            "skip: the repository itself, has a repository that is gone: decided"
        ),
        (
            Change.pullRequest("opened"),
            "skip: the repository itself, has the repository itself: passed"
        ),
    ])
    func `where a pull request comes from is a clause`(change: Change, words: String) {
        let rule = Rule.current(#""Events": ["pull_request"]"#)
        let steps = Trace(rule, change, pathLimit: 3).steps.filter { $0.clause == .forks }
        #expect(
            steps.map { "\($0.wants), has \($0.has): \($0.role.rawValue)" } == [words]
        )
    }

    private static let ofPullRequest =
        #""Events": ["pull_request"], "Drafts": "skip", "#
        + #""Labels": ["ci", "x"], "ExcludeLabels": ["wip"]"#

    @Test(arguments: [
        (
            ofPullRequest, Change.labels(["bug", "ci"]),
            [
                "Drafts: wants skip: a pull request that is no draft, has no draft: passed",
                "Labels: wants ci, x, has 'bug', 'ci': decided",
                "ExcludeLabels: wants none of wip, has 'bug', 'ci': passed",
            ]
        ),
        (
            ofPullRequest, .labels([], draft: true),
            [
                "Drafts: wants skip: a pull request that is no draft, has a draft: decided",
                "Labels: wants ci, x, has no label: not looked at",
                "ExcludeLabels: wants none of wip, has no label: not looked at",
            ]
        ),
        (
            ofPullRequest, .labeled(["ci"], to: ["bug"]),
            [
                "Drafts: wants skip: a pull request that is no draft, has no draft: passed",
                "Labels: wants ci, x, has 'ci', which was added: decided",
                "ExcludeLabels: wants none of wip, has 'bug', 'ci': passed",
            ]
        ),
        (
            #""Events": ["pull_request"], "Drafts": "start""#, .labeled(["ci"]),
            [
                "Drafts: wants start, has no draft: passed",
                "Labels: wants no added label, has 'ci', which was added: decided",
            ]
        ),
        (
            #""Events": ["merge_group"], "Drafts": "skip", "Labels": ["ci"]"#, .mergeGroup(),
            [
                "Drafts: wants skip: a pull request that is no draft, "
                    + "has no say in a change of kind merge_group: not looked at",
                "Labels: wants ci, has no say in a change of kind merge_group: not looked at",
            ]
        ),
    ])
    func `drafts and labels are clauses`(rule: String, change: Change, words: [String]) {
        let trace = Trace(.current(rule), change, pathLimit: 3)
        let clauses = ["Drafts:", "Labels:", "ExcludeLabels:"]
        #expect(lines(trace).filter { line in clauses.contains { line.hasPrefix($0) } } == words)
    }

    @Test(
        arguments: [
            ("newest", Change.push(), "no newer change started by this rule before"),
            ("every", .push(), nil),
            ("newest", .mergeGroup(), nil),
            ("newest", .labels(["ci"]), "no newer change started by this rule before"),
            (
                "newest", .labeled(["ci"]),
                "neither a newer change nor this head started by this rule before"
            ),
            ("every", .labeled(["ci"]), "this head not started by this rule before"),
            (
                "every", .pullRequest("ready_for_review").with { $0.pullRequest?.labels = ["ci"] },
                "this head not started by this rule before"
            ),
        ] as [(String, Change, String?)]
    )
    func `what was started before is unknown, and said to be`(
        order: String,
        change: Change,
        wants: String?
    ) {
        let rule = Rule.current(
            #""Events": ["push", "pull_request", "merge_group"], "Labels": ["ci"], "Order": "\#(order)""#
        )
        let dated = change.with { $0.eventTime = Timestamp(milliseconds: 1) }
        let steps = Trace(rule, dated, pathLimit: 3).steps.filter { $0.clause == .order }
        #expect(steps.map(\.wants) == (wants.map { [$0] } ?? []))
        #expect(steps.allSatisfy { $0.role == .notLookedAt })
    }

    @Test func `a merge queue's push wants a pattern of its own`() {
        let steps = Trace(.current(""), .push(branch: Change.queueName), pathLimit: 3).steps
        #expect(
            steps.filter { $0.clause == .branches }.map { "\($0.wants), has \($0.has)" } == [
                "a pattern that begins with gh-readonly-queue/, "
                    + "has 'gh-readonly-queue/main/pr-7-abc'"
            ]
        )
    }

    @Test func `Forks has no say in a push`() {
        let steps = Trace(.current(#""Forks": "allow""#), .push(), pathLimit: 3).steps
        #expect(
            steps.filter { $0.clause == .forks }.map { "\($0.wants), has \($0.has)" }
                == ["allow, has no say in a change of kind push"]
        )
    }

    @Test func `every path is named, with the patterns that say so`() {
        let rule = Rule.current(
            #""Paths": ["src/**", "*.md"], "ExcludePaths": ["**.md"], "PathExpressions": ["x"]"#
        )
        let change = Change.push(["a.md", "b", "c", "src/a", "src/b.md", "x"])
        let trace = Trace(rule, change, pathLimit: 1)
        #expect(trace.steps.suffix(3).map(\.role) == [.decided, .notLookedAt, .passed])
        func match(_ path: String, _ included: String?, _ excluded: String?)
            -> Trace.PathMatch
        {
            Trace.PathMatch(
                path: Path(utf8: [UInt8](path.utf8)),
                included: included,
                excluded: excluded
            )
        }
        #expect(
            trace.paths
                == Trace.Paths(
                    matching: Trace.PathMatches(named: [match("src/a", "src/**", nil)], count: 2),
                    excluded: Trace.PathMatches(named: [match("a.md", "*.md", "**.md")], count: 2),
                    others: Trace.PathMatches(named: [match("b", nil, nil)], count: 2)
                )
        )
    }
}

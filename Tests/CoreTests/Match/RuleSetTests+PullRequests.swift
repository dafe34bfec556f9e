import Testing

@testable import Core

extension RuleSetTests {
    private static func row(
        _ rule: String,
        _ change: Change,
        _ outcome: Decision.Outcome,
        _ clause: String,
        _ reason: String,
        pattern: String? = nil
    ) -> DecisionRow {
        let events = #""Events": ["push", "pull_request"]"#
        let rule = rule.isEmpty ? events : "\(events), \(rule)"
        return DecisionRow(rule, change, outcome, clause, reason, pattern: pattern)
    }

    private static let every = "the rule is about every pull_request"

    static let drafts: [DecisionRow] = [
        row("", .labels([], draft: true), .start, "Events", every),
        row(#""Drafts": "start""#, .labels([], draft: true), .start, "Events", every),
        row(
            #""Drafts": "skip""#,
            .labels([], draft: true),
            .skipped,
            "Drafts",
            "the pull request is a draft"
        ),
        row(#""Drafts": "skip""#, .labels([]), .start, "Events", every),
        row(#""Drafts": "skip""#, .pullRequest("ready_for_review"), .start, "Events", every),
        row(#""Drafts": "skip""#, .push(), .start, "Events", "the rule is about every push"),
        row(
            #""Drafts": "skip", "Labels": ["ci"]"#,
            .labeled(["ci"]).with { $0.pullRequest?.draft = true },
            .skipped,
            "Drafts",
            "the pull request is a draft"
        ),
    ]

    static let labels: [DecisionRow] = [
        row(
            #""Labels": ["x", "ci/*"]"#,
            .labels(["bug", "ci/api"]),
            .start,
            "Labels",
            "label 'ci/api' matches 'ci/*'",
            pattern: "ci/*"
        ),
        row(
            #""Labels": ["ci/*"]"#,
            .labels([]),
            .skipped,
            "Labels",
            "the pull request has no label"
        ),
        row(
            #""Labels": ["ci/*"]"#,
            .labels(["CI/api"]),
            .skipped,
            "Labels",
            "label 'CI/api' matches none of Labels"
        ),
        row(
            #""Labels": ["ci/*"]"#,
            .labels(["bug", "wip"]),
            .skipped,
            "Labels",
            "none of 2 labels matches Labels"
        ),
        row(
            #""Labels": ["ci/*"]"#,
            .labeled(["ci/api"], to: ["bug"]),
            .start,
            "Labels",
            "added label 'ci/api' matches 'ci/*'",
            pattern: "ci/*"
        ),
        // The one that matches was there before.
        row(
            #""Labels": ["ci/*"]"#,
            .labeled(["bug"], to: ["ci/api"]),
            .skipped,
            "Labels",
            "added label 'bug' matches none of Labels"
        ),
        // A provider that does not say which one was added.
        row(
            #""Labels": ["ci/*"]"#,
            .labeled(["bug", "ci/api"]),
            .start,
            "Labels",
            "added label 'ci/api' matches 'ci/*'",
            pattern: "ci/*"
        ),
        row(
            #""Labels": ["ci/*"]"#,
            .labeled(["bug", "wip"]),
            .skipped,
            "Labels",
            "none of 2 added labels matches Labels"
        ),
        row(
            "",
            .labeled(["bug"]),
            .skipped,
            "Labels",
            "an added label starts only rules that have Labels"
        ),
        row(
            #""ExcludeLabels": ["wip"]"#,
            .labeled(["bug"]),
            .skipped,
            "Labels",
            "an added label starts only rules that have Labels"
        ),
        row(
            #""ExcludeLabels": ["w*"]"#,
            .labels(["bug", "wip"]),
            .skipped,
            "ExcludeLabels",
            "label 'wip' is excluded by 'w*'",
            pattern: "w*"
        ),
        row(
            #""ExcludeLabels": ["wip"]"#,
            .labels(["bug"]),
            .start,
            "ExcludeLabels",
            "no label is excluded"
        ),
        row(
            #""Labels": ["ci"], "ExcludeLabels": ["wip"]"#,
            .labels(["bug", "ci"]),
            .start,
            "Labels",
            "label 'ci' matches 'ci'",
            pattern: "ci"
        ),
        row(
            #""Labels": ["ci"], "ExcludeLabels": ["wip"]"#,
            .labeled(["ci"], to: ["wip"]),
            .skipped,
            "ExcludeLabels",
            "label 'wip' is excluded by 'wip'",
            pattern: "wip"
        ),
        row(
            #""Labels": ["ci"], "ExcludeLabels": ["wip"]"#,
            .push(),
            .start,
            "Events",
            "the rule is about every push"
        ),
        row(
            #""Labels": ["ci"], "Branches": ["dev"]"#,
            .labeled(["ci"]),
            .skipped,
            "Branches",
            "branch 'main' matches none of Branches"
        ),
        row(
            #""Labels": ["ci"]"#,
            .labeled(["ci"]).with {
                $0.pullRequest?.fork = true
                $0.pullRequest?.headRepository = "stranger/app"
            },
            .skipped,
            "Forks",
            "the pull request comes from the fork 'stranger/app': "
                + "the rule does not say Forks: allow"
        ),
    ]

    static let mergeGroups: [DecisionRow] = [
        DecisionRow(
            #""Events": ["merge_group"]"#,
            .mergeGroup(),
            .start,
            "Events",
            "the rule is about every merge_group"
        ),
        DecisionRow(
            #""Events": ["push", "pull_request"]"#,
            .mergeGroup(),
            .skipped,
            "Events",
            "the rule is about push or pull_request, not merge_group"
        ),
        DecisionRow(
            #""Events": ["merge_group"], "Branches": ["main"]"#,
            .mergeGroup(),
            .start,
            "Branches",
            "branch 'main' matches 'main'",
            pattern: "main"
        ),
        DecisionRow(
            #""Events": ["merge_group"], "Branches": ["gh-readonly-queue/**"]"#,
            .mergeGroup(),
            .skipped,
            "Branches",
            "branch 'main' matches none of Branches"
        ),
        DecisionRow(
            #""Events": ["merge_group"], "Tags": ["v*"], "Forks": "skip", "Drafts": "skip", "#
                + #""Labels": ["ci"], "ExcludeLabels": ["wip"], "SkipMessages": ["[skip ci]"]"#,
            .mergeGroup(),
            .start,
            "Events",
            "the rule is about every merge_group"
        ),
        DecisionRow(
            #""Events": ["merge_group"], "Actors": ["hubot"]"#,
            .mergeGroup(),
            .skipped,
            "Actors",
            "actor 'octocat' matches none of Actors"
        ),
        DecisionRow(
            #""Events": ["merge_group"], "Paths": ["src/**"]"#,
            .mergeGroup(),
            .start,
            "WhenPathsUnknown",
            "there is no changed path, but not all changed paths are known: "
                + "a merge group's event carries no paths"
        ),
        DecisionRow(
            #""Events": ["merge_group"], "Paths": ["src/**"]"#,
            .mergeGroup(["docs/a"], incomplete: nil),
            .skipped,
            "Paths",
            "the changed path does not match"
        ),
    ]

    private static let ofQueue =
        "branch 'gh-readonly-queue/main/pr-7-abc' is a merge queue's: it concerns only rules with a "
        + "pattern that begins with 'gh-readonly-queue/'"

    static let queuePushes: [DecisionRow] = [
        DecisionRow("", .push(branch: Change.queueName), .skipped, "Branches", ofQueue),
        DecisionRow(
            #""Branches": ["**", "*/main/*"], "ExcludeBranches": ["x"]"#,
            .push(branch: Change.queueName),
            .skipped,
            "Branches",
            ofQueue
        ),
        DecisionRow(
            #""Branches": ["main", "gh-readonly-queue/main/*"]"#,
            .push(branch: Change.queueName),
            .start,
            "Branches",
            "branch 'gh-readonly-queue/main/pr-7-abc' matches 'gh-readonly-queue/main/*'",
            pattern: "gh-readonly-queue/main/*"
        ),
        DecisionRow(
            #""Branches": ["gh-readonly-queue/dev/**"]"#,
            .push(branch: Change.queueName),
            .skipped,
            "Branches",
            "branch 'gh-readonly-queue/main/pr-7-abc' matches none of Branches"
        ),
        DecisionRow(
            "",
            .push(branch: "gh-readonly-queue"),
            .start,
            "Events",
            "the rule is about every push"
        ),
    ]
}

@Suite struct PullRequestClauseTests {
    private static func ofPipeline(_ members: String) -> Rule {
        let target =
            #""Target": {"PullRequestPipeline": {"Template": "t", "SourceAction": "s"}}"#
        return .current(#""Events": ["pull_request"], \#(members), \#(target)"#)
    }

    @Test(arguments: [
        #""Drafts": "skip""#, #""Labels": ["ci"]"#, #""ExcludeLabels": ["wip"]"#,
    ])
    func `what ends a pull request's pipeline is looked at for neither drafts nor labels`(
        members: String
    ) throws {
        let rule = Self.ofPipeline(members)
        let change = Change.labels(["wip"], draft: true)
        #expect(RuleSet([rule]).decide(change).map(\.outcome) == [.skipped])
        let closed = change.with { $0.pullRequest?.action = "closed" }
        let end = try #require(RuleSet([rule]).decide(closed).first)
        #expect(end.outcome == .start && end.ends)
        let other = change.with {
            $0.pullRequest?.action = "edited"
            $0.branch = "dev"
        }
        let left = Self.ofPipeline(#"\#(members), "Branches": ["main"]"#)
        let decision = try #require(RuleSet([left]).decide(other).first)
        #expect(decision.outcome == .start && decision.ends)
    }

    @Test(
        arguments: [
            ("", "main", .skipped, "Target"),
            (#", "Status": "ci""#, "main", .start, "Branches"),
            (#", "Status": "ci", "Drafts": "skip""#, "main", .skipped, "Drafts"),
            (#", "Status": "ci""#, "dev", .skipped, "Branches"),
            (#", "Status": "ci", "Supersede": true"#, "dev", .skipped, "Branches"),
        ] as [(String, String, Decision.Outcome, String)]
    )
    func `a new base is decided anew for a rule with a status, which tells of the base before`(
        members: String,
        base: String,
        outcome: Decision.Outcome,
        clause: String
    ) throws {
        let target = #""Target": {"CodePipeline": {"Name": "p"}}"#
        let rule = Rule.current(
            #""Events": ["pull_request"], "Branches": ["main"]\#(members), \#(target)"#
        )
        let change = Change.pullRequest("edited").with {
            $0.branch = base
            $0.pullRequest?.draft = true
        }
        let decision = try #require(RuleSet([rule]).decide(change).first)
        #expect(decision.outcome == outcome && decision.clause.rawValue == clause)
        #expect(!decision.ends)
    }

    @Test(arguments: [["a", "b"], ["b", "a"]])
    func `a new base is decided for each rule by its own status`(names: [String]) {
        let target = #""Target": {"CodePipeline": {"Name": "p"}}"#
        let members = ["", #""Status": "ci", "#]
        let rules = zip(names, members).map { name, members in
            Rule.current(
                #""Events": ["pull_request"], \#(members)\#(target)"#,
                key: "p/rules/github/acme/app/\(name).json"
            )
        }
        let decided = RuleSet(rules).decide(.pullRequest("edited"))
        #expect(decided.filter { $0.outcome == .start }.map(\.status) == ["ci"])
    }

    @Test func `an invalid rule with a status has an error for the new base too`() throws {
        let rule = Rule.current(#""Events": ["pull_request"], "Status": "ci", "Path": []"#)
        let decision = try #require(RuleSet([rule]).decide(.pullRequest("edited")).first)
        #expect(decision.outcome == .invalid && decision.status == "ci")
    }

    @Test func `rules that differ in drafts or labels are not decided as one`() {
        let members = [
            #""Drafts": "start""#, #""Drafts": "skip""#, #""Labels": ["ci"]"#,
            #""ExcludeLabels": ["ci"]"#, #""Branches": ["**"]"#,
        ]
        let rules = members.enumerated().map { index, members in
            Rule.current(
                #""Events": ["pull_request"], \#(members)"#,
                key: "p/rules/github/acme/app/\(index).json"
            )
        }
        let decisions = RuleSet(rules).decide(.labels(["ci"], draft: true))
        #expect(decisions.map(\.outcome) == [.start, .skipped, .start, .skipped, .start])
    }

    @Test func `globs over labels that take too long make the rule invalid for the change`() throws
    {
        let glob = String(repeating: "**[a-c]", count: 60) + "[bc]"
        let label = String(repeating: "a", count: 2_000)
        let rule = Rule.current(#""Events": ["pull_request"], "Labels": ["\#(glob)"]"#)
        let change = Change.labels([String](repeating: label, count: 200))
        let decision = try #require(RuleSet([rule]).decide(change).first)
        #expect(decision.outcome == .invalid)
        #expect(decision.clause == .labels)
        #expect(decision.reason.contains("steps"))
    }

    @Test(arguments: [
        (#""Branches": ["main"]"#, true), (#""Branches": ["dev"]"#, false),
    ])
    func `a merge group gets the status of an invalid rule that concerns its branch`(
        branches: String,
        isTold: Bool
    ) {
        let rule = Rule.current(
            #""Events": ["merge_group"], \#(branches), "Status": "ci", "Path": ["a"]"#
        )
        let decisions = RuleSet([rule]).decide(.mergeGroup())
        #expect(decisions.map(\.outcome) == [.invalid])
        #expect(decisions.map(\.status) == [isTold ? "ci" : nil])
    }

    @Test(arguments: [
        (#""Branches": ["**"]"#, false), (#""Branches": ["gh-readonly-queue/**"]"#, true),
    ])
    func `a push of a merge queue's gets that of one that names its branches`(
        branches: String,
        isTold: Bool
    ) {
        let rule = Rule.current(#"\#(branches), "Status": "ci", "Path": ["a"]"#)
        let decisions = RuleSet([rule]).decide(.push(branch: Change.queueName))
        #expect(decisions.map(\.status) == [isTold ? "ci" : nil])
    }

    @Test func `a branch that is called like a queue's is nothing special elsewhere`() {
        let rule = Rule.current(
            #""Source": "codecommit""#,
            repository: "app",
            key: "p/rules/codecommit/app/r.json"
        )
        let change = Change.push(branch: Change.queueName).with {
            $0.source = .codecommit
            $0.repository = "app"
        }
        #expect(RuleSet([rule]).decide(change).map(\.outcome) == [.start])
    }
}

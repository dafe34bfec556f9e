import Testing

@testable import Trigger

/// One row: a rule, a change, and the decision on it.
struct DecisionRow: CustomTestStringConvertible, Sendable {
    var rule: String
    var change: Change
    var outcome: Decision.Outcome
    var clause: String
    var path: String?
    var pattern: String?
    var reason: String

    var testDescription: String { "\(rule): \(reason)" }

    init(
        _ rule: String,
        _ change: Change,
        _ outcome: Decision.Outcome,
        _ clause: String,
        _ reason: String,
        path: String? = nil,
        pattern: String? = nil
    ) {
        self.rule = rule
        self.change = change
        self.outcome = outcome
        self.clause = clause
        self.path = path
        self.pattern = pattern
        self.reason = reason
    }

    func expect(_ decisions: [Decision]) {
        #expect(decisions.count == 1)
        guard let decision = decisions.first else { return }
        #expect(decision.outcome == outcome)
        #expect(decision.clause == clause)
        #expect(decision.path == path.map { Path(utf8: [UInt8]($0.utf8)) })
        #expect(decision.pattern == pattern)
        #expect(decision.reason == reason)
        #expect((decision.target != nil) == (outcome == .start))
    }
}

@Suite struct RuleSetTests {
    static let source: [DecisionRow] = [
        DecisionRow("", .push(), .start, "Events", "the rule is about every push"),
        DecisionRow(
            #""Events": ["tag", "pull_request"]"#,
            .push(),
            .skipped,
            "Events",
            "the rule is about tag or pull_request, not push"
        ),
        DecisionRow("", .tag("v1"), .skipped, "Events", "the rule is about push, not tag"),
        DecisionRow(
            "",
            .push().with { $0.repository = "ACME/App" },
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            "",
            .push().with { $0.repository = "acme/web" },
            .skipped,
            "Repository",
            "the rule is about 'acme/app', not 'acme/web'"
        ),
        DecisionRow(
            "",
            .push().with { $0.source = .codecommit },
            .skipped,
            "Source",
            "the rule is about github, not codecommit"
        ),
        DecisionRow(
            "",
            .push().with { $0.deleted = true },
            .skipped,
            "Deleted",
            "a deleted ref starts nothing"
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .pullRequest("opened"),
            .start,
            "Events",
            "the rule is about every pull_request"
        ),
        DecisionRow(
            #""Events": ["pull_request"]"#,
            .pullRequest("closed"),
            .skipped,
            "Target",
            "a closed pull request does not start a CodePipeline"
        ),
    ]

    static let refs: [DecisionRow] = [
        DecisionRow(
            #""Branches": ["main"]"#,
            .push(),
            .start,
            "Branches",
            "branch 'main' matches 'main'",
            pattern: "main"
        ),
        DecisionRow(
            #""Branches": ["x", "m*", "main"]"#,
            .push(),
            .start,
            "Branches",
            "branch 'main' matches 'm*'",
            pattern: "m*"
        ),
        DecisionRow(
            #""Branches": ["main"]"#,
            .push(branch: "release/main"),
            .skipped,
            "Branches",
            "branch 'release/main' matches none of Branches"
        ),
        DecisionRow(
            #""Branches": ["release/*"]"#,
            .push(branch: "release/main"),
            .start,
            "Branches",
            "branch 'release/main' matches 'release/*'",
            pattern: "release/*"
        ),
        DecisionRow(
            #""Branches": ["**"], "ExcludeBranches": ["dependabot/**"]"#,
            .push(branch: "dependabot/npm/x"),
            .skipped,
            "ExcludeBranches",
            "branch 'dependabot/npm/x' is excluded by 'dependabot/**'",
            pattern: "dependabot/**"
        ),
        DecisionRow(
            #""ExcludeBranches": ["dependabot/**"]"#,
            .push(),
            .start,
            "ExcludeBranches",
            "branch 'main' is not excluded"
        ),
        DecisionRow(
            #""Branches": ["main"]"#,
            .push(branch: nil),
            .skipped,
            "Branches",
            "the event does not say the branch"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Branches": ["main"]"#,
            .pullRequest("opened"),
            .start,
            "Branches",
            "branch 'main' matches 'main'",
            pattern: "main"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Branches": ["feature"]"#,
            .pullRequest("opened"),
            .skipped,
            "Branches",
            "branch 'main' matches none of Branches"
        ),
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"], "Branches": ["main"]"#,
            .tag("v1"),
            .start,
            "Tags",
            "tag 'v1' matches 'v*'",
            pattern: "v*"
        ),
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"], "ExcludeTags": ["*-rc*"]"#,
            .tag("v1-rc2"),
            .skipped,
            "ExcludeTags",
            "tag 'v1-rc2' is excluded by '*-rc*'",
            pattern: "*-rc*"
        ),
        DecisionRow(
            #""Events": ["tag"], "Tags": ["v*"]"#,
            .tag("1"),
            .skipped,
            "Tags",
            "tag '1' matches none of Tags"
        ),
        DecisionRow(
            #""Tags": ["v*"]"#,
            .push(),
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            #""Events": ["tag"], "Paths": ["src/**"], "WhenPathsUnknown": "skip""#,
            .tag("v1"),
            .start,
            "Events",
            "the rule is about every tag"
        ),
    ]

    static let actors: [DecisionRow] = [
        DecisionRow(
            #""Actors": ["octo*"]"#,
            .push(),
            .start,
            "Actors",
            "actor 'octocat' matches 'octo*'",
            pattern: "octo*"
        ),
        DecisionRow(
            #""Actors": ["hubot"]"#,
            .push(),
            .skipped,
            "Actors",
            "actor 'octocat' matches none of Actors"
        ),
        DecisionRow(
            #""ExcludeActors": ["dependabot\\[bot\\]"]"#,
            .push(actor: "dependabot[bot]"),
            .skipped,
            "ExcludeActors",
            #"actor 'dependabot[bot]' is excluded by 'dependabot\[bot\]'"#,
            pattern: #"dependabot\[bot\]"#
        ),
        DecisionRow(
            #""Actors": ["*"]"#,
            .push(actor: nil),
            .skipped,
            "Actors",
            "the event does not say the actor"
        ),
        DecisionRow(
            #""ExcludeActors": ["hubot"]"#,
            .push(actor: ""),
            .skipped,
            "ExcludeActors",
            "the event does not say the actor"
        ),
        DecisionRow(
            #""SkipMessages": ["[ci skip]", "[skip ci]"]"#,
            .push(message: "Fix [skip ci]"),
            .skipped,
            "SkipMessages",
            "the head commit's message holds '[skip ci]'",
            pattern: "[skip ci]"
        ),
        DecisionRow(
            #""SkipMessages": ["[skip ci]"]"#,
            .push(message: "[Skip CI]"),
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            #""SkipMessages": ["[skip ci]"]"#,
            .push(message: nil),
            .start,
            "Events",
            "the rule is about every push"
        ),
    ]

    static let paths: [DecisionRow] = [
        DecisionRow(
            #""Paths": ["lib/**", "src/**"]"#,
            .push(["README.md", "src/a.c", "src/b.c"]),
            .start,
            "Paths",
            "changed path 'src/a.c' matches 'src/**'",
            path: "src/a.c",
            pattern: "src/**"
        ),
        DecisionRow(
            #""Paths": ["src/**"]"#,
            .push(["README.md", "lib/a"]),
            .skipped,
            "Paths",
            "none of 2 changed paths matches"
        ),
        DecisionRow(
            #""Paths": ["src/**"]"#,
            .push(["README.md"]),
            .skipped,
            "Paths",
            "the changed path does not match"
        ),
        DecisionRow(
            #""Paths": ["**"]"#,
            .push([]),
            .skipped,
            "Paths",
            "there is no changed path"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "ExcludePaths": ["**/*.md"]"#,
            .push(["src/a.md", "src/b.c"]),
            .start,
            "Paths",
            "changed path 'src/b.c' matches 'src/**'",
            path: "src/b.c",
            pattern: "src/**"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "ExcludePaths": ["x", "**/*.md"]"#,
            .push(["a.c", "src/a.md", "src/b.md"]),
            .skipped,
            "ExcludePaths",
            "every changed path that matches is excluded, the first being changed path 'src/a.md' "
                + "by '**/*.md'",
            path: "src/a.md",
            pattern: "**/*.md"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push(["docs/a", "src/b"]),
            .start,
            "ExcludePaths",
            "changed path 'src/b' is not excluded",
            path: "src/b"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push(["docs/a", "docs/b"]),
            .skipped,
            "ExcludePaths",
            "every changed path that matches is excluded, the first being changed path 'docs/a' "
                + "by 'docs/**'",
            path: "docs/a",
            pattern: "docs/**"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push([]),
            .skipped,
            "ExcludePaths",
            "there is no changed path"
        ),
        DecisionRow(
            #""PathExpressions": ["src/.*\\.c$"]"#,
            .push(["src/a.c"]),
            .start,
            "PathExpressions",
            #"changed path 'src/a.c' matches 'src/.*\.c$'"#,
            path: "src/a.c",
            pattern: #"src/.*\.c$"#
        ),
        DecisionRow(
            #""PathExpressions": ["src"]"#,
            .push(["lib/src"]),
            .skipped,
            "PathExpressions",
            "the changed path does not match"
        ),
        DecisionRow(
            #""PathExpressions": ["s"], "Paths": ["src/**"]"#,
            .push(["src/a"]),
            .start,
            "Paths",
            "changed path 'src/a' matches 'src/**'",
            path: "src/a",
            pattern: "src/**"
        ),
        DecisionRow(
            #""PathExpressions": ["docs"], "Paths": ["src/**"]"#,
            .push(["docs/a", "src/a"]),
            .start,
            "PathExpressions",
            "changed path 'docs/a' matches 'docs'",
            path: "docs/a",
            pattern: "docs"
        ),
        DecisionRow(
            #""PathExpressions": [".*"], "ExcludePaths": ["docs/**"]"#,
            .push(["docs/a"]),
            .skipped,
            "ExcludePaths",
            "every changed path that matches is excluded, the first being changed path 'docs/a' "
                + "by 'docs/**'",
            path: "docs/a",
            pattern: "docs/**"
        ),
        DecisionRow(
            #""Paths": ["src/**"]"#,
            .push(["a"], incomplete: "the push was forced"),
            .start,
            "WhenPathsUnknown",
            "the changed path does not match, but not all changed paths are known: "
                + "the push was forced"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "WhenPathsUnknown": "skip""#,
            .push([], incomplete: "the push was forced"),
            .skipped,
            "WhenPathsUnknown",
            "there is no changed path, but not all changed paths are known: the push was forced"
        ),
        DecisionRow(
            #""Paths": ["src/**"], "WhenPathsUnknown": "skip""#,
            .push(["src/a"], incomplete: "the push was forced"),
            .start,
            "Paths",
            "changed path 'src/a' matches 'src/**'",
            path: "src/a",
            pattern: "src/**"
        ),
        DecisionRow(
            #""ExcludePaths": ["docs/**"]"#,
            .push(["docs/a"], incomplete: "2048 commits"),
            .start,
            "WhenPathsUnknown",
            "the changed path does not match, but not all changed paths are known: 2048 commits"
        ),
        DecisionRow(
            #""WhenPathsUnknown": "skip""#,
            .push([], incomplete: "the push was forced"),
            .start,
            "Events",
            "the rule is about every push"
        ),
        DecisionRow(
            #""Events": ["pull_request"], "Paths": ["src/**"]"#,
            .pullRequest("opened"),
            .start,
            "WhenPathsUnknown",
            "there is no changed path, but not all changed paths are known: "
                + "a pull request lists no paths"
        ),
        DecisionRow(
            #""PathExpressions": ["(a+)+$"]"#,
            .push([String(repeating: "a", count: 40) + "b"]),
            .invalid,
            "PathExpressions",
            "expression '(a+)+$' takes too long on changed path "
                + "'\(String(repeating: "a", count: 40))b'",
            path: String(repeating: "a", count: 40) + "b",
            pattern: "(a+)+$"
        ),
    ]

    @Test(arguments: source + refs + actors + paths)
    func `a rule is decided`(row: DecisionRow) {
        row.expect(decide(row.change, [.current(row.rule)]))
    }

    static let earlier: [DecisionRow] = [
        DecisionRow(
            "lib/.*, src/.*",
            .push(["src/a"]),
            .start,
            "ChangeMatchExpressions",
            "changed path 'src/a' matches 'src/.*'",
            path: "src/a",
            pattern: "src/.*"
        ),
        DecisionRow(
            "src",
            .push(["lib/src"]),
            .skipped,
            "ChangeMatchExpressions",
            "the changed path does not match"
        ),
        DecisionRow(
            "",
            .push(["x"]),
            .start,
            "ChangeMatchExpressions",
            "changed path 'x' matches the empty expression",
            path: "x",
            pattern: ""
        ),
        DecisionRow(
            "",
            .push([], commits: 0),
            .skipped,
            "ChangeMatchExpressions",
            "the push lists no commits"
        ),
        DecisionRow(
            "",
            .push([], incomplete: "commits are missing", commits: 0),
            .skipped,
            "ChangeMatchExpressions",
            "the push lists no commits"
        ),
        DecisionRow(
            "src",
            .push(["a"], incomplete: "the push has 2048 commits", commits: 2_048),
            .start,
            "WhenPathsUnknown",
            "the changed path does not match, but not all changed paths are known: "
                + "the push has 2048 commits"
        ),
        DecisionRow(
            "src",
            .push(["src"]).with { $0.deleted = true },
            .skipped,
            "Deleted",
            "a deleted ref starts nothing"
        ),
        DecisionRow(
            "(a+)+$",
            .push([String(repeating: "a", count: 40) + "b"]),
            .invalid,
            "ChangeMatchExpressions",
            "expression '(a+)+$' takes too long on changed path "
                + "'\(String(repeating: "a", count: 40))b'",
            path: String(repeating: "a", count: 40) + "b",
            pattern: "(a+)+$"
        ),
        DecisionRow(
            "src, (",
            .push(["src"]),
            .invalid,
            "Rule",
            "ChangeMatchExpressions: '(' is not a regular expression: "
                + "missing closing parenthesis at offset 1"
        ),
    ]

    @Test(arguments: earlier)
    func `a rule of the earlier design is decided`(row: DecisionRow) {
        row.expect(decide(row.change, [.earlier(row.rule)]))
    }

    @Test(arguments: [
        (Change.push(["x"]), true),
        (Change.push(["x"]).with { $0.repository = "other/app" }, true),
        (Change.push(["x"]).with { $0.repository = "acme/ap" }, false),
        (Change.push(["x"]).with { $0.repository = "acme/App" }, false),
        (Change.push(["x"], branch: "main2"), false),
        (Change.push(["x"], branch: "mai"), false),
        (Change.push(["x"], branch: "release/main"), false),
        (Change.push(["x"]).with { $0.source = .codecommit }, false),
        (Change.tag("main"), false),
        (Change.pullRequest("opened"), false),
    ])
    func `a rule of the earlier design is only considered for its repository and branch`(
        change: Change,
        isConsidered: Bool
    ) {
        for expressions in ["", "("] {
            #expect(decide(change, [.earlier(expressions)]).isEmpty == !isConsidered)
        }
    }

    @Test(arguments: [("p/app-main-deploy-0.json", 1), ("p/app-main2-deploy-0.json", 0)])
    func `what its key says counts for an object of the earlier design that does not`(
        key: String,
        decisions: Int
    ) {
        let rule = Rule(key: key, prefix: "p", object: [UInt8]("{".utf8))
        #expect(decide(.push(["x"]), [rule]).count == decisions)
    }

    @Test func `an invalid rule is reported and disturbs no other`() {
        let rules = ["a", "b", "c"].map { name in
            Rule.current(
                name == "b" ? #""Branchs": ["main"]"# : "",
                key: "p/rules/github/acme/app/\(name).json"
            )
        }
        let decisions = decide(.push(), rules)
        #expect(decisions.map(\.outcome) == [.start, .invalid, .start])
        #expect(decisions[1].reason == "Branchs: unknown property, did you mean `Branches`?")
        #expect(decisions[1].clause == "Rule")
    }

    @Test func `decisions are in the order of the keys' bytes`() {
        let names = ["é", "b", "B", "a-", "a", "z", "e\u{301}"]
        let keys = names.map { "p/rules/github/acme/app/\($0).json" }
        let decisions = decide(.push(), keys.map { Rule.current("", key: $0) })
        let sorted = keys.map { [UInt8]($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(decisions.map { [UInt8]($0.ruleKey.utf8) } == sorted)
    }

    @Test func `a rule for an image looks at its tag`() {
        let rule = Rule(
            key: "p/rules/dockerhub/acme/web/r.json",
            prefix: "p",
            object: [UInt8](
                """
                {"Source": "dockerhub", "Repository": "acme/web", "Tags": ["v?"],
                "Paths": ["x"], \(Rule.target)}
                """.utf8
            )
        )
        DecisionRow(
            "",
            .imagePush,
            .start,
            "Tags",
            "tag 'v1' matches 'v?'",
            pattern: "v?"
        ).expect(decide(.imagePush, [rule]))
    }

    @Test(arguments: [("App", Decision.Outcome.start), ("app", .skipped)])
    func `the names of CodeCommit are case-sensitive`(name: String, outcome: Decision.Outcome) {
        let rule = Rule.current(
            #""Source": "codecommit""#,
            repository: "App",
            key: "p/rules/codecommit/app/r.json"
        )
        let change = Change.push().with {
            $0.source = .codecommit
            $0.repository = name
        }
        #expect(decide(change, [rule]).map(\.outcome) == [outcome])
    }

    @Test func `rules that differ in one clause only are told apart`() {
        let clauses = [
            #""Actors": ["a"], "ExcludeActors": ["octocat"]"#,
            #""Actors": ["a", "octocat"]"#,
            #""ExcludeActors": ["a"], "SkipMessages": ["octocat"]"#,
            #""Branches": ["a", "main"]"#,
            #""Branches": ["a"], "ExcludeBranches": ["main"]"#,
            #""Branches": ["amain"]"#,
        ]
        let rules = clauses.enumerated().map { number, clause in
            Rule.current(clause, key: "p/rules/github/acme/app/\(number).json")
        }
        #expect(
            decide(.push(), rules).map(\.outcome)
                == [.skipped, .start, .start, .start, .skipped, .skipped]
        )
    }
}

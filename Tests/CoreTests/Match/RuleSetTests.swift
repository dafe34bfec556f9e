import Testing

@testable import Core

@Suite struct RuleSetTests {
    @Test(
        arguments: source + refs + commits + forks + drafts + labels + mergeGroups + queuePushes
            + actors + paths
    )
    func `a rule is decided`(row: DecisionRow) {
        row.expect(RuleSet([.current(row.rule)]).decide(row.change))
    }

    @Test(arguments: monoRepo)
    func `a rule of the mono-repo trigger is decided`(row: DecisionRow) {
        row.expect(RuleSet([.monoRepo(row.rule)]).decide(row.change))
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
        (Change.mergeGroup(), false),
    ])
    func `a rule of the mono-repo trigger is only considered for its repository and branch`(
        change: Change,
        isConsidered: Bool
    ) {
        for expressions in ["", "("] {
            #expect(RuleSet([.monoRepo(expressions)]).decide(change).isEmpty == !isConsidered)
        }
    }

    @Test(arguments: [("p/app-main-deploy-0.json", 1), ("p/app-main2-deploy-0.json", 0)])
    func `what its key says counts for an object of the mono-repo trigger that does not`(
        key: String,
        decisions: Int
    ) {
        let rule = Rule(key: key, prefix: "p", object: [UInt8]("{".utf8))
        #expect(RuleSet([rule]).decide(.push(["x"])).count == decisions)
    }

    @Test func `an invalid rule is reported and disturbs no other`() {
        let rules = ["a", "b", "c"].map { name in
            Rule.current(
                name == "b" ? #""Branchs": ["main"]"# : "",
                key: "p/rules/github/acme/app/\(name).json"
            )
        }
        let decisions = RuleSet(rules).decide(.push())
        #expect(decisions.map(\.outcome) == [.start, .invalid, .start])
        #expect(decisions[1].reason == "Branchs: unknown property, did you mean `Branches`?")
        #expect(decisions[1].clause == .rule)
    }

    @Test func `decisions are in the order of the keys' bytes`() {
        let names = ["é", "b", "B", "a-", "a", "z", "e\u{301}"]
        let keys = names.map { "p/rules/github/acme/app/\($0).json" }
        let decisions = RuleSet(keys.map { Rule.current("", key: $0) }).decide(.push())
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
        ).expect(RuleSet([rule]).decide(.imagePush))
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
        #expect(RuleSet([rule]).decide(change).map(\.outcome) == [outcome])
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
            RuleSet(rules).decide(.push()).map(\.outcome)
                == [.skipped, .start, .start, .start, .skipped, .skipped]
        )
    }
}

import Testing

@testable import Core

@Suite struct ExplanationTests {
    /// What an explanation comes to, and what is decided.
    private func expectSame(_ rule: Rule, _ change: Change) {
        let explanation = Explanation(rule, change, pathLimit: 3)
        guard let decision = RuleSet([rule]).decide(change).first else {
            #expect(explanation.outcome == .skipped)
            return
        }
        #expect(explanation.outcome == decision.outcome)
        #expect(explanation.clause == decision.clause)
        #expect(explanation.ends == decision.ends)
        #expect(explanation.clauses.count { $0.role == .decided } == 1)
        if let path = decision.path, decision.outcome == .start {
            #expect(explanation.paths?.matching.first?.path == path)
            #expect(explanation.paths?.matching.first?.included == decision.pattern)
        }
    }

    @Test(
        arguments: RuleSetTests.source + RuleSetTests.refs + RuleSetTests.commits
            + RuleSetTests.forks + RuleSetTests.actors + RuleSetTests.paths
    )
    func `a rule is explained as it is decided`(row: DecisionRow) {
        expectSame(.current(row.rule), row.change)
    }

    @Test(arguments: RuleSetTests.earlier)
    func `a rule of the mono-repo trigger is explained as it is decided`(row: DecisionRow) {
        expectSame(.earlier(row.rule), row.change)
    }

    @Test func `any rule is explained as it is decided about any change`() {
        var random = SeededRandom(seed: 20)
        var decided: [String: Int] = [:]
        for _ in 0..<6_000 {
            let rule = random.rule()
            let change = random.change()
            expectSame(rule, change)
            if let decision = RuleSet([rule]).decide(change).first {
                decided["\(decision.outcome.rawValue) \(decision.clause)", default: 0] += 1
            }
        }
        // Else it proves nothing.
        for way in [
            "start Events", "start Branches", "start ExcludeBranches", "start Tags", "start Actors",
            "start Paths", "start PathExpressions", "start ExcludePaths", "start WhenPathsUnknown",
            "start ChangeMatchExpressions", "skipped Deleted", "skipped Source",
            "skipped Repository", "skipped Events", "skipped Branches", "skipped ExcludeBranches",
            "skipped Tags", "skipped ExcludeTags", "skipped Actors", "skipped ExcludeActors",
            "skipped SkipMessages", "skipped Paths", "skipped PathExpressions",
            "skipped ExcludePaths", "skipped WhenPathsUnknown", "skipped Target",
            "skipped ChangeMatchExpressions", "skipped Commit", "skipped Forks", "invalid Rule",
        ] {
            #expect(decided[way, default: 0] > 2, "\(way): \(decided[way, default: 0])")
        }
    }

    @Test func `every clause is named, with what it did`() {
        let rule = Rule.current(
            #""Branches": ["main"], "Tags": ["v*"], "ExcludeActors": ["bot"], "SkipMessages": ["[ci]"]"#
        )
        let explanation = Explanation(rule, .push(["a"], branch: "master"), pathLimit: 3)
        let lines = explanation.clauses.map {
            "\($0.name): wants \($0.wants), has \($0.has): \($0.role.rawValue)"
        }
        #expect(
            lines == [
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
        let clauses = Explanation(rule, change, pathLimit: 3).clauses.filter { $0.name == "Forks" }
        #expect(
            clauses.map { "\($0.wants), has \($0.has): \($0.role.rawValue)" } == [words]
        )
    }

    @Test func `Forks has no say in a push`() {
        let clauses = Explanation(.current(#""Forks": "allow""#), .push(), pathLimit: 3).clauses
        #expect(
            clauses.filter { $0.name == "Forks" }.map { "\($0.wants), has \($0.has)" }
                == ["allow, has no say in a change of kind push"]
        )
    }

    @Test func `every path is named, with the patterns that say so`() {
        let rule = Rule.current(
            #""Paths": ["src/**", "*.md"], "ExcludePaths": ["**.md"], "PathExpressions": ["x"]"#
        )
        let change = Change.push(["a.md", "b", "c", "src/a", "src/b.md", "x"])
        let explanation = Explanation(rule, change, pathLimit: 1)
        #expect(explanation.clauses.suffix(3).map(\.role) == [.decided, .notLookedAt, .passed])
        func match(_ path: String, _ included: String?, _ excluded: String?)
            -> Explanation.PathMatch
        {
            Explanation.PathMatch(
                path: Path(utf8: [UInt8](path.utf8)),
                included: included,
                excluded: excluded
            )
        }
        #expect(
            explanation.paths
                == Explanation.Paths(
                    matching: [match("src/a", "src/**", nil)],
                    matchingCount: 2,
                    excluded: [match("a.md", "*.md", "**.md")],
                    excludedCount: 2,
                    others: [match("b", nil, nil)],
                    othersCount: 2
                )
        )
    }
}

extension SeededRandom {
    /// A rule that states some of the properties, each with patterns that match now and then.
    fileprivate mutating func rule() -> Rule {
        if below(12) == 0 {
            let expressions = text(of: ["src", ",", "docs/.*", "(", ".*\\.md"], upTo: 3)
            return .earlier(expressions, branch: pick(["main", "dev"]))
        }
        var members: [String] = []
        func list(_ values: [String]) -> String {
            "[" + values.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
        func add(_ name: String, _ one: Int, of: Int, _ values: [String]) {
            guard below(of) < one else { return }
            members.append("\"\(name)\": " + list([pick(values), pick(values)]))
        }
        let follows = below(8) == 0
        if follows {
            members.append(#""Events": ["pull_request"]"#)
        } else {
            add("Events", 2, of: 3, ["push", "tag", "pull_request"])
        }
        for name in ["Branches", "ExcludeBranches"] {
            add(name, 1, of: 4, ["main", "dev", "m*", "release/**"])
        }
        for name in ["Tags", "ExcludeTags"] { add(name, 1, of: 4, ["v1", "v*", "x", "other"]) }
        for name in ["Actors", "ExcludeActors"] {
            add(name, 1, of: 6, ["octocat", "bot", "o*", "nobody"])
        }
        add("SkipMessages", 1, of: 8, ["skip", "thing"])
        add("Paths", 1, of: 3, ["src/**", "docs/*", "**.md", "a", "x/**"])
        add("ExcludePaths", 1, of: 4, ["**.md", "src/b/**", "docs/**"])
        add("PathExpressions", 1, of: 5, ["src/", ".*\\\\.md$", "x"])
        if below(3) == 0 { members.append(#""WhenPathsUnknown": "skip""#) }
        if below(3) == 0 { members.append(#""Forks": "\#(pick(["allow", "skip"]))""#) }
        if below(40) == 0 { members.append(#""Branchs": []"#) }
        let repository = below(12) == 0 ? "acme/other" : "acme/app"
        if below(30) == 0 { members.append(#""Source": "dockerhub""#) }
        let source = members.contains(#""Source": "dockerhub""#) ? "dockerhub" : "github"
        let target =
            follows
            ? #""PullRequestPipeline": {"Template": "t", "SourceAction": "s"}"#
            : #""CodePipeline": {"Name": "deploy"}"#
        let text =
            #"{"Repository": "\#(repository)", "Target": {\#(target)}"#
            + members.map { ", \($0)" }.joined() + "}"
        return Rule(
            key: "p/rules/\(source)/\(repository)/r.json",
            prefix: "p",
            object: [UInt8](text.utf8)
        )
    }

    /// A change of any kind.
    fileprivate mutating func change() -> Change {
        let paths = (0..<below(4)).map { _ in
            pick(["src/a", "src/b/c", "docs/a.md", "docs/x/y", "a", "x", "README.md"])
        }
        var change: Change
        switch below(5) {
        case 0: change = .tag(below(8) == 0 ? nil : pick(["v1", "v2", "x"]))
        case 1:
            change = .pullRequest(
                pick(["opened", "synchronize", "closed", "edited", "reopened"]),
                paths: paths
            )
            if below(3) == 0 {
                change.pullRequest?.fork = true
                change.pullRequest?.headRepository = pick(["stranger/app", nil])
            }
        default: change = .push(paths)
        }
        if change.kind != .tag { change.branch = pick(["main", "dev", "release/1", nil, "main"]) }
        change.actor = pick(["octocat", "bot", nil, ""])
        change.message = pick(["Add a thing", "[skip ci]", nil, "x"])
        if change.kind == .push, below(4) == 0 {
            change.paths.incomplete = "there are 2048 commits"
        }
        if below(20) == 0 { change.paths.commits = 0 }
        change.deleted = below(20) == 0
        if change.kind == .tag, below(6) == 0 { change.after = nil }
        return change
    }
}

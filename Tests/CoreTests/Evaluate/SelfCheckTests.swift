import AWS
import Codec
import Platform
import Testing

@testable import Core

/// The "Test trigger" button of CodeCommit's console.
@Suite struct `The test of a trigger` {
    static let zeros = String(repeating: "0", count: 40)

    static func test(
        _ stage: Stage,
        ref: String = "refs/heads/main",
        commit: String = "c1"
    ) throws -> JSON {
        let event = stage.trigger([(ref, commit)], event: "t", at: 1, name: "TriggerEventTest")
        return try #require(stage.evaluateDirect(event).first)
    }

    static func stage() throws -> Stage {
        let stage = try Stage()
        stage.aws.codeCommit.commit("c1", ["a": "1"])
        return stage
    }

    private func findings(_ check: JSON) -> [String] {
        check["findings"]?.array?.compactMap(\.string) ?? []
    }

    @Test func `webhook answers pong, evaluate tells of every rule, and nothing starts`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("all")
        stage.codeCommitRule("api", #""Paths":["api/**"]"#)
        stage.codeCommitRule("bad", #""Branchs":["main"]"#)
        stage.codeCommitRule("case", repository: "My-Repo")
        stage.codeCommitRule("none", #""Branches":["main"],"ExcludeBranches":["ma*"]"#)
        stage.codeCommitRule("release", #""Branches":["release/*"]"#)
        let check = try Self.test(stage)
        let rules = try #require(check["rules"]?.array)
        #expect(
            rules.map { "\($0["prospect"]?.string ?? ""): \($0["reason"]?.string ?? "")" } == [
                "starts: the rule is about every push",
                "depends-on-paths: a changed path has to match",
                "invalid: Branchs: unknown property, did you mean `Branches`?",
                "never: CodeCommit's names are case-sensitive: the rule is about 'My-Repo', "
                    + "the repository is 'my-repo'",
                "never: ExcludeBranches takes away all that Branches names",
                "other-changes: branch 'main' matches none of Branches",
            ]
        )
        #expect(
            findings(check) == ["of 6 rules 1 cannot be used", "of 6 rules 2 never start"]
        )
        #expect(check["counts"]?["starts"]?.int == 1)
        #expect(rules[0]["target"]?.string == "CodePipeline")
        #expect(stage.aws.executions.isEmpty)
        #expect(!stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/ledger/") })
        #expect(!stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/commits/") })
    }

    @Test func `the self-check is kept where decision records lie, returned and logged`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("all")
        let check = try Self.test(stage)
        let key = try #require(
            stage.aws.objects.keys.first { $0.hasPrefix("pointsman/decisions/2026-09-21/t-") }
        )
        #expect(stage.aws.text(key) == String(decoding: check.encoded(), as: UTF8.self))
        #expect(check["test"]?["commit"]?.string == "c1")
        #expect(check["test"]?["actor"]?.string == "arn:aws:iam::123456789012:user/Mary")
        #expect(stage.log.contains("self-check"))
        #expect(stage.codeCommitCalls == ["GetCommit c1", "GetDifferences c1..c1"])
    }

    @Test func `an empty repository works, and there is nothing to be read yet`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("all")
        let check = try Self.test(stage, commit: Self.zeros)
        #expect(
            findings(check)
                == ["the repository has no commit yet: whether it can be read is not known"]
        )
        #expect(check["test"]?["commit"] == nil)
        #expect(stage.codeCommitCalls == [])
        #expect(check["counts"]?["starts"]?.int == 1)
    }

    @Test func `a repository without rules is told where they would lie`() throws {
        let check = try Self.test(Self.stage())
        #expect(
            findings(check) == [
                "there is no rule for my-repo: none lies in pointsman/rules/codecommit/my-repo/"
            ]
        )
    }

    @Test func `rules of which none can start anything are said to be useless`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("bad", #""Branchs":["main"]"#)
        #expect(
            findings(try Self.test(stage)) == [
                "no rule for my-repo can start anything", "of 1 rules 1 cannot be used",
            ]
        )
    }

    @Test func `a missing permission is named`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("all")
        stage.aws.codeCommitError = (400, "AccessDeniedException")
        #expect(
            findings(try Self.test(stage))
                == ["GetCommit", "GetDifferences"].map {
                    "evaluate cannot read the repository, so changed paths will not be known: "
                        + "codecommit:\($0) of my-repo: 400 AccessDeniedException: as scripted"
                }
        )
    }

    @Test func `what may pass fails the invocation`() throws {
        let stage = try Self.stage()
        stage.aws.codeCommitError = (500, "InternalFailure")
        let event = stage.trigger(
            [("refs/heads/main", "c1")],
            event: "t",
            at: 1,
            name: "TriggerEventTest"
        )
        let handOver = try #require(stage.handOvers(of: event).first)
        #expect(
            throws: InvocationError(
                type: "Function.RulesUnavailable",
                message: "the self-check could not be made: "
                    + "codecommit:GetCommit of my-repo: 500 InternalFailure: as scripted"
            )
        ) { try stage.evaluate(handOver, attempts: 1)[0].get() }
    }

    @Test(arguments: [
        (
            #""Events":["pull_request"]"#, "other-changes",
            "a trigger tells of no pull requests: those come by EventBridge alone"
        ),
        (
            #""SkipMessages":["[skip ci]"]"#, "starts",
            "SkipMessages has no effect: CodeCommit's events carry no message"
        ),
        (
            #""Forks":"allow""#, "starts", "Forks has no effect: CodeCommit has no forks"
        ),
        (
            #""Tags":["v*"]"#, "starts",
            "Tags and ExcludeTags have no effect: Events does not name tag"
        ),
        (
            #""Events":["tag"],"Branches":["main"]"#, "other-changes",
            "Branches and ExcludeBranches have no effect on a tag"
        ),
        (
            #""Events":["tag"],"Paths":["a"]"#, "other-changes",
            "Paths, PathExpressions and ExcludePaths have no effect on a tag"
        ),
        (
            #""Paths":["a"],"ExcludePaths":["**"]"#, "depends-on-paths",
            "ExcludePaths takes away all that Paths names"
        ),
    ])
    func `what a rule says in vain is noted`(
        properties: String,
        prospect: String,
        note: String
    ) throws {
        let stage = try Self.stage()
        stage.codeCommitRule("r", properties)
        let rule = try #require(Self.test(stage)["rules"]?.array?.first)
        #expect(rule["prospect"]?.string == prospect)
        #expect(rule["notes"]?.array?.map(\.string) == [note])
    }

    @Test(arguments: [
        (#""Events":["image"]"#, "Events names nothing that CodeCommit tells of"),
        (
            #""Events":["tag"],"ExcludeTags":["**"]"#,
            "ExcludeTags takes away all that Tags names"
        ),
        (
            #""Actors":["arn:a"],"ExcludeActors":["arn:?"]"#,
            "ExcludeActors takes away all that Actors names"
        ),
    ])
    func `what can never match is told`(properties: String, reason: String) throws {
        let stage = try Self.stage()
        stage.codeCommitRule("r", properties)
        let rule = try #require(Self.test(stage)["rules"]?.array?.first)
        #expect(rule["prospect"]?.string == "never")
        #expect(rule["reason"]?.string == reason)
    }
}

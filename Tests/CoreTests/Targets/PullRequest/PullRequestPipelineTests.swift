import Codec
import Foundation
import Platform
import Testing

@testable import Core

@Suite struct `A pull request's pipeline` {
    private static let made =
        "created the pipeline 'api@octo@mono@7' of octo/mono#7, which runs on the newest commit of "
        + "'topic/a'"
    private static let deleted = "deleted the pipeline 'api@octo@mono@7' of octo/mono#7"
    private static let there = "the pipeline 'api@octo@mono@7' of octo/mono#7 is there already"
    private static let none = "there is no pipeline 'api@octo@mono@7'"
    private static let foreign =
        "the pipeline 'api@octo@mono@7' is not octo/mono#7's and was left as it is: it "

    /// What lies under the pipeline's name before.
    enum State: String, CustomTestStringConvertible {
        case nothing, own, another, untagged
        var testDescription: String { rawValue }
    }

    struct Row: CustomTestStringConvertible {
        var action: String
        var state: State
        var outcome: String
        var answer: String
        var history: [String] = []
        var runs = 0
        var testDescription: String { "\(action) with \(state)" }

        init(
            _ action: String,
            _ state: State,
            _ outcome: String,
            _ answer: String,
            _ history: [String] = [],
            runs: Int = 0
        ) {
            self.action = action
            self.state = state
            self.outcome = outcome
            self.answer = answer
            self.history = history
            self.runs = runs
        }
    }

    static let actions = [
        "opened", "reopened", "ready_for_review", "synchronize", "edited", "closed",
    ]

    static let rows: [Row] =
        ["opened", "reopened", "ready_for_review", "synchronize", "edited"].map {
            Row($0, .nothing, "started", made, ["created api@octo@mono@7"])
        }
        + [
            Row("closed", .nothing, "unchanged", none),
            Row("opened", .own, "unchanged", there),
            Row("ready_for_review", .own, "started", "started the pipeline", runs: 1),
            Row("edited", .own, "unchanged", there),
            Row("synchronize", .own, "started", "started the pipeline", runs: 1),
            Row("reopened", .own, "started", "started the pipeline", runs: 1),
            Row("closed", .own, "started", deleted, ["deleted api@octo@mono@7"]),
        ]
        + actions.flatMap { action in
            [
                Row(action, .another, "failed", foreign + "is claimed for 'octo/mono#8'"),
                Row(action, .untagged, "failed", foreign + "has no tag pointsman:pull-request"),
            ]
        }

    @Test(arguments: rows)
    func `is made, started and removed, and only where its tag claims it`(row: Row) throws {
        let stage = try Stage.withTemplate()
        switch row.state {
        case .nothing: break
        case .own: try stage.putClone()
        case .another: try stage.putClone(claim: "octo/mono#8")
        case .untagged: try stage.putClone(claim: nil)
        }
        let record = try stage.decide(stage.pullRequest(row.action))
        #expect(record.outcome(of: "pr") == row.outcome)
        #expect(record.rule("pr")?["answer"]?.string?.hasPrefix(row.answer) == true)
        #expect(stage.aws.pipelines.history == row.history)
        #expect(stage.aws.executions.count == row.runs)
    }

    @Test func `is the template on the head branch, with tags that say whose it is`() throws {
        let stage = try Stage.withTemplate()
        try stage.decide(stage.pullRequest("opened", draft: true))
        let clone = try #require(stage.aws.pipelines[Stage.clone])
        #expect(
            String(decoding: clone.declaration.encoded(), as: UTF8.self)
                == #"{"name":"api@octo@mono@7","roleArn":"r","pipelineType":"V2","stages":[{"#
                + #""name":"S","actions":[{"name":"Source","actionTypeId":{"category":"Source","#
                + #""owner":"AWS","provider":"CodeStarSourceConnection","version":"1"},"#
                + #""configuration":{"ConnectionArn":"c","FullRepositoryId":"octo/mono","#
                + #""BranchName":"topic/a","DetectChanges":"false"}}]}]}"#
        )
        #expect(clone.tags[Stage.claimTag] == "octo/mono#7")
        #expect(clone.tags["pointsman:template"] == "api")
        #expect(clone.tags[Stage.repositoryTag] == "github:5")
        #expect(clone.tags[Stage.timeTag] == "2026-09-21T14:13:20.000Z")
        let key = "pointsman/ledger/\(clone.tags["pointsman:start"] ?? "")"
        #expect(stage.aws.objects[key] != nil)
    }

    @Test(arguments: [
        ("V2", ": execution-of-api@octo@mono@7-", true),
        ("V1", ", on the newest commit: it is of type V1", false),
    ])
    func `runs on the commit, where its type takes one`(
        type: String,
        end: String,
        takesCommit: Bool
    ) throws {
        let stage = try Stage.withTemplate(type: type)
        try stage.decide(stage.pullRequest("opened"))
        let record = try stage.decide(stage.pullRequest("synchronize"))
        let execution = try #require(stage.aws.executions.first)
        let revision = execution.request["sourceRevisions"]?.array?.first
        #expect(revision?["revisionValue"]?.string == (takesCommit ? Stage.head : nil))
        #expect(revision?["actionName"]?.string == (takesCommit ? "Source" : nil))
        #expect(record.rule("pr")?["answer"]?.string?.contains(end) == true)
    }

    @Test func `lives from opening to closing`() throws {
        let stage = try Stage.withTemplate(rule: #""Branches":["main"]"#)
        for action in ["opened", "synchronize", "closed"] {
            #expect(try stage.decide(stage.pullRequest(action)).outcome(of: "pr") == "started")
        }
        // Redelivered, none of them does anything.
        for action in ["opened", "synchronize", "closed"] {
            let record = try stage.decide(stage.pullRequest(action))
            #expect(record.outcome(of: "pr") == "already-started")
        }
        #expect(
            stage.aws.pipelines.history == ["created \(Stage.clone)", "deleted \(Stage.clone)"]
        )
        #expect(stage.aws.executions.count == 1)
    }

    @Test func `is not removed by a closing that was before what it was made for`() throws {
        let stage = try Stage.withTemplate()
        let closing = try stage.handOver(of: stage.pullRequest("closed"))
        stage.wait(1_500)
        try stage.decide(stage.pullRequest("reopened"))
        let record = try stage.evaluate(closing)[0].get()
        #expect(record.outcome(of: "pr") == "unchanged")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "the pipeline 'api@octo@mono@7' of octo/mono#7 was made or started for "
                + "what happened at "
                + "2026-09-21T14:13:21.500Z, after this, at 2026-09-21T14:13:20.000Z"
        )
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
    }

    @Test func `is removed by a closing that was after what it was made for, late`() throws {
        let stage = try Stage.withTemplate()
        let opening = try stage.handOver(of: stage.pullRequest("opened"))
        stage.wait(1_500)
        let closing = try stage.handOver(of: stage.pullRequest("closed"))
        stage.wait(60_000)
        _ = try stage.evaluate(opening)[0].get()
        let record = try stage.evaluate(closing)[0].get()
        #expect(record.rule("pr")?["answer"]?.string == Self.deleted)
        #expect(stage.aws.pipelines.names == ["api"])
    }

    @Test func `goes when the pull request leaves the rule's branches`() throws {
        let stage = try Stage.withTemplate(rule: #""Branches":["main"]"#)
        try stage.putClone()
        let record = try stage.decide(stage.pullRequest("edited", base: "dev"))
        #expect(record.rule("pr")?["answer"]?.string == Self.deleted)
        #expect(record.rule("pr")?["reason"]?.string == "branch 'dev' matches none of Branches")
        #expect(stage.aws.pipelines.names == ["api"])
    }

    @Test func `of a source that has no branches is refused`() throws {
        let stage = try Stage.withTemplate(source: Stage.s3)
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(record.rule("pr")?["answer"]?.string?.contains("of S3, which has no") == true)
    }

    @Test func `of GitHub (version 1) has the secret's token, which is never shown`() throws {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
        let stage = try Stage.withTemplate(
            source: Stage.gitHub,
            target: #","OAuthTokenSecretArn":"\#(arn)""#
        )
        stage.aws.secrets[arn] = ["AWSCURRENT": "ghp_secret"]
        try stage.decide(stage.pullRequest("opened"))
        let text = stage.aws.pipelines[Stage.clone]?.declaration.encoded() ?? []
        #expect(String(decoding: text, as: UTF8.self).contains(#""OAuthToken":"ghp_secret""#))
        #expect(!stage.log.contains("ghp_secret"))
        for object in stage.aws.objects.values {
            #expect(!String(decoding: object.body, as: UTF8.self).contains("ghp_secret"))
        }
    }

    private static let secretARN =
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"

    private static func withToken(_ token: String) throws -> Stage {
        let stage = try Stage.withTemplate(
            source: Stage.gitHub,
            target: #","OAuthTokenSecretArn":"\#(secretARN)""#
        )
        stage.aws.secrets[secretARN] = ["AWSCURRENT": token]
        return stage
    }

    @Test func `has the token without the line break that was pasted with it`() throws {
        let stage = try Self.withToken("ghp_0123\n")
        try stage.decide(stage.pullRequest("opened"))
        let text = stage.aws.pipelines[Stage.clone]?.declaration.encoded() ?? []
        #expect(String(decoding: text, as: UTF8.self).contains(#""OAuthToken":"ghp_0123""#))
    }

    @Test(arguments: ["ghp_0123", "ghp_0123\n"])
    func `shows no token that a refusal quotes`(token: String) throws {
        let stage = try Self.withToken(token)
        stage.aws.pipelines.creationError = FakePipelines.Failure(
            code: "ValidationException",
            message: "Value '{OAuthToken=\(token), Branch=topic/a}' failed to satisfy constraint"
        )
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(record.rule("pr")?["answer"]?.string?.contains("OAuthToken=***") == true)
        #expect(!stage.log.contains("ghp_0123"))
        for object in stage.aws.objects.values {
            #expect(!String(decoding: object.body, as: UTF8.self).contains("ghp_0123"))
        }
    }

    @Test(arguments: [
        (#"["octo/*"]"#, "started"), (#"["acme/*"]"#, "failed"), ("[]", "failed"),
    ])
    func `has a token that the secret lets rules about its repository use`(
        repositories: String,
        outcome: String
    ) throws {
        let stage = try Self.withToken(#"{"token":"ghp_0123","repositories":\#(repositories)}"#)
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == outcome)
        #expect(record.rule("pr")?["clause"]?.string == (outcome == "failed" ? "Target" : "Events"))
        let text = stage.aws.pipelines[Stage.clone]?.declaration.encoded() ?? []
        let hasToken = String(decoding: text, as: UTF8.self).contains(#""OAuthToken":"ghp_0123""#)
        #expect(hasToken == (outcome == "started"))
        #expect(!stage.log.contains("ghp_0123"))
    }

    @Test func `is not made with a token that is empty`() throws {
        let stage = try Self.withToken("\n")
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.rule("pr")?["answer"]?.string == "the secret \(Self.secretARN) is empty")
        #expect(stage.aws.pipelines.names == ["api"])
    }

    @Test func `is made, run and removed where CodePipeline takes no # in a tag`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.pipelines.isStrictAboutTags = true
        try stage.putClone("api@octo@mono@1", claim: "octo/mono@1", idle: 31)
        for action in ["opened", "synchronize"] {
            #expect(try stage.decide(stage.pullRequest(action)).outcome(of: "pr") == "started")
        }
        #expect(stage.aws.pipelines[Stage.clone]?.tags[Stage.claimTag] == "octo/mono@7")
        #expect(stage.aws.executions.count == 1)
        let record = try stage.decide(stage.pullRequest("closed"))
        #expect(record.rule("pr")?["answer"]?.string == Self.deleted)
        #expect(stage.aws.pipelines.names == ["api"])
    }

    @Test func `is refused where CodePipeline takes none of its tags`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.pipelines.creationError = FakePipelines.Failure(code: "InvalidTagsException")
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(stage.aws.calls.filter { $0.hasPrefix("CreatePipeline") }.count == 2)
    }

    @Test func `is refused, once, where the account has as many pipelines as it may`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.pipelines.quota = 1
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "codepipeline:CreatePipeline of api@octo@mono@7: 400 LimitExceededException: "
                + "as scripted"
        )
        #expect(stage.aws.calls.filter { $0.hasPrefix("CreatePipeline") }.count == 1)
    }

    @Test func `that was made by a request sent twice in silence is its own`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.fault = { _, name in name.hasPrefix("CreatePipeline") ? .sentTwice : nil }
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "started")
        #expect(record.rule("pr")?["answer"]?.string == Self.made)
        #expect(stage.aws.pipelines.history == ["created \(Stage.clone)"])
    }

    @Test func `is not made where the template has fifty`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.pipelines.pageSize = 20
        for number in 100..<150 {
            try stage.putClone("api@octo@mono@\(number)", claim: "octo/mono#\(number)")
        }
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "the template 'api' has 50 pipelines of pull requests: at most 50 may live"
        )
        #expect(stage.aws.pipelines.history == [])
    }

    @Test func `makes those go in which nothing has happened for thirty days`() throws {
        let stage = try Stage.withTemplate()
        try stage.putClone("api@octo@mono@1", claim: "octo/mono#1", idle: 31)
        try stage.putClone("api@octo@mono@2", claim: "octo/mono#2", idle: 29)
        try stage.putClone("api@octo@other@2", claim: "octo/other#2", idle: 29)
        try stage.putClone("api@octo@mono@3", claim: "octo/mono#3", template: "b", idle: 99)
        try stage.putClone("api@octo@mono@8", claim: "octo/mono#8", idle: 40, status: "InProgress")
        try stage.putClone("api@octo@mono@9", claim: nil, idle: 50)
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(
            stage.aws.pipelines.history == ["deleted api@octo@mono@1", "created api@octo@mono@7"]
        )
        #expect(
            record.rule("pr")?["answer"]?.string
                == Self.made + "; removed 'api@octo@mono@1', idle for 30 days"
        )
    }

    @Test func `that is refused still says which others have gone for it`() throws {
        let stage = try Stage.withTemplate()
        try stage.putClone("api@octo@mono@1", claim: "octo/mono#1", idle: 31)
        stage.aws.pipelines.creationError = FakePipelines.Failure(
            code: "InvalidStructureException"
        )
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(
            record.rule("pr")?["answer"]?.string
                == "codepipeline:CreatePipeline of api@octo@mono@7: 400 InvalidStructureException: "
                + "as scripted; removed 'api@octo@mono@1', idle for 30 days"
        )
    }

    @Test func `makes none of them go for one that has no token`() throws {
        let stage = try Self.withToken("ghp_0123")
        stage.aws.secrets[Self.secretARN] = [:]
        try stage.putClone("api@octo@mono@1", claim: "octo/mono#1", idle: 31)
        _ = try? stage.decide(stage.pullRequest("opened"))
        #expect(stage.aws.pipelines.history == [])
    }

    @Test
    func `makes those of other repositories go too, also of one that is called otherwise now`()
        throws
    {
        let stage = try Stage.withTemplate()
        try stage.putClone("api@octo@other@1", claim: "octo/other#1", idle: 31)
        try stage.putClone("api@gone@gone@2", claim: "gone/gone#2", of: 9, idle: 40)
        try stage.decide(stage.pullRequest("opened"))
        #expect(stage.aws.pipelines.names == ["api", "api@octo@mono@7"])
    }

    @Test func `makes those in use give way to others that are idle, in a later turn`() throws {
        let stage = try Stage.withTemplate()
        for number in 100..<125 {
            try stage.putClone(
                "api@octo@mono@\(number)",
                claim: "octo/mono#\(number)",
                idle: 90,
                status: number == 124 ? "Succeeded" : "InProgress"
            )
        }
        var looks = 0
        for number in 1...25 where stage.aws.pipelines["api@octo@mono@124"] != nil {
            stage.wait(1_000)
            stage.aws.forgetCalls()
            try stage.decide(stage.pullRequest("opened", number: number))
            let asked = stage.aws.calls.filter { $0.hasPrefix("ListPipelineExecutions") }
            #expect(asked.count <= PipelineSweep.maximumLookedAt)
            looks += 1
        }
        #expect(stage.aws.pipelines["api@octo@mono@124"] == nil)
        #expect(looks <= 25)
        #expect(stage.aws.pipelines.history.filter { $0.hasPrefix("deleted") }.count == 1)
    }

    @Test func `makes three of them go at the most, the oldest first`() throws {
        let stage = try Stage.withTemplate()
        for number in 1...5 {
            try stage.putClone(
                "api@octo@mono@10\(number)",
                claim: "octo/mono#10\(number)",
                idle: 30 + number
            )
        }
        try stage.decide(stage.pullRequest("opened"))
        #expect(
            stage.aws.pipelines.names
                == ["api", "api@octo@mono@101", "api@octo@mono@102", "api@octo@mono@7"]
        )
    }

    @Test func `that another start makes at the same time is one`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.before = { [unowned stage] name in
            if name == "CreatePipeline \(Stage.clone)" { try? stage.putClone() }
        }
        let record = try stage.decide(stage.pullRequest("synchronize"))
        #expect(record.outcome(of: "pr") == "started")
        #expect(stage.aws.pipelines.history == [])
        #expect(stage.aws.executions.count == 1)
    }

    @Test func `whose name somebody else takes at the same time is refused`() throws {
        let stage = try Stage.withTemplate()
        stage.aws.before = { [unowned stage] name in
            if name == "CreatePipeline \(Stage.clone)" { try? stage.putClone(claim: nil) }
        }
        let record = try stage.decide(stage.pullRequest("opened"))
        #expect(record.outcome(of: "pr") == "failed")
        #expect(
            record.rule("pr")?["answer"]?.string
                == Self.foreign + "has no tag pointsman:pull-request"
        )
    }
}

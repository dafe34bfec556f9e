import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct `A pull request's pipeline, call by call` {
    private static let name = "api@octo@mono@7"
    private static let text = "the pipeline 'api@octo@mono@7' of octo/mono#7"
    private static let created =
        "started: created \(text), which runs on the newest commit of 'topic/a'"
    private static let now = Timestamp(milliseconds: 4_000_000_000)
    private static let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:t-AbCdEf"

    private static func start(
        _ act: PullRequestPipeline.Act,
        repositoryID: String? = nil
    ) -> PullRequestPipelineStart {
        let pipeline = PullRequestPipeline(
            target: PullRequestPipelineTarget(
                template: "api",
                sourceAction: "Source",
                oauthTokenSecretARN: secret,
                access: AWSAccess(role: nil)
            ),
            act: act,
            name: PullRequestPipelineName(
                template: "api",
                repository: "octo/mono",
                number: 7,
                repositoryID: repositoryID
            ),
            pullRequest: Change.PullRequest(
                number: 7,
                action: "opened",
                base: "main",
                head: "topic/a",
                fork: false,
                draft: false,
                merged: false
            ),
            eventTime: Timestamp(milliseconds: 1_000)
        )
        let start = Start(
            ruleKey: "r",
            change: .pullRequest("opened"),
            identity: "this",
            action: .pullRequestPipeline(pipeline),
            order: nil
        )
        return PullRequestPipelineStart(pipeline, start, at: now)
    }

    /// What is done at first and after each response, which is a body or the code of an error.
    private static func actions(
        _ start: PullRequestPipelineStart,
        _ responses: [String]
    ) throws -> [String] {
        var start = start
        var action = start.firstAction
        var words = [Self.words(action)]
        for response in responses {
            switch action {
            case .send(let call, _):
                let result: Result<HTTPResponse, CallError> =
                    response.hasPrefix("{")
                    ? .success(HTTPResponse(status: 200, body: Array(response.utf8)))
                    : .failure(
                        CallError(call, code: response, message: "", isRetryable: false)
                    )
                action = start.next(result)
            case .readToken(_, let creation):
                action = start.next(token: Secret(response), creation)
            case .end: Issue.record("\(response) comes after the end")
            }
            words.append(Self.words(action))
        }
        return words
    }

    private static func words(_ action: PullRequestPipelineStart.Action) -> String {
        switch action {
        case .send(let call, let onlyReads):
            "\(call.operation) \(call.resource)" + (onlyReads ? ", shared" : "")
        case .readToken(let arn, _): "read \(arn)"
        case .end(.started(let text, _)): "started: \(text)"
        case .end(.unchanged(let text)): "unchanged: \(text)"
        case .end(.refused(let text, _)): "refused: \(text)"
        case .end(let outcome): "\(outcome)"
        }
    }

    private static func pipeline(_ type: String = "V2", source: String? = nil) throws -> String {
        let template = try Stage.template(type: type, source: source ?? Stage.connection)
        let declaration = String(decoding: template.declaration.encoded(), as: UTF8.self)
        return #"{"pipeline":\#(declaration),"metadata":{"pipelineArn":"arn"}}"#
    }

    private static func tags(_ tags: [String: String]) -> String {
        let tags = tags.map { #"{"key":"pointsman:\#($0)","value":"\#($1)"}"# }
        return #"{"tags":[\#(tags.joined(separator: ","))]}"#
    }

    private static func own(_ more: [String: String] = [:]) -> String {
        tags(["pull-request": "octo/mono#7", "template": "api"].merging(more) { $1 })
    }

    private static func list(_ names: [String], at seconds: Int = 0) -> String {
        let pipelines = names.map { #"{"name":"\#($0)","updated":\#(seconds)}"# }
        return #"{"pipelines":[\#(pipelines.joined(separator: ","))]}"#
    }

    @Test func `one that is not there is created from the template`() throws {
        #expect(
            try Self.actions(
                Self.start(.make),
                ["PipelineNotFoundException", Self.pipeline(), Self.list([]), "{}"]
            ) == [
                "GetPipeline \(Self.name)", "GetPipeline api, shared",
                "ListPipelines all pipelines, shared", "CreatePipeline \(Self.name)", Self.created,
            ]
        )
    }

    @Test func `the token is read before it is created`() throws {
        let actions = try Self.actions(
            Self.start(.make),
            [
                "PipelineNotFoundException", Self.pipeline(source: Stage.gitHub), "T0ken",
                Self.list([]),
            ]
        )
        #expect(
            actions.dropFirst(2) == [
                "read \(Self.secret)", "ListPipelines all pipelines, shared",
                "CreatePipeline \(Self.name)",
            ]
        )
    }

    @Test func `its own is tagged and started`() throws {
        #expect(
            try Self.actions(
                Self.start(.run),
                [Self.pipeline(), Self.own(), "{}", #"{"pipelineExecutionId":"e"}"#]
            ) == [
                "GetPipeline \(Self.name)", "ListTagsForResource arn", "TagResource arn",
                "StartPipelineExecution \(Self.name)", "started: started \(Self.text): e",
            ]
        )
    }

    @Test func `what is used for a later event already is not tagged again`() throws {
        let tags = Self.own(["event-time": "1970-01-01T00:00:02.000Z"])
        #expect(
            try Self.actions(Self.start(.run), [Self.pipeline(), tags]).last
                == "StartPipelineExecution \(Self.name)"
        )
        #expect(
            try Self.actions(Self.start(.make), [Self.pipeline(), tags]).last
                == "unchanged: \(Self.text) is there already"
        )
        #expect(
            try Self.actions(Self.start(.remove), [Self.pipeline(), tags]).last
                == "unchanged: \(Self.text) was made or started for what happened at "
                + "1970-01-01T00:00:02.000Z, after this, at 1970-01-01T00:00:01.000Z"
        )
    }

    @Test func `its own is deleted`() throws {
        #expect(
            try Self.actions(Self.start(.remove), [Self.pipeline(), Self.own(), "{}"]) == [
                "GetPipeline \(Self.name)", "ListTagsForResource arn",
                "DeletePipeline \(Self.name)", "started: deleted \(Self.text)",
            ]
        )
    }

    @Test func `one of another repository's id is looked for under its earlier names`() throws {
        let earlier = "api@octo@was@7"
        #expect(
            try Self.actions(
                Self.start(.remove, repositoryID: "github:5"),
                [
                    "PipelineNotFoundException", Self.list(["api@a@b@7", "api@a@b@8", earlier]),
                    Self.pipeline(), Self.own(["repository-id": "github:6"]),
                    Self.pipeline(), Self.own(["repository-id": "github:5"]), "{}",
                ]
            ) == [
                "GetPipeline \(Self.name)", "ListPipelines all pipelines, shared",
                "GetPipeline api@a@b@7", "ListTagsForResource arn",
                "GetPipeline \(earlier)", "ListTagsForResource arn",
                "DeletePipeline \(earlier)",
                "started: deleted the pipeline '\(earlier)' of octo/mono#7",
            ]
        )
    }

    @Test func `idle pipelines are deleted before one is created`() throws {
        let run = #"{"pipelineExecutionSummaries":[{"status":"InProgress","lastUpdateTime":0}]}"#
        let noRun = #"{"pipelineExecutionSummaries":[]}"#
        #expect(
            try Self.actions(
                Self.start(.make),
                [
                    "PipelineNotFoundException", Self.pipeline(),
                    Self.list(["api@a@b@1", "api@a@b@2"]), run, noRun, Self.pipeline(),
                    Self.own(), "{}", "{}",
                ]
            ).dropFirst(3) == [
                "ListPipelineExecutions api@a@b@1", "ListPipelineExecutions api@a@b@2",
                "GetPipeline api@a@b@2", "ListTagsForResource arn", "DeletePipeline api@a@b@2",
                "CreatePipeline \(Self.name)",
                "\(Self.created); removed 'api@a@b@2', idle for 30 days",
            ]
        )
    }

    @Test func `a name that is in use is looked up again`() throws {
        let start = [
            "PipelineNotFoundException", try Self.pipeline(), Self.list([]),
            "PipelineNameInUseException",
        ]
        let actions = try Self.actions(
            Self.start(.make),
            start + [Self.pipeline(), Self.own(["start": "this"])]
        )
        #expect(
            actions.dropFirst(4) == [
                "GetPipeline \(Self.name)", "ListTagsForResource arn", Self.created,
            ]
        )
        let other = try Self.actions(Self.start(.make), start + [Self.pipeline(), Self.tags([:])])
        #expect(
            other.last
                == "refused: the pipeline '\(Self.name)' is not octo/mono#7's and was left as it "
                + "is: it has no tag pointsman:pull-request"
        )
    }
}

/// Every call about a pull request's pipeline fails in turn, in every way.
@Suite struct `When a call about a pull request's pipeline fails` {
    /// An event, what was there before it, and what must be so in the end.
    struct Case: CustomTestStringConvertible {
        var action: String
        var fault: FakeAWS.Fault
        var testDescription: String { "\(action), \(fault.rawValue)" }
    }

    /// The name that the pipeline has where the repository was called otherwise.
    static let renamed = "api@octo@was-called@7"

    static let cases = [
        "opened", "synchronize", "closed", "synchronize, renamed", "closed, renamed",
    ].flatMap { action in
        FakeAWS.Fault.allCases.map { Case(action: action, fault: $0) }
    }

    /// More than any of these evaluations makes.
    static let mostCalls = 40

    static func stage(_ action: String) throws -> (Stage, handOver: [UInt8]) {
        let stage = try Stage.withTemplate()
        if action == "opened" {
            try stage.putClone("api@octo@mono@1", claim: "octo/mono#1", idle: 31)
        } else if action.hasSuffix("renamed") {
            try stage.putClone(renamed, claim: "octo/was-called#7", of: Stage.repositoryID)
            try stage.putClone("api@other@app@7", claim: "other/app#7", of: 6)
        } else {
            try stage.putClone()
        }
        try stage.putClone("api@octo@mono@5", claim: nil, idle: 90)
        let name = String(action.prefix { $0 != "," })
        let handOver = try stage.handOver(of: stage.pullRequest(name))
        return (stage, handOver)
    }

    static func expectDone(_ action: String, _ stage: Stage, _ comment: Comment) throws {
        let pipelines = stage.aws.pipelines
        #expect(pipelines["api"] != nil && pipelines["api@octo@mono@5"] != nil, comment)
        switch action {
        case "opened":
            #expect(pipelines.history.filter { $0 == "created \(Stage.clone)" }.count == 1, comment)
            #expect(pipelines[Stage.clone]?.tags[Stage.claimTag] == "octo/mono#7", comment)
            #expect(pipelines[Stage.clone]?.tags[Stage.repositoryTag] == "github:5", comment)
            #expect(stage.aws.executions.isEmpty, comment)
        case "synchronize":
            #expect(stage.aws.executions.map(\.pipeline) == [Stage.clone], comment)
            #expect(pipelines.history.isEmpty, comment)
            let tags = pipelines[Stage.clone]?.tags
            #expect(tags?[Stage.timeTag] == "2026-09-21T14:13:20.000Z", comment)
            #expect(tags?[Stage.repositoryTag] == "github:5", comment)
        case "synchronize, renamed":
            #expect(stage.aws.executions.map(\.pipeline) == [renamed], comment)
            #expect(pipelines.history.isEmpty, comment)
        case "closed, renamed":
            #expect(pipelines.history == ["deleted \(renamed)"], comment)
        default:
            #expect(pipelines.history == ["deleted \(Stage.clone)"], comment)
        }
        let object = stage.aws.objects.first { $0.key.hasPrefix("pointsman/decisions/") }
        let body = try #require(object, comment).value.body
        let record = try JSON(parsing: body)
        let rule = try #require(record.rule("pr"), comment)
        let answer = rule["answer"]?.string ?? ""
        switch rule["outcome"]?.string {
        case "started", "already-started": break
        case "unchanged":
            // Deleted by an attempt whose answer was lost: that is said.
            #expect(action.hasPrefix("closed"), comment)
            #expect(answer.contains("may have started it before"), comment)
        case let other: Issue.record("\(other ?? "no outcome"): \(answer)")
        }
    }

    @Test(.thorough, arguments: cases)
    func `once, the evaluation still does it once`(row: Case) throws {
        for number in 1...Self.mostCalls {
            let (stage, handOver) = try Self.stage(row.action)
            stage.aws.fault = { call, _ in call == number ? row.fault : nil }
            let results = try stage.evaluate(handOver)
            try Self.expectDone(row.action, stage, "call \(number)")
            #expect(results.count == 1, "call \(number) was retried within the attempt")
            if stage.aws.calls.count < number { return }
        }
        Issue.record("there are more calls")
    }

    @Test(.thorough, arguments: cases)
    func `and so do all after it, another sandbox finishes the job`(row: Case) throws {
        for number in 1...Self.mostCalls {
            let (stage, handOver) = try Self.stage(row.action)
            stage.aws.fault = { call, _ in call >= number ? row.fault : nil }
            let first = try stage.evaluate(handOver, attempts: 1)[0]
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            _ = try stage.evaluate(handOver, attempts: 1)[0].get()
            try Self.expectDone(row.action, stage, "call \(number)")
            if case .success = first { return }
        }
        Issue.record("there are more calls")
    }
}

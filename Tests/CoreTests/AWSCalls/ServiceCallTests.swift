import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct ServiceCallTests {
    /// Sends a call and gives what is read out of its answer.
    private func read<Value>(
        _ call: AWSCall,
        _ answer: FakeCloud.Answer,
        _ parse: (AWSCall, HTTPResponse) throws(CallError) -> Value
    ) throws -> Value {
        let cloud = FakeCloud([answer])
        return try parse(call, try cloud.client().send(call, deadline: cloud.deadline()))
    }

    // Secrets Manager

    private let secretCall = SecretsManager.getSecretValue(id: "arn:s", stage: "AWSPREVIOUS")

    @Test(arguments: [
        (#"{"SecretString":"s\u00e9\"cret"}"#, Array("sé\"cret".utf8)),
        (#"{"SecretBinary":"AP8="}"#, [0, 255]),
        (#"{"SecretString":null,"SecretBinary":"AP8="}"#, [0, 255]),
    ])
    func `a secret is its text or its bytes`(body: String, bytes: [UInt8]) throws {
        let secret = try read(secretCall, .answer(200, body), SecretsManager.value)
        #expect(secret.revealed == bytes)
    }

    @Test(arguments: [
        "", "secret", #"{"SecretString":"secret""#, #"{"SecretString":["secret"]}"#,
        #"{"SecretBinary":"sec"}"#, "{}",
    ])
    func `an answer without a secret is an error that shows nothing of it`(body: String) {
        #expect {
            _ = try read(secretCall, .answer(200, body), SecretsManager.value)
        } throws: { error in
            "\(error)" == "secretsmanager:GetSecretValue of arn:s: 200 UnreadableAnswer: "
                + "the answer has no SecretString or SecretBinary"
        }
    }

    @Test func `a version that is not there is told by its code`() {
        let body = #"{"__type":"ResourceNotFoundException","Message":"m"}"#
        #expect {
            _ = try read(secretCall, .answer(400, body), SecretsManager.value)
        } throws: { error in
            (error as? CallError)?.code == "ResourceNotFoundException"
        }
    }

    // Lambda

    private let invokeCall = LambdaService.invokeAsynchronously("f", payload: [])

    @Test func `a queued invocation is answered 202`() throws {
        let cloud = FakeCloud([.answer(202)])
        #expect(try cloud.client().send(invokeCall, deadline: cloud.deadline()).status == 202)
    }

    @Test(arguments: [
        (200, "", "200"),
        (413, "RequestTooLargeException", "413 RequestTooLargeException"),
        (404, "ResourceNotFoundException", "404 ResourceNotFoundException"),
    ])
    func `any other answer to an invocation is an error`(
        status: Int,
        type: String,
        message: String
    ) {
        let cloud = FakeCloud([.answer(status, "", ["x-amzn-ErrorType": type])])
        #expect {
            try cloud.client().send(invokeCall, deadline: cloud.deadline())
        } throws: { error in
            "\(error)" == "lambda:Invoke of f: \(message)"
        }
    }

    private let waitedCall = LambdaService.invoke("f", payload: [])

    @Test func `what a function answers is the body`() throws {
        #expect(
            try read(waitedCall, .answer(200, "[1]"), LambdaService.answer) == Array("[1]".utf8)
        )
    }

    @Test(arguments: [
        (#"{"errorType":"Function.X","errorMessage":"why"}"#, "Function.X: why"),
        (#"{"errorMessage":"Task timed out"}"#, "FunctionError: Task timed out"),
        ("", "FunctionError"),
    ])
    func `a function that failed is an error, though it is answered 200`(
        body: String,
        words: String
    ) {
        #expect {
            let answer = FakeCloud.Answer.answer(
                200,
                body,
                ["X-Amz-Function-Error": "Unhandled"]
            )
            _ = try read(waitedCall, answer, LambdaService.answer)
        } throws: { error in
            "\(error)" == "lambda:Invoke of f: \(words)"
        }
    }

    // CodePipeline

    private let startCall = CodePipeline.startPipelineExecution("p", clientRequestToken: "t")

    @Test func `a start gives the execution's id`() throws {
        let answer = FakeCloud.Answer.answer(200, #"{"pipelineExecutionId":"id"}"#)
        #expect(try read(startCall, answer, CodePipeline.executionID) == "id")
    }

    @Test(arguments: ["", "{}", #"{"pipelineExecutionId":1}"#])
    func `an answer without an execution's id is an error`(body: String) {
        #expect {
            _ = try read(startCall, .answer(200, body), CodePipeline.executionID)
        } throws: { error in
            "\(error)" == "codepipeline:StartPipelineExecution of p: 200 UnreadableAnswer: "
                + "the answer has no pipelineExecutionId"
        }
    }

    @Test(arguments: [
        ("ConflictException", 4),
        ("ConcurrentPipelineExecutionsLimitExceededException", 4),
        ("PipelineNotFoundException", 1),
        ("ValidationException", 1),
    ])
    func `a busy pipeline is tried again, a refusal is not`(code: String, attempts: Int) throws {
        let cloud = FakeCloud([.answer(400, #"{"__type":"\#(code)"}"#)])
        let results = try cloud.client().send([startCall], deadline: cloud.deadline())
        #expect(cloud.batches.count == attempts)
        guard case .failure(let error) = results[0] else { return #expect(Bool(false)) }
        #expect(error.isRetryable == (attempts == 4))
    }

    private let getCall = CodePipeline.getPipeline("p")

    @Test(arguments: [
        "", #"{"pipeline":{}}"#, #"{"pipeline":[],"metadata":{"pipelineArn":"a"}}"#,
        #"{"pipeline":{},"metadata":{"pipelineArn":1}}"#,
    ])
    func `an answer without a pipeline and its ARN is an error`(body: String) {
        #expect {
            _ = try read(getCall, .answer(200, body), CodePipeline.pipeline)
        } throws: { error in
            "\(error)" == "codepipeline:GetPipeline of p: 200 UnreadableAnswer: "
                + "the answer has no pipeline with its ARN"
        }
    }

    @Test func `a page of pipelines gives names, times and the next token`() throws {
        let body =
            #"{"pipelines":[{"name":"a","updated":1790000000.5},{"name":"b"},{"version":1}],"#
            + #""nextToken":"n"}"#
        let call = CodePipeline.listPipelines(nextToken: nil)
        let page = try read(call, .answer(200, body), CodePipeline.page)
        #expect(page.pipelines.map(\.name) == ["a", "b"])
        #expect(page.pipelines.map(\.updated?.milliseconds) == [1_790_000_000_500, nil])
        #expect(page.nextToken == "n")
    }

    @Test(arguments: [
        (#"{"pipelineExecutionSummaries":[]}"#, nil, nil),
        (
            #"{"pipelineExecutionSummaries":[{"status":"Succeeded","lastUpdateTime":1.79E9,"startTime":1}]}"#,
            Optional(false), Optional(1_790_000_000_000)
        ),
        (
            #"{"pipelineExecutionSummaries":[{"status":"InProgress","startTime":1790000000}]}"#,
            true, 1_790_000_000_000
        ),
        (
            #"{"pipelineExecutionSummaries":[{"status":"Stopping"}]}"#,
            true, nil
        ),
    ])
    func `the latest run says whether it is under way`(
        body: String,
        isUnderWay: Bool?,
        milliseconds: Int?
    ) throws {
        let call = CodePipeline.latestExecution(of: "p")
        let run = try read(call, .answer(200, body), CodePipeline.run)
        #expect(run?.isUnderWay == isUnderWay)
        #expect(run?.updated?.milliseconds == milliseconds)
    }

    // CodeBuild

    private let buildCall = CodeBuild.startBuild("b", idempotencyToken: "t")

    @Test func `a build gives its id`() throws {
        let answer = FakeCloud.Answer.answer(200, #"{"build":{"id":"b:1","arn":"a"}}"#)
        #expect(try read(buildCall, answer, CodeBuild.buildID) == "b:1")
    }

    @Test(arguments: ["", "{}", #"{"build":{"id":1}}"#])
    func `an answer without a build's id is an error`(body: String) {
        #expect {
            _ = try read(buildCall, .answer(200, body), CodeBuild.buildID)
        } throws: { error in
            "\(error)" == "codebuild:StartBuild of b: 200 UnreadableAnswer: "
                + "the answer has no build.id"
        }
    }

    @Test(arguments: [
        ("AccountLimitExceededException", 4), ("ResourceNotFoundException", 1),
        ("InvalidInputException", 1),
    ])
    func `a full queue of builds is tried again, a refusal is not`(
        code: String,
        attempts: Int
    ) throws {
        let cloud = FakeCloud([.answer(400, #"{"__type":"\#(code)"}"#)])
        _ = try cloud.client().send([buildCall], deadline: cloud.deadline())
        #expect(cloud.batches.count == attempts)
    }

    // CodeCommit

    private let differencesCall = CodeCommit.getDifferences("r", before: "a", after: "b")
    private let commitCall = CodeCommit.getCommit("r", "a")

    @Test(arguments: [
        (#"{"differences":[]}"#, [String](), String?.none),
        (
            #"{"differences":[{"afterBlob":{"blobId":"1","path":"é/\"a","mode":"100644"},"#
                + #""changeType":"A"},{"beforeBlob":{"path":"b"},"changeType":"D"},"#
                + #"{"beforeBlob":{"path":"c"},"afterBlob":{"path":"d"},"changeType":"M"},"#
                + #"{"beforeBlob":null,"afterBlob":{"path":"e"}}],"NextToken":"next"}"#,
            ["é/\"a", "b", "c", "d", "e"], "next"
        ),
        (#"{"NextToken":null,"differences":[]}"#, [], nil),
        (#"{"NextToken":"","differences":[]}"#, [], nil),
    ])
    func `a page of differences has the paths of both sides`(
        body: String,
        paths: [String],
        continuation: String?
    ) throws {
        let page = try read(differencesCall, .answer(200, body), CodeCommit.page)
        #expect(page.paths.map { String(decoding: $0, as: UTF8.self) } == paths)
        #expect(page.continuation == continuation)
    }

    @Test(arguments: [
        ("{}", "the answer has no differences"),
        (
            #"{"differences":[{"afterBlob":{"path":1}}]}"#,
            "expected a string at byte 37, found a number"
        ),
        (#"{"differences":[]"#, "invalid JSON at byte 17: expected ',' or '}', found the end"),
    ])
    func `a page that cannot be read is an error`(body: String, reason: String) {
        #expect {
            _ = try read(differencesCall, .answer(200, body), CodeCommit.page)
        } throws: { error in
            "\(error)" == "codecommit:GetDifferences of r: 200 UnreadableAnswer: \(reason)"
        }
    }

    @Test(arguments: [
        (#"{"commit":{"commitId":"a","parents":["p","q"]}}"#, String?.some("p")),
        (#"{"commit":{"commitId":"a","parents":[]}}"#, nil),
        (#"{"commit":{"commitId":"a"}}"#, nil),
    ])
    func `a commit has a first parent or is a root`(body: String, parent: String?) throws {
        #expect(try read(commitCall, .answer(200, body), CodeCommit.firstParent) == parent)
    }

    @Test(arguments: [
        ("{}", "the answer has no commit.commitId"),
        ("", "the answer has no commit.commitId"),
        (
            #"{"commit":{"commitId":"a","parents":[1]}}"#,
            "the commit's first parent is no text"
        ),
    ])
    func `a commit that cannot be read is an error`(body: String, reason: String) {
        #expect {
            _ = try read(commitCall, .answer(200, body), CodeCommit.firstParent)
        } throws: { error in
            "\(error)" == "codecommit:GetCommit of r: 200 UnreadableAnswer: \(reason)"
        }
    }

    @Test(arguments: [
        ("CommitDoesNotExistException", 1, true),
        ("CommitIdDoesNotExistException", 1, true),
        ("InvalidCommitException", 1, true),
        ("RepositoryDoesNotExistException", 1, false),
        ("EncryptionKeyUnavailableException", 4, false),
    ])
    func `a commit that is missing is told from other refusals`(
        code: String,
        attempts: Int,
        isMissing: Bool
    ) throws {
        let cloud = FakeCloud([.answer(400, #"{"__type":"\#(code)"}"#)])
        let results = try cloud.client().send([differencesCall], deadline: cloud.deadline())
        #expect(cloud.batches.count == attempts)
        guard case .failure(let error) = results[0] else { return #expect(Bool(false)) }
        #expect(CodeCommit.isAboutMissingCommit(error) == isMissing)
    }

    @Test(arguments: [
        ("CommitIdDoesNotExistException", true), ("CommitDoesNotExistException", true),
        ("InvalidCommitIdException", true), ("InvalidCommitException", true),
        ("AccessDeniedException", false), ("RepositoryDoesNotExistException", false),
    ])
    func `an id that is no commit's is told from other refusals`(
        code: String,
        isNoCommit: Bool
    ) throws {
        let cloud = FakeCloud([.answer(400, #"{"__type":"\#(code)"}"#)])
        let results = try cloud.client().send([commitCall], deadline: cloud.deadline())
        guard case .failure(let error) = results[0] else { return #expect(Bool(false)) }
        #expect(CodeCommit.isAboutNoCommit(error) == isNoCommit)
    }

    private let folderCall = CodeCommit.getFolder("r", tag: "v1")

    @Test func `a folder and a commit say the commit's id`() throws {
        let folder = #"{"commitId":"a","folderPath":"","files":[],"treeId":"t"}"#
        #expect(try read(folderCall, .answer(200, folder), CodeCommit.folderCommit) == "a")
        let commit = #"{"commit":{"commitId":"a"}}"#
        #expect(try read(commitCall, .answer(200, commit), CodeCommit.commitID) == "a")
    }

    @Test(arguments: ["", "{}", #"{"commitId":""}"#, #"{"commitId":1}"#, #"{"commit":{}}"#])
    func `an answer without a commit's id is an error`(body: String) {
        #expect {
            _ = try read(folderCall, .answer(200, body), CodeCommit.folderCommit)
        } throws: { error in
            "\(error)"
                == "codecommit:GetFolder of r: 200 UnreadableAnswer: the answer has no commitId"
        }
        #expect {
            _ = try read(commitCall, .answer(200, body), CodeCommit.commitID)
        } throws: { error in
            "\(error)"
                == "codecommit:GetCommit of r: 200 UnreadableAnswer: "
                + "the answer has no commit.commitId"
        }
    }

    // STS

    private let roleCall = STS.assumeRole("arn:r", sessionName: "pointsman")

    @Test(arguments: [
        "", "<a/>", "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
        """
        <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>
        <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
        <Expiration>soon</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """,
    ])
    func `an answer without whole credentials is an error that shows nothing of them`(
        body: String
    ) {
        #expect {
            _ = try read(roleCall, .answer(200, body), STS.temporaryCredentials)
        } throws: { error in
            "\(error)" == "sts:AssumeRole of arn:r: 200 UnreadableAnswer: "
                + "the answer has no whole Credentials"
        }
    }

    // CodePipeline's pipelines

    @Test func `a pipeline is created by exactly these bytes`() {
        let call = CodePipeline.createPipeline(
            "p",
            declaration: .object([.init(key: "name", value: .string("p"))]),
            tags: [.init("k", "v\"")]
        )
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"pipeline":{"name":"p"},"tags":[{"key":"k","value":"v\""}]}"#
        )
        #expect(call.headers["X-Amz-Target"] == "CodePipeline_20150709.CreatePipeline")
    }

    @Test func `tags are set by exactly these bytes`() {
        let call = CodePipeline.setTags([.init("k", "v\""), .init("l", "")], ofPipeline: "arn")
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"resourceArn":"arn","tags":[{"key":"k","value":"v\""},{"key":"l","value":""}]}"#
        )
        #expect(call.headers["X-Amz-Target"] == "CodePipeline_20150709.TagResource")
        #expect(call.retryableCodes == ["ConcurrentModificationException"])
    }
}

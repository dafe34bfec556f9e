import AWS
import Codec
import Foundation
import Platform
import TestSupport
import Testing

@Suite struct ServiceCallTests {
    /// Sends a call and gives what is read out of its answer.
    private func read<Value>(
        _ call: AWSCall,
        _ answer: FakeCloud.Answer,
        _ parse: (AWSCall, HTTPResponse) throws(AWSError) -> Value
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
            (error as? AWSError)?.code == "ResourceNotFoundException"
        }
    }

    // Lambda

    private let invokeCall = LambdaService.invokeAsynchronously("f", payload: [])

    @Test func `a queued invocation is answered 202`() throws {
        try read(invokeCall, .answer(202), LambdaService.requireQueued)
    }

    @Test(arguments: [
        (200, "", "", "200"),
        (202, "X-Amz-Function-Error", "Unhandled", "202 Unhandled: the function reports an error"),
        (413, "x-amzn-ErrorType", "RequestTooLargeException", "413 RequestTooLargeException"),
        (404, "x-amzn-ErrorType", "ResourceNotFoundException", "404 ResourceNotFoundException"),
    ])
    func `any other answer to an invocation is an error`(
        status: Int,
        header: String,
        value: String,
        message: String
    ) {
        #expect {
            try read(
                invokeCall,
                .answer(status, "", [header: value]),
                LambdaService.requireQueued
            )
        } throws: { error in
            "\(error)" == "lambda:Invoke of f: \(message)"
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
}

/// Every JSON request against the service's own model.
@Suite struct ServiceModelTests {
    private static let calls = [
        SecretsManager.getSecretValue(
            id: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-AbCdEf",
            stage: "AWSCURRENT"
        ),
        CodePipeline.startPipelineExecution("p", clientRequestToken: "t"),
        CodePipeline.startPipelineExecution(
            "main-pipeline_1.0@x",
            variables: [.init(name: "commit", value: "é \" \\ \n"), .init(name: "b", value: "1")],
            sourceRevisions: [
                .init(action: "Source", commitID: "6dcb09b5b57875f334f61aebed695e2e")
            ],
            clientRequestToken: String(repeating: "a", count: 64)
        ),
    ]

    @Test func `botocore finds nothing wrong with any JSON request`() throws {
        struct Verdict: Decodable {
            var errors: [String]
            var target: String
        }
        let lines = try Self.calls.map { call in
            try JSONSerialization.data(withJSONObject: [
                "op": "validate", "service": call.service.name, "operation": call.operation,
                "input": JSONSerialization.jsonObject(with: Data(call.body)),
            ])
        }
        guard let answers = try PythonOracle.botocore(lines) else { return }
        for (call, answer) in zip(Self.calls, answers) {
            let verdict = try JSONDecoder().decode(Verdict.self, from: answer)
            #expect(verdict.errors == [])
            #expect(call.headers["X-Amz-Target"] == verdict.target)
        }
    }
}

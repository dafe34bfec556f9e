import Foundation
import TestSupport
import Testing

/// What others publish as examples of events, each with what it comes to.
@Suite struct PublishedEventsTests {
    private static func names(_ folder: String) -> [String] {
        let folder = Conformance.folder(folder)
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(".json") }.sorted()
    }

    private static let payloads = ["octokit-webhooks", "go-playground-webhooks"]
        .flatMap { folder in names(folder).map { "\(folder)/\($0)" } }

    @Test func `each is there`() {
        #expect(Self.payloads.count == 38)
    }

    @Test(arguments: payloads)
    func `a payload of GitHub's is answered 2xx`(name: String) throws {
        let body = try String(contentsOf: Conformance.folder(name), encoding: .utf8)
        let file = name.split(separator: "/")[1]
        let event = file.prefix { $0 != "." }.split(separator: "__")[0]
        let line = line(String(event), body)
        #expect(line.hasPrefix("20"), "\(line)")
    }

    private static let isNone =
        "reading the event: expected a request of API Gateway or a Function URL, a CodeCommit trigger "
        + "or an EventBridge event of CodeCommit or ECR, found "

    private static let expectations = [
        "alb-lambda-target-request-headers-only.json": "404 rejected: no such route",
        "alb-lambda-target-request-multivalue-headers.json": "404 rejected: no such route",
        "apigw-request.json": "404 rejected: no such route",
        "apigw-restapi-openapi-request.json": "404 rejected: no such route",
        "apigw-v2-request-iam.json": "404 rejected: no such route",
        "apigw-v2-request-jwt-authorizer.json": "404 rejected: no such route",
        "apigw-v2-request-no-authorizer.json": "404 rejected: no such route",
        "code-commit-event.json": "200 pong: the test of a trigger of my-repo reaches us",
        "codebuild-state-change.json":
            "\(isNone)an EventBridge event of type CodeBuild Build State Change",
        "codepipeline-execution-state-change-event.json":
            "\(isNone)an EventBridge event of type CodePipeline Pipeline Execution State Change",
        "codepipeline-job-event.json": "\(isNone)an object with CodePipeline.job",
        "ecr-image-push-event.json":
            "202 accepted: image 123456789012.dkr.ecr.us-west-2.amazonaws.com/"
            + "my-repository-name:latest",
        "lambda-urls-request.json": "404 rejected: no such route",
        "s3-event.json": "\(isNone)records of aws:s3",
        "secretsmanager-secret-rotation-event.json":
            "\(isNone)an object with Step, SecretId, ClientRequestToken, RotationToken",
        "sns-event.json": "\(isNone)records of aws:sns",
        "sqs-event.json": "\(isNone)records of aws:sqs",
    ]

    @Test func `each event of Lambda's has an expectation and every expectation a file`() {
        #expect(Self.names("aws-lambda-go") == Self.expectations.keys.sorted())
    }

    @Test(arguments: names("aws-lambda-go"))
    func `an event of Lambda's comes to what is expected`(name: String) throws {
        let file = Conformance.folder("aws-lambda-go").appending(path: name)
        let event = [UInt8](try Data(contentsOf: file))
        #expect(WebhookResult(of: event).line == Self.expectations[name])
    }
}

import AWS
import Codec
import Platform
import Testing

@testable import pointsman

/// The operation of a call, and the responses of a dry run.
@Suite struct LocalAWSTests {
    @Test(arguments: [
        ("CodePipeline_20150709.StartPipelineExecution", "", "StartPipelineExecution"),
        (nil, "Action=AssumeRole&Version=2011-06-15", "AssumeRole"),
        (nil, "", "POST /p"),
    ])
    func `the operation stands in a header or in the form`(
        target: String?,
        body: String,
        operation: String
    ) {
        var headers = HTTPHeaders()
        if let target { headers.append("X-Amz-Target", target) }
        let request = LocalRequest(
            method: "POST",
            path: "/p",
            headers: headers,
            body: Array(body.utf8)
        )
        #expect(LocalAWS.operation(request) == operation)
    }

    static func answer(_ service: String, _ operation: String, _ body: String) -> HTTPResponse {
        DryRun.respond(
            service: service,
            operation: operation,
            body: Array(body.utf8),
            assumed: Credentials(accessKeyID: "id", secretAccessKey: Secret("key"))
        ).response
    }

    @Test func `a dry run answers as if a target had started, with ids of a dry run`() throws {
        let pipeline = Self.answer("codepipeline", "StartPipelineExecution", #"{"name":"p"}"#)
        let execution = try JSON(parsing: pipeline.body)["pipelineExecutionId"]?.string
        #expect(execution?.hasPrefix("dry-run-") == true)
        let build = Self.answer("codebuild", "StartBuild", #"{"projectName":"p"}"#)
        let id = try JSON(parsing: build.body)["build"]?["id"]?.string
        #expect(id?.hasPrefix("p:dry-run-") == true)
        let stop = Self.answer(
            "codepipeline",
            "StopPipelineExecution",
            #"{"pipelineExecutionId":"e"}"#
        )
        #expect(try JSON(parsing: stop.body)["pipelineExecutionId"]?.string == "e")
        #expect(Self.answer("codebuild", "StopBuild", #"{"id":"p:1"}"#).status == 200)
        let event = try JSON(parsing: Self.answer("events", "PutEvents", "{}").body)
        #expect(event["FailedEntryCount"]?.int == 0)
    }

    @Test(arguments: [("codepipeline", "GetPipeline"), ("secretsmanager", "GetSecretValue")])
    func `what is not known is an error that says so`(service: String, operation: String) throws {
        let response = Self.answer(service, operation, "{}")
        #expect(response.status == 400)
        let words = "pointsman local --dry-run does not answer \(service):\(operation)"
        #expect(try JSON(parsing: response.body)["message"]?.string == words)
    }
}

import AWS
import Codec

@testable import Core

/// Calls with all their members and with none that may be left out.
enum SampleCalls {
    static let all = starts + pipelines

    private static let starts = [
        SecretsManager.getSecretValue(
            id: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-AbCdEf",
            stage: "AWSCURRENT"
        ),
        CodeBuild.startBuild("b", idempotencyToken: "t"),
        CodeBuild.startBuild(
            "b-1_c",
            sourceVersion: "6dcb09b5b57875f334f61aebed695e2e",
            environment: [.init("BY", "é \" \\ \n"), .init("E", "")],
            idempotencyToken: String(repeating: "a", count: 64)
        ),
        CodeCommit.getDifferences("r", before: nil, after: "a"),
        CodeCommit.getDifferences(
            "my-repo_1.0",
            before: "a",
            after: "b",
            maxResults: 1,
            continuation: "c"
        ),
        CodeCommit.getCommit("my-repo_1.0", "6dcb09b5b57875f334f61aebed695e2e4193db5e"),
        CodeCommit.getFolder("my-repo_1.0", tag: "release/v1.0"),
        EventBridge.putEvent(
            Array(#"{"a":"é \" \\ \n"}"#.utf8),
            source: "pointsman",
            detailType: "Repository Change",
            eventBus: nil
        ),
        EventBridge.putEvent(
            Array("{}".utf8),
            source: "é",
            detailType: "\"",
            eventBus: "arn:aws:events:eu-west-1:123456789012:event-bus/main.1_-"
        ),
        CodePipeline.startPipelineExecution("p", clientRequestToken: "t"),
        CodePipeline.stopPipelineExecution(
            "fc26b205-67e7-4d2c-894d-0b19ae39d547",
            of: "p",
            reason: String(repeating: "é", count: 201)
        ),
        CodeBuild.stopBuild("b-1_c:fc26b205-67e7-4d2c-894d-0b19ae39d547"),
        CodePipeline.startPipelineExecution(
            "main-pipeline_1.0@x",
            variables: [.init("commit", "é \" \\"), .init("b", "1")],
            sourceRevisions: [
                .init(action: "Source", .commit, "6dcb09b5b57875f334f61aebed695e2e")
            ],
            clientRequestToken: String(repeating: "a", count: 64)
        ),
    ]

    private static let pipelines = [
        CodePipeline.getPipeline("p"),
        CodePipeline.createPipeline(
            "p@octo@mono@7",
            declaration: declaration("p@octo@mono@7"),
            tags: [.init("pointsman:pull-request", "octo/mono#7"), .init("empty", "")]
        ),
        CodePipeline.deletePipeline("p@octo@mono@7"),
        CodePipeline.listPipelines(nextToken: nil),
        CodePipeline.listPipelines(nextToken: "n"),
        CodePipeline.listTags(ofPipeline: "arn:aws:codepipeline:eu-west-1:123456789012:p"),
        CodePipeline.setTags(
            [.init("pointsman:event-time", "2026-11-21T04:35:47.000Z"), .init("empty", "")],
            ofPipeline: "arn:aws:codepipeline:eu-west-1:123456789012:p"
        ),
        CodePipeline.latestExecution(of: "p"),
        CodePipeline.actions(ofExecution: "fc26b205-67e7-4d2c-894d-0b19ae39d547", of: "p"),
    ]

    private static func declaration(_ name: String) -> JSON {
        let stage =
            #"{"name":"S","actions":[{"name":"A","actionTypeId":{"category":"Source","#
            + #""owner":"AWS","provider":"CodeCommit","version":"1"},"runOrder":1}]}"#
        let text =
            #"{"name":"\#(name)","roleArn":"arn:aws:iam::123456789012:role/r","#
            + #""artifactStore":{"type":"S3","location":"bucket"},"stages":[\#(stage)]}"#
        return (try? JSON(parsing: Array(text.utf8))) ?? .null
    }
}

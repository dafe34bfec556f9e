import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// A call and the bytes that it is on the wire.
struct WireRow: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var call: AWSCall
    var bytes: String

    static let all = [
        WireRow(
            testDescription: "GetObject",
            call: S3(bucket: "bucket").getObject("rules/a b.json"),
            bytes: """
                GET /s3/bucket/rules/a%20b.json HTTP/1.1
                Host: HOST
                X-Amz-Date: 20261121T043547Z
                X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/s3/\
                aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, \
                Signature=SIGNATURE


                """
        ),
        WireRow(
            testDescription: "PutObject",
            call: S3(bucket: "bucket").putObject(
                "ledger/1",
                Array(#"{"a":1}"#.utf8),
                contentType: "application/json",
                condition: .absent,
                metadata: [NamedValue("owner", "o")]
            ),
            bytes: """
                PUT /s3/bucket/ledger/1 HTTP/1.1
                Host: HOST
                Content-Type: application/json
                If-None-Match: *
                x-amz-meta-owner: o
                X-Amz-Date: 20261121T043547Z
                X-Amz-Content-Sha256: 015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/s3/\
                aws4_request, SignedHeaders=content-type;host;if-none-match;x-amz-content-sha256;\
                x-amz-date;x-amz-meta-owner;x-amz-security-token, Signature=SIGNATURE
                Content-Length: 7

                {"a":1}
                """
        ),
        WireRow(
            testDescription: "DeleteObject",
            call: S3(bucket: "a.b").deleteObject("k/../é"),
            bytes: """
                DELETE /s3/a.b/k/../%C3%A9 HTTP/1.1
                Host: HOST
                X-Amz-Date: 20261121T043547Z
                X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/s3/\
                aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;\
                x-amz-security-token, Signature=SIGNATURE


                """
        ),
        WireRow(
            testDescription: "ListObjectsV2",
            call: S3(bucket: "bucket").listObjects(prefix: "rules/", continuation: "1/+="),
            bytes: """
                GET /s3/bucket/?list-type=2&encoding-type=url&prefix=rules%2F&\
                continuation-token=1%2F%2B%3D HTTP/1.1
                Host: HOST
                X-Amz-Date: 20261121T043547Z
                X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/s3/\
                aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;\
                x-amz-security-token, Signature=SIGNATURE


                """
        ),
        WireRow(
            testDescription: "GetSecretValue",
            call: SecretsManager.getSecretValue(id: "arn:s", stage: "AWSPREVIOUS"),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: secretsmanager.GetSecretValue
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                secretsmanager/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 49

                {"SecretId":"arn:s","VersionStage":"AWSPREVIOUS"}
                """
        ),
        WireRow(
            testDescription: "Invoke",
            call: LambdaService.invokeAsynchronously(
                "arn:aws:lambda:eu-west-1:123456789012:function:evaluate",
                payload: Array("{}".utf8)
            ),
            bytes: """
                POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3A\
                function%3Aevaluate/invocations HTTP/1.1
                Host: HOST
                Content-Type: application/json
                X-Amz-Invocation-Type: Event
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/lambda/\
                aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-invocation-type;\
                x-amz-security-token, Signature=SIGNATURE
                Content-Length: 2

                {}
                """
        ),
        WireRow(
            testDescription: "Invoke and wait, of a trace: its header is not signed",
            call: LambdaService.invoke("f", payload: Array("{}".utf8), traceID: "Root=1-2-3"),
            bytes: """
                POST /2015-03-31/functions/f/invocations HTTP/1.1
                Host: HOST
                Content-Type: application/json
                X-Amz-Invocation-Type: RequestResponse
                X-Amzn-Trace-Id: Root=1-2-3
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/lambda/\
                aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-invocation-type;\
                x-amz-security-token, Signature=SIGNATURE
                Content-Length: 2

                {}
                """
        ),
        WireRow(
            testDescription: "AssumeRole",
            call: STS.assumeRole("arn:aws:iam::123456789012:role/r", sessionName: "pointsman"),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-www-form-urlencoded; charset=utf-8
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/sts/\
                aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
                Signature=SIGNATURE
                Content-Length: 115

                Action=AssumeRole&Version=2011-06-15&\
                RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=pointsman
                """
        ),
        WireRow(
            testDescription: "GetDifferences",
            call: CodeCommit.getDifferences(
                "r",
                before: "6dcb09b",
                after: "5c4ef10",
                maxResults: 1,
                continuation: "t\"/+="
            ),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodeCommit_20150413.GetDifferences
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codecommit/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 125

                {"repositoryName":"r","beforeCommitSpecifier":"6dcb09b",\
                "afterCommitSpecifier":"5c4ef10","MaxResults":1,"NextToken":"t\\"/+="}
                """
        ),
        WireRow(
            testDescription: "GetDifferences of a root commit",
            call: CodeCommit.getDifferences("r", before: nil, after: "5c4ef10"),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodeCommit_20150413.GetDifferences
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codecommit/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 55

                {"repositoryName":"r","afterCommitSpecifier":"5c4ef10"}
                """
        ),
        WireRow(
            testDescription: "GetCommit",
            call: CodeCommit.getCommit("r", "5c4ef10"),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodeCommit_20150413.GetCommit
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codecommit/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 43

                {"repositoryName":"r","commitId":"5c4ef10"}
                """
        ),
        WireRow(
            testDescription: "GetFolder",
            call: CodeCommit.getFolder("r", tag: "v1"),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodeCommit_20150413.GetFolder
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codecommit/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 71

                {"repositoryName":"r","commitSpecifier":"refs/tags/v1","folderPath":""}
                """
        ),
        WireRow(
            testDescription: "StartBuild",
            call: CodeBuild.startBuild(
                "b",
                sourceVersion: "6dcb09b",
                environment: [.init("v", "\"é\n")],
                idempotencyToken: "token"
            ),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodeBuild_20161006.StartBuild
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codebuild/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 154

                {"projectName":"b","sourceVersion":"6dcb09b","environmentVariablesOverride":\
                [{"name":"v","value":"\\"é\\n","type":"PLAINTEXT"}],"idempotencyToken":"token"}
                """
        ),
        WireRow(
            testDescription: "PutEvents",
            call: EventBridge.putEvent(
                Array(#"{"a":"é"}"#.utf8),
                source: "pointsman",
                detailType: "Repository Change",
                eventBus: "bus"
            ),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: AWSEvents.PutEvents
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                events/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 116

                {"Entries":[{"Source":"pointsman","DetailType":"Repository Change",\
                "Detail":"{\\"a\\":\\"é\\"}","EventBusName":"bus"}]}
                """
        ),
        WireRow(
            testDescription: "StartPipelineExecution",
            call: CodePipeline.startPipelineExecution(
                "p",
                variables: [.init("v", "\"é\t")],
                sourceRevisions: [.init(action: "Source", .commit, "6dcb09b")],
                clientRequestToken: "token"
            ),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodePipeline_20150709.StartPipelineExecution
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codepipeline/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 182

                {"name":"p","variables":[{"name":"v","value":"\\"é\\t"}],\
                "clientRequestToken":"token","sourceRevisions":[{"actionName":"Source",\
                "revisionType":"COMMIT_ID","revisionValue":"6dcb09b"}]}
                """
        ),
        WireRow(
            testDescription: "StartPipelineExecution without variables and revisions",
            call: CodePipeline.startPipelineExecution("p", clientRequestToken: "t"),
            bytes: """
                POST / HTTP/1.1
                Host: HOST
                Content-Type: application/x-amz-json-1.1
                X-Amz-Target: CodePipeline_20150709.StartPipelineExecution
                X-Amz-Date: 20261121T043547Z
                X-Amz-Security-Token: SESSION/TOKEN+=
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/\
                codepipeline/aws4_request, SignedHeaders=content-type;host;x-amz-date;\
                x-amz-security-token;x-amz-target, Signature=SIGNATURE
                Content-Length: 37

                {"name":"p","clientRequestToken":"t"}
                """
        ),
    ]
}

@Suite(.serialized) struct WireTests {
    @Test(arguments: WireRow.all)
    func `a call is exactly these bytes`(row: WireRow) throws {
        let server = try LoopbackServer { _ in .status(400) }
        let cloud = FakeCloud([])
        let http = HTTPClient(clock: cloud.clock)
        let variables = [
            "AWS_ENDPOINT_URL": server.origin, "AWS_ENDPOINT_URL_S3": server.origin + "/s3/",
        ]
        let client = AWSClient(
            region: "eu-west-1",
            credentials: Credentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: Secret(FakeCloud.secret),
                sessionToken: Secret(FakeCloud.token)
            ),
            endpoints: try Endpoints(environment: Environment { variables[$0] }),
            transport: http.transport,
            clock: cloud.clock,
            random: Randomness { 0 }
        )
        _ = client.send([row.call], deadline: cloud.deadline())
        let raw = try #require(server.requests.first).raw
        // The signature is of the server's random port; SigV4Tests pin it.
        let text = String(decoding: raw, as: UTF8.self)
            .replacing(/Signature=[0-9a-f]{64}/, with: "Signature=SIGNATURE")
            .replacing("Host: \(server.authority)", with: "Host: HOST")
            .replacing("\r\n", with: "\n")
        #expect(text == row.bytes)
    }
}

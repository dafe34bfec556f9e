import AWS
import Codec
import Foundation
import Platform

/// What a target would have been asked to do, in words.
struct WouldStart: Equatable, Sendable {
    /// `codepipeline StartPipelineExecution`.
    var call: String
    /// What it was asked with: JSON, or the form of the query protocol.
    var input: String
}

/// The services that targets are started by, answered as if they had started.
///
/// Nothing leaves the machine. What is not known here is answered with an error that says so.
enum DryRun {
    /// An answer, and what is to be shown of the request, if anything.
    static func respond(
        service: String,
        operation: String,
        body: [UInt8],
        assumed: Credentials
    ) -> (response: HTTPResponse, shown: WouldStart?) {
        let identifier = UUID().uuidString.lowercased()
        let input = try? JSON(parsing: body)
        let answer: String
        switch (service, operation) {
        case ("codepipeline", "StartPipelineExecution"):
            answer = #"{"pipelineExecutionId":"dry-run-\#(identifier)"}"#
        case ("codebuild", "StartBuild"):
            let project = input?["projectName"]?.string ?? ""
            answer = #"{"build":{"id":"\#(project):dry-run-\#(identifier)"}}"#
        case ("events", "PutEvents"):
            answer = #"{"FailedEntryCount":0,"Entries":[{"EventId":"dry-run-\#(identifier)"}]}"#
        case ("sts", "AssumeRole"):
            return (assumedRole(assumed), nil)
        default:
            return (unknown(service, operation), nil)
        }
        let shown = WouldStart(
            call: "\(service):\(operation)",
            input: String(decoding: body, as: UTF8.self)
        )
        return (json(200, answer), shown)
    }

    private static func unknown(_ service: String, _ operation: String) -> HTTPResponse {
        let message = "pointsman local --dry-run does not answer \(service):\(operation)"
        if service == "sts" {
            let error = "<Error><Code>DryRun</Code><Message>\(message)</Message></Error>"
            return xml(400, "<ErrorResponse>\(error)</ErrorResponse>")
        }
        return json(400, #"{"__type":"DryRun","message":"\#(message)"}"#)
    }

    /// The keys of this run, which are good for nothing elsewhere.
    private static func assumedRole(_ keys: Credentials) -> HTTPResponse {
        let secret = String(decoding: keys.secretAccessKey.revealed, as: UTF8.self)
        return xml(
            200,
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
                + "<AccessKeyId>\(keys.accessKeyID)</AccessKeyId>"
                + "<SecretAccessKey>\(secret)</SecretAccessKey><SessionToken>no-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
                + "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
    }

    private static func json(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/x-amz-json-1.1"],
            body: Array(text.utf8)
        )
    }

    private static func xml(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/xml"], body: Array(text.utf8))
    }
}

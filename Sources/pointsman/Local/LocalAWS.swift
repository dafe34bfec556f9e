import Codec
import Foundation
import Platform

/// The AWS that the functions see: S3 and Lambda's Invoke always, other services in a dry run.
///
/// It answers the functions alone, which sign with the keys that they were given: other users and
/// web pages reach a port of this machine too.
struct LocalAWS: Sendable {
    /// The bucket's name.
    static let bucketName = "local"
    /// What `EVAL_FUNCTION_ARN` says.
    static let evaluateARN = "arn:aws:lambda:local:000000000000:function:evaluate"

    let signature: SignatureCheck
    let bucket: LocalBucket
    let evaluations: Evaluations
    /// Called before the rules are listed.
    let willList: @Sendable () async -> Void
    /// Shows what a target was asked.
    let show: @Sendable (WouldStart) async -> Void

    /// Answers one request.
    func respond(to request: LocalRequest) async -> HTTPResponse {
        guard signature.holds(for: request, at: WallClock.system.now()) else {
            return Self.notSigned
        }
        let service = Self.service(request.headers)
        switch service {
        case "s3": return await s3(request)
        case "lambda": return await invoke(request)
        default:
            let (response, shown) = DryRun.respond(
                service: service,
                operation: Self.operation(request),
                body: request.body,
                assumed: signature.credentials
            )
            if let shown { await show(shown) }
            return response
        }
    }

    private func s3(_ request: LocalRequest) async -> HTTPResponse {
        let path = request.path.removingPercentEncoding ?? request.path
        let key = String(path.dropFirst("/\(Self.bucketName)".count).drop { $0 == "/" })
        if key.isEmpty { await willList() }
        return await bucket.respond(to: request, key: key)
    }

    /// Invoke, `Event` or waited for, of the one function that is called by another.
    private func invoke(_ request: LocalRequest) async -> HTTPResponse {
        await evaluations.expect()
        if request.headers["X-Amz-Invocation-Type"] == "Event" {
            Task { await evaluations.run(request.body) }
            return HTTPResponse(status: 202)
        }
        switch await evaluations.run(request.body) {
        case .returned(let body):
            return HTTPResponse(status: 200, body: body)
        case .failed(let type, let message):
            return Self.functionError(type, message)
        case .timedOut:
            return Self.functionError("Sandbox.Timedout", "Task timed out")
        case .exited:
            return Self.functionError("Runtime.ExitError", "the process ended")
        }
    }

    private static var notSigned: HTTPResponse {
        HTTPResponse(
            status: 403,
            headers: ["Content-Type": "application/json"],
            body: Array(
                #"{"message":"only the functions that pointsman local runs are answered here"}"#
                    .utf8
            )
        )
    }

    private static func functionError(_ type: String, _ message: String) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.member("errorType", type)
            json.member("errorMessage", message)
        }
        return HTTPResponse(
            status: 200,
            headers: ["X-Amz-Function-Error": "Unhandled"],
            body: json.bytes
        )
    }

    /// The service by the signature's scope: `Credential=key/20260101/region/s3/aws4_request`.
    static func service(_ headers: HTTPHeaders) -> String {
        let authorization = headers["Authorization"] ?? ""
        let scope = authorization.split(separator: "Credential=").dropFirst().first ?? ""
        let segments = scope.prefix { $0 != "," }.split(separator: "/")
        return segments.count == 5 ? String(segments[3]) : "unsigned"
    }

    /// The operation: the last part of `X-Amz-Target`, or the form's `Action`.
    static func operation(_ request: LocalRequest) -> String {
        if let target = request.headers["X-Amz-Target"] {
            return String(target.split(separator: ".").last ?? "")
        }
        let form = QueryItems(String(decoding: request.body, as: UTF8.self))
        return form["Action"] ?? "\(request.method) \(request.path)"
    }
}

import AWS
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

/// Whether a request was signed with the keys that the functions of this run have.
///
/// The reverse of `Signer`: the signature (AWS Signature Version 4, in the header) is made anew from
/// what came.
struct SignatureCheck: Sendable {
    let credentials: Credentials

    /// Milliseconds by which a signature's time may be off, as AWS has it.
    static let skew = 15 * 60 * 1_000

    /// Whether the request, its headers, query and body are as somebody with the keys signed them.
    func holds(for request: LocalRequest, at now: Timestamp) -> Bool {
        guard let authorization = request.headers["Authorization"].flatMap(Authorization.init),
            let time = request.headers["X-Amz-Date"].flatMap(Self.time),
            abs(time.milliseconds - now.milliseconds) <= Self.skew,
            let headers = authorization.signedHeaders(of: request.headers)
        else { return false }
        let scope = SigV4.Scope(time, region: authorization.region, service: authorization.service)
        let signed = SigV4.Request(
            method: request.method,
            path: request.path,
            query: QueryItems(request.query).items,
            headers: headers,
            payloadHash: SigV4.payloadHash(request.body)
        )
        let isS3 = authorization.service == AWSService.s3.name
        let canonical = SigV4.canonicalRequest(
            signed,
            path: isS3 ? .verbatim : .normalizedAndEncodedAgain
        )
        let expected = SigV4.authorization(
            accessKeyID: credentials.accessKeyID,
            scope: scope,
            signedHeaders: SigV4.signedHeaders(headers),
            signature: SigV4.signature(
                key: SigV4.signingKey(credentials.secretAccessKey, scope: scope),
                stringToSign: SigV4.stringToSign(canonical, at: time, scope: scope)
            )
        )
        return constantTimeEquals(Array(expected.utf8), Array(authorization.text.utf8))
    }

    /// `20150830T123600Z`.
    private static func time(_ basic: String) -> Timestamp? {
        let parts = basic.wholeMatch(of: /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/)
        guard let (_, year, month, day, hour, minute, second) = parts?.output else { return nil }
        return Timestamp(iso8601: "\(year)-\(month)-\(day)T\(hour):\(minute):\(second)Z")
    }
}

/// What the header `Authorization` says of itself.
private struct Authorization {
    var text: String
    var region: String
    var service: String
    /// In lower case.
    var names: [String]

    init?(_ text: String) {
        let scope = /.* Credential=[^\/, ]+\/\d{8}\/([^\/, ]+)\/([^\/, ]+)\/aws4_request/
        guard let found = text.firstMatch(of: scope),
            let names = text.firstMatch(of: /SignedHeaders=([^, ]+)/)?.output.1
        else { return nil }
        self.text = text
        region = String(found.output.1)
        service = String(found.output.2)
        self.names = names.split(separator: ";").map(String.init)
    }

    /// The headers that are signed; `nil` where one is not that says what is asked of whom.
    func signedHeaders(of headers: HTTPHeaders) -> HTTPHeaders? {
        var signed = HTTPHeaders()
        for field in headers.fields {
            let name = field.name.lowercased()
            if names.contains(name), name != "authorization" {
                signed.append(field.name, field.value)
            } else if name == "host" || name.hasPrefix("x-amz-") || name.hasPrefix("if-") {
                return nil
            }
        }
        return signed
    }
}

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

import AWS
import Codec
import Foundation
import Platform

/// The AWS that the functions see: S3 and Lambda's Invoke always, other services in a dry run.
///
/// It responds to the functions alone, which sign with the keys that they were given: other users
/// and web pages reach a port of this machine too.
struct LocalAWS: Sendable {
    static let bucketName = "local"
    static let evaluateARN = "arn:aws:lambda:local:000000000000:function:evaluate"

    let signature: SignatureCheck
    let bucket: LocalBucket
    let evaluations: Evaluations
    let willList: @Sendable () async -> Void
    let show: @Sendable (_ call: String) async -> Void

    func respond(to request: LocalRequest) async -> HTTPResponse {
        guard let service = signature.service(of: request, at: WallClock.system.now()) else {
            return Self.notSigned
        }
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

    /// Lambda's Invoke, asynchronous or not: of `evaluate`, the one function that another invokes.
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
        let message = "only the functions that pointsman local runs are answered here"
        return HTTPResponse(status: 403, json: JSON(["message": .string(message)]))
    }

    private static func functionError(_ type: String, _ message: String) -> HTTPResponse {
        let error = JSON(["errorType": .string(type), "errorMessage": .string(message)])
        var response = HTTPResponse(status: 200, json: error)
        response.headers.append("X-Amz-Function-Error", "Unhandled")
        return response
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

/// Checks that a request was signed with the keys that the functions of this run have.
///
/// The reverse of `Signer`: the signature (AWS Signature Version 4, in the header) is made anew from
/// the request.
struct SignatureCheck: Sendable {
    let credentials: Credentials

    /// Milliseconds by which a signature's time may be off, as AWS has it.
    static let skew = 15 * 60 * 1_000

    /// The service that the request is signed for; `nil` where the keys, the headers, the query or
    /// the body are not those that were signed.
    func service(of request: LocalRequest, at now: Timestamp) -> String? {
        guard let authorization = request.headers["Authorization"].flatMap(Authorization.init),
            let time = request.headers["X-Amz-Date"].flatMap(Self.time),
            abs(time.milliseconds - now.milliseconds) <= Self.skew,
            let headers = authorization.signedHeaders(of: request.headers)
        else { return nil }
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
        let isSame = constantTimeEquals(Array(expected.utf8), Array(authorization.text.utf8))
        return isSame ? authorization.service : nil
    }

    /// `20150830T123600Z`.
    private static func time(_ basic: String) -> Timestamp? {
        let parts = basic.wholeMatch(of: /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/)
        guard let (_, year, month, day, hour, minute, second) = parts?.output else { return nil }
        return Timestamp(iso8601: "\(year)-\(month)-\(day)T\(hour):\(minute):\(second)Z")
    }
}

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

    /// The headers that are signed; `nil` where one that must be is not.
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

/// The services that start targets, which respond as if they had started.
///
/// Nothing leaves the machine. A call that is not known here is an error that says so.
enum DryRun {
    /// The response, and the call if it would start something.
    static func respond(
        service: String,
        operation: String,
        body: [UInt8],
        assumed: Credentials
    ) -> (response: HTTPResponse, shown: String?) {
        let id = "dry-run-\(UUID().uuidString.lowercased())"
        let answer: JSON
        switch (service, operation) {
        case ("codepipeline", "StartPipelineExecution"):
            answer = JSON(["pipelineExecutionId": .string(id)])
        case ("codepipeline", "StopPipelineExecution"):
            let stopped = (try? JSON(parsing: body))?["pipelineExecutionId"]?.string ?? ""
            answer = JSON(["pipelineExecutionId": .string(stopped)])
        case ("codebuild", "StopBuild"):
            let stopped = (try? JSON(parsing: body))?["id"]?.string ?? ""
            answer = JSON(["build": JSON(["id": .string(stopped)])])
        case ("codebuild", "StartBuild"):
            let project = (try? JSON(parsing: body))?["projectName"]?.string ?? ""
            answer = JSON(["build": JSON(["id": .string("\(project):\(id)")])])
        case ("events", "PutEvents"):
            let entry = JSON(["EventId": .string(id)])
            answer = JSON(["FailedEntryCount": .int(0), "Entries": .array([entry])])
        case ("sts", "AssumeRole"):
            return (assumedRole(assumed), nil)
        default:
            return (unknown(service, operation), nil)
        }
        let shown = "\(service):\(operation) \(String(decoding: body, as: UTF8.self))"
        return (HTTPResponse(status: 200, json: answer), shown)
    }

    private static func unknown(_ service: String, _ operation: String) -> HTTPResponse {
        let message = "pointsman local --dry-run does not answer \(service):\(operation)"
        if service == "sts" {
            let error = "<Error><Code>DryRun</Code><Message>\(message)</Message></Error>"
            return HTTPResponse(status: 400, xml: "<ErrorResponse>\(error)</ErrorResponse>")
        }
        let error = JSON(["__type": .string("DryRun"), "message": .string(message)])
        return HTTPResponse(status: 400, json: error)
    }

    /// The keys of this run, which are good for nothing elsewhere.
    private static func assumedRole(_ keys: Credentials) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            xml: "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
                + "<AccessKeyId>\(keys.accessKeyID)</AccessKeyId>"
                + "<SecretAccessKey>\(keys.secretAccessKey.text)</SecretAccessKey>"
                + "<SessionToken>no-token</SessionToken>"
                + "<Expiration>2099-01-01T00:00:00Z</Expiration>"
                + "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
    }
}

import Codec
import Foundation
import Platform
import Testing

/// The services that the functions call, in memory, behind the transport seam.
///
/// Keeps the semantics that at-most-once stands on: S3's conditional writes and
/// CodePipeline's client request token. Any call can be made to fail.
final class FakeAWS {
    /// How a call fails.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case refused, reset, lostAnswer, status500, status503, throttled, timedOut

        var testDescription: String { rawValue }
    }

    struct Object {
        var body: [UInt8]
        var eTag: String
    }

    struct Execution: Equatable {
        var pipeline: String
        var token: String
        var request: JSON
    }

    static let origin = "http://aws.test"
    static let bucket = "bucket"
    static let pageSize = 1_000

    /// S3's objects by key.
    var objects: [String: Object] = [:]
    /// Secrets Manager's secrets: id, then stage.
    var secrets: [String: [String: String]] = [:]
    /// Payloads that `evaluate` was invoked with.
    private(set) var invocations: [[UInt8]] = []
    /// CodePipeline's executions; a client request token gives the same one again.
    private(set) var executions: [Execution] = []
    /// Answers of CodePipeline for pipelines that do not just start: status and error code.
    var pipelineErrors: [String: (status: Int, code: String)] = [:]
    /// What was called, in order: `GET rules/…`, `StartPipelineExecution api`, ….
    private(set) var calls: [String] = []
    /// How many batches were sent: the round trips in a row.
    private(set) var roundTrips = 0
    /// Whether a call, numbered from 1, fails.
    var fault: (_ call: Int, _ name: String) -> Fault? = { _, _ in nil }
    /// Runs before each call takes effect: what somebody else does at that moment.
    var before: (_ name: String) -> Void = { _ in }

    /// Lets the time pass until a call without an answer is given up.
    var timePasses: (_ until: Deadline) -> Void = { _ in }

    private var eTags = 0

    var transport: Transport {
        Transport { requests, deadline in
            guard !requests.isEmpty else { return [] }
            self.roundTrips += 1
            return requests.map { self.perform($0, deadline) }
        }
    }

    func forgetCalls() {
        calls = []
        roundTrips = 0
    }

    func put(_ key: String, _ text: String) {
        eTags += 1
        objects[key] = Object(body: Array(text.utf8), eTag: "\"\(eTags)\"")
    }

    func text(_ key: String) -> String? {
        objects[key].map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func perform(
        _ request: HTTPRequest,
        _ deadline: Deadline
    ) -> Result<HTTPResponse, TransportError> {
        let call = Call(request)
        calls.append(call.name)
        func failure(_ kind: TransportError.Kind, _ reason: String)
            -> Result<HTTPResponse, TransportError>
        {
            .failure(
                TransportError(
                    kind,
                    method: request.method,
                    origin: request.origin,
                    reason: reason
                )
            )
        }
        switch fault(calls.count, call.name) {
        case .refused: return failure(.unreachable, "connection refused")
        case .reset: return failure(.broken, "connection reset")
        case .timedOut:
            timePasses(deadline)
            return failure(.timedOut, "timed out")
        case .status500: return .success(call.error(500, "InternalError"))
        case .status503: return .success(call.error(503, "ServiceUnavailable"))
        case .throttled: return .success(call.error(400, "ThrottlingException"))
        case .lostAnswer:
            before(call.name)
            _ = answer(call)
            return failure(.broken, "connection reset")
        case nil:
            before(call.name)
            return .success(answer(call))
        }
    }

    private func answer(_ call: Call) -> HTTPResponse {
        switch call.kind {
        case .list(let prefix, let continuation): return list(prefix, after: continuation)
        case .get(let key):
            guard let object = objects[key] else { return call.error(404, "NoSuchKey") }
            return HTTPResponse(status: 200, headers: ["ETag": object.eTag], body: object.body)
        case .put(let key):
            if call.request.headers["If-None-Match"] == "*", objects[key] != nil {
                return call.error(412, "PreconditionFailed")
            }
            if let expected = call.request.headers["If-Match"] {
                guard let object = objects[key] else { return call.error(404, "NoSuchKey") }
                guard object.eTag == expected else { return call.error(412, "PreconditionFailed") }
            }
            put(key, String(decoding: call.request.body, as: UTF8.self))
            return HTTPResponse(status: 200, headers: ["ETag": objects[key]?.eTag ?? ""])
        case .invoke:
            invocations.append(call.request.body)
            return HTTPResponse(status: 202)
        case .secret(let id, let stage):
            guard let value = secrets[id]?[stage] else {
                return call.error(400, "ResourceNotFoundException")
            }
            return Call.json(200, .object([.init(key: "SecretString", value: .string(value))]))
        case .startPipeline(let name, let token, let body):
            if let error = pipelineErrors[name] { return call.error(error.status, error.code) }
            let execution = Execution(pipeline: name, token: token, request: body)
            if !executions.contains(where: { $0.pipeline == name && $0.token == token }) {
                executions.append(execution)
            }
            let id = "execution-of-\(name)-\(token.prefix(8))"
            return Call.json(
                200,
                .object([.init(key: "pipelineExecutionId", value: .string(id))])
            )
        case .assumeRole(let arn):
            let expires = "2099-01-01T00:00:00Z"
            let xml = """
                <AssumeRoleResponse><AssumeRoleResult><Credentials>\
                <AccessKeyId>ASIA-\(arn.suffix(4))</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                <SessionToken>t</SessionToken><Expiration>\(expires)</Expiration>\
                </Credentials></AssumeRoleResult></AssumeRoleResponse>
                """
            return HTTPResponse(status: 200, body: Array(xml.utf8))
        case .unknown:
            return call.error(400, "UnknownOperation")
        }
    }

    private func list(_ prefix: String, after: String?) -> HTTPResponse {
        let keys = objects.keys.filter { $0.hasPrefix(prefix) && $0 > (after ?? "") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let page = keys.prefix(Self.pageSize)
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult>"
        xml += "<IsTruncated>\(keys.count > page.count)</IsTruncated>"
        if keys.count > page.count {
            xml += "<NextContinuationToken>\(page.last ?? "")</NextContinuationToken>"
        }
        for key in page {
            let eTag = objects[key]?.eTag ?? ""
            xml += "<Contents><Key>\(key)</Key><ETag>\(eTag)</ETag><Size>1</Size></Contents>"
        }
        xml += "</ListBucketResult>"
        return HTTPResponse(status: 200, body: Array(xml.utf8))
    }
}

/// One call, read from its request.
private struct Call {
    enum Kind {
        case list(prefix: String, continuation: String?)
        case get(String)
        case put(String)
        case invoke
        case secret(id: String, stage: String)
        case startPipeline(name: String, token: String, body: JSON)
        case assumeRole(String)
        case unknown
    }

    var request: HTTPRequest
    var kind: Kind

    init(_ request: HTTPRequest) {
        self.request = request
        let components = URLComponents(string: request.origin + request.target)
        let path = components?.path ?? ""
        func query(_ name: String) -> String? {
            components?.queryItems?.first { $0.name == name }?.value
        }
        if let target = request.headers["X-Amz-Target"] {
            let body = (try? JSON(parsing: request.body)) ?? .null
            switch target {
            case "secretsmanager.GetSecretValue":
                kind = .secret(
                    id: body["SecretId"]?.string ?? "",
                    stage: body["VersionStage"]?.string ?? ""
                )
            case "CodePipeline_20150709.StartPipelineExecution":
                kind = .startPipeline(
                    name: body["name"]?.string ?? "",
                    token: body["clientRequestToken"]?.string ?? "",
                    body: body
                )
            default: kind = .unknown
            }
        } else if path.hasPrefix("/2015-03-31/functions/") {
            kind = .invoke
        } else if request.method == "POST" {
            let form = URLComponents(
                string: "?" + String(decoding: request.body, as: UTF8.self)
            )?.queryItems
            kind = .assumeRole(form?.first { $0.name == "RoleArn" }?.value ?? "")
        } else if query("list-type") != nil {
            kind = .list(
                prefix: query("prefix") ?? "",
                continuation: query("continuation-token")
            )
        } else {
            let key = String(path.dropFirst("/\(FakeAWS.bucket)/".count))
            switch request.method {
            case "GET": kind = .get(key)
            case "PUT": kind = .put(key)
            default: kind = .unknown
            }
        }
    }

    var name: String {
        switch kind {
        case .list(let prefix, _): "LIST \(prefix)"
        case .get(let key): "GET \(key)"
        case .put(let key): "PUT \(key)"
        case .invoke: "Invoke"
        case .secret(_, let stage): "GetSecretValue \(stage)"
        case .startPipeline(let name, _, _): "StartPipelineExecution \(name)"
        case .assumeRole(let arn): "AssumeRole \(arn)"
        case .unknown: "\(request.method) \(request.target)"
        }
    }

    /// An error in the shape of the service that is called.
    func error(_ status: Int, _ code: String) -> HTTPResponse {
        switch kind {
        case .secret, .startPipeline, .invoke, .unknown:
            return Call.json(
                status,
                .object([
                    .init(key: "__type", value: .string(code)),
                    .init(key: "message", value: .string("as scripted")),
                ])
            )
        case .list, .get, .put, .assumeRole:
            let xml = "<Error><Code>\(code)</Code><Message>as scripted</Message></Error>"
            return HTTPResponse(status: status, body: Array(xml.utf8))
        }
    }

    static func json(_ status: Int, _ value: JSON) -> HTTPResponse {
        HTTPResponse(status: status, body: value.encoded())
    }
}

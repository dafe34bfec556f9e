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
        /// A kept connection breaks before the answer, and libcurl sends the request once more
        /// without a word: what is seen is the answer to the second.
        case sentTwice
        /// The work is done, and the answer comes when nobody waits any longer.
        case lateAnswer

        /// Those that a call may fail in; the last only where a test asks for it.
        static let allCases: [Fault] = [
            .refused, .reset, .lostAnswer, .status500, .status503, .throttled, .timedOut,
            .sentTwice,
        ]
        /// Those after which the caller has no answer.
        static let failures = allCases.filter { $0 != .sentTwice }

        var testDescription: String { rawValue }
    }

    struct Object: Equatable {
        var body: [UInt8]
        var metadata: [String: String] = [:]

        /// The content's digest, as S3's own: the same content has the same.
        var eTag: String { "\"\(Hex.lower(SHA1.hash(body)))\"" }
    }

    struct Execution: Equatable {
        var pipeline: String
        var token: String
        var request: JSON
    }

    struct Build: Equatable {
        var project: String
        var token: String
        var request: JSON
        /// What signed it.
        var accessKeyID: String
    }

    static let origin = "http://aws.test"
    /// Where CloudFormation takes its answers.
    static let answersOrigin =
        "https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com"
    static let bucket = "bucket"
    static let pageSize = 1_000

    /// S3's objects by key.
    var objects: [String: Object] = [:]
    /// Secrets Manager's secrets: id, then stage.
    var secrets: [String: [String: String]] = [:]
    /// What Secrets Manager answers for a version, where it does not do its work: status and code.
    var secretErrors: [String: (status: Int, code: String)] = [:]
    /// Bytes of an asynchronous invocation's payload at the most.
    var asynchronousLimit = 1_048_576
    /// Payloads that `evaluate` was invoked with asynchronously.
    private(set) var invocations: [[UInt8]] = []
    /// The X-Ray headers that it was invoked with, in whichever way.
    private(set) var traceIDs: [String?] = []
    /// What it answers where it is waited for; `nil` where that takes longer than the deadline.
    var evaluated: (_ payload: [UInt8], _ deadline: Deadline) -> HTTPResponse? = { _, _ in nil }
    /// CodePipeline's executions; a client request token gives the same one again.
    private(set) var executions: [Execution] = []
    /// CodeBuild's builds; an idempotency token gives the same one again.
    private(set) var builds: [Build] = []
    /// EventBridge's events; each call is another one.
    private(set) var events: [JSON] = []
    /// What EventBridge says of an entry that it does not take, each once; its status is 200.
    var eventErrors: [String] = []
    /// Answers of CodePipeline for pipelines that do not just start: status and error code.
    var pipelineErrors: [String: (status: Int, code: String)] = [:]
    /// CodeCommit's repository, of whatever name.
    var codeCommit = FakeCodeCommit()
    /// What CodeCommit answers to everything, where it does not do its work: status and code.
    var codeCommitError: (status: Int, code: String)?
    /// EKS's clusters: what DescribeCluster answers, by name.
    var clusters: [String: String] = [:]
    /// What is not AWS: the server of whatever origin.
    var elsewhere: (_ request: HTTPRequest) -> HTTPResponse = { _ in HTTPResponse(status: 404) }
    /// The ids of executions and builds that were stopped, each time.
    private(set) var stopped: [String] = []
    /// What was asked to stop them.
    private(set) var stops: [JSON] = []
    /// What stopping answers for an id instead of doing it: status and error code.
    var stopErrors: [String: (status: Int, code: String)] = [:]
    /// CodePipeline's pipelines, where a test looks at them.
    let pipelines = FakePipelines()
    /// What CloudFormation was answered, in order: the requests that it took.
    private(set) var answers: [HTTPRequest] = []
    /// Runs when CloudFormation takes an answer.
    var answered: (_ answer: JSON) -> Void = { _ in }
    /// What S3 answers to everything, where it does not do its work: status and error code.
    var s3Error: (status: Int, code: String)?
    /// What was called, in order: `GET rules/…`, `StartPipelineExecution api`, ….
    private(set) var calls: [String] = []
    /// How often answers were waited for: the round trips in a row.
    private(set) var roundTrips = 0
    /// Whether a call, numbered from 1, fails.
    var fault: (_ call: Int, _ name: String) -> Fault? = { _, _ in nil }
    /// Runs before each call takes effect: what somebody else does at that moment.
    var before: (_ name: String) -> Void = { _ in }

    /// The time, by which a request's own limit is told; `nil` where none has any.
    var now: (() -> Timestamp)?

    /// When a request is given up: requests of one batch are sent at the same moment.
    private func limit(of request: HTTPRequest, _ deadline: Deadline) -> Deadline {
        guard let now = now?(), let limit = request.timeLimit else { return deadline }
        return deadline.limited(toMilliseconds: limit, from: now)
    }

    /// Lets the time pass until a call without an answer is given up.
    var timePasses: (_ until: Deadline) -> Void = { _ in }

    /// How many milliseconds what is not AWS takes to answer.
    var delay: (_ request: HTTPRequest) -> Int = { _ in 0 }
    /// The most requests that were under way at the same time at what is not AWS.
    private(set) var mostBegun = 0
    /// The most bytes of bodies that were sent in one batch.
    private(set) var largestBatch = 0
    private var begun: [Begun] = []

    private struct Begun {
        var request: HTTPRequest
        var number: Int
        var limit: Deadline
        var answers: Timestamp
        var ends: Timestamp { min(answers, limit.expires) }
    }

    var transport: Transport {
        Transport(
            perform: { requests, deadline in
                guard !requests.isEmpty else { return [] }
                self.roundTrips += 1
                self.largestBatch = max(
                    self.largestBatch,
                    requests.reduce(0) { $0 + $1.body.count }
                )
                let limits = requests.map { self.limit(of: $0, deadline) }
                return zip(requests, limits).map { self.perform($0, $1) }
            },
            begin: { request, number, deadline in
                let limit = self.limit(of: request, deadline)
                let now = self.now?() ?? Timestamp(milliseconds: 0)
                let answers = now.adding(milliseconds: self.delay(request))
                self.begun.append(
                    Begun(request: request, number: number, limit: limit, answers: answers)
                )
                self.mostBegun = max(self.mostBegun, self.begun.count)
            },
            ended: { self.ended(within: $0) }
        )
    }

    /// Lets the time pass until the first of what was begun ends.
    private func ended(within milliseconds: Int) -> [EndedRequest] {
        let now = now?() ?? Timestamp(milliseconds: 0)
        guard let first = begun.map(\.ends).min() else { return [] }
        let moment = min(max(first, now), now.adding(milliseconds: milliseconds))
        if moment > now { timePasses(Deadline(moment)) }
        let ended = begun.filter { $0.ends <= moment }
        begun.removeAll { $0.ends <= moment }
        if !ended.isEmpty { roundTrips += 1 }
        return ended.map { entry in
            var result = Result<HTTPResponse, TransportError>.failure(
                TransportError(
                    .timedOut,
                    method: entry.request.method,
                    origin: entry.request.origin,
                    reason: "timed out"
                )
            )
            if entry.answers <= entry.limit.expires { result = perform(entry.request, entry.limit) }
            return EndedRequest(number: entry.number, result: result)
        }
    }

    func forgetCalls() {
        calls = []
        roundTrips = 0
    }

    func put(_ key: String, _ text: String, _ metadata: [String: String] = [:]) {
        objects[key] = Object(body: Array(text.utf8), metadata: metadata)
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
        case .throttled: return .success(call.throttled)
        case .lostAnswer:
            before(call.name)
            _ = answer(call, deadline)
            return failure(.broken, "connection reset")
        case .sentTwice:
            before(call.name)
            // What is not repeatable has a connection of its own.
            if request.isRepeatable { _ = answer(call, deadline) }
            guard let answer = answer(call, deadline) else {
                return failure(.timedOut, "timed out")
            }
            return .success(answer)
        case .lateAnswer:
            before(call.name)
            _ = answer(call, deadline)
            timePasses(deadline)
            return failure(.timedOut, "timed out")
        case nil:
            before(call.name)
            guard let answer = answer(call, deadline) else {
                return failure(.timedOut, "timed out")
            }
            return .success(answer)
        }
    }

    private func answer(_ call: Call, _ deadline: Deadline) -> HTTPResponse? {
        if let s3Error, call.isOfS3 { return call.error(s3Error.status, s3Error.code) }
        switch call.kind {
        case .list(let prefix, let delimiter, let continuation):
            return list(prefix, delimiter, after: continuation)
        case .head(let key): return HTTPResponse(status: objects[key] == nil ? 404 : 200)
        case .get(let key):
            guard let object = objects[key] else { return call.error(404, "NoSuchKey") }
            var headers: HTTPHeaders = ["ETag": object.eTag]
            for (name, value) in object.metadata { headers.append(name, value) }
            return HTTPResponse(status: 200, headers: headers, body: object.body)
        case .put(let key):
            if call.request.headers["If-None-Match"] == "*", objects[key] != nil {
                return call.error(412, "PreconditionFailed")
            }
            if let expected = call.request.headers["If-Match"] {
                guard let object = objects[key] else { return call.error(404, "NoSuchKey") }
                guard object.eTag == expected else { return call.error(412, "PreconditionFailed") }
            }
            var object = Object(body: call.request.body)
            for field in call.request.headers.fields where field.name.hasPrefix("x-amz-meta-") {
                object.metadata[field.name] = field.value
            }
            objects[key] = object
            return HTTPResponse(status: 200, headers: ["ETag": object.eTag])
        case .delete(let key):
            objects[key] = nil
            return HTTPResponse(status: 204)
        case .answer:
            answers.append(call.request)
            answered((try? JSON(parsing: call.request.body)) ?? .null)
            return HTTPResponse(status: 200)
        case .invoke(let isWaitedFor):
            traceIDs.append(call.request.headers["X-Amzn-Trace-Id"])
            if isWaitedFor { return evaluated(call.request.body, deadline) }
            guard call.request.body.count <= asynchronousLimit else {
                return call.error(413, "RequestTooLargeException")
            }
            invocations.append(call.request.body)
            return HTTPResponse(status: 202)
        case .secret(let id, let stage):
            if let error = secretErrors[stage] { return call.error(error.status, error.code) }
            guard let value = secrets[id]?[stage] else {
                return call.error(400, "ResourceNotFoundException")
            }
            return Call.json(200, .object([.init(key: "SecretString", value: .string(value))]))
        case .startPipeline(let name, let token, let body):
            if pipelines.isUsed, pipelines[name] == nil {
                return call.error(400, "PipelineNotFoundException")
            }
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
        case .stop(let id, let body):
            if let error = stopErrors[id] { return call.error(error.status, error.code) }
            stopped.append(id)
            stops.append(body)
            return Call.json(200, .object([]))
        case .pipelines(let operation, let body):
            switch pipelines.answer(operation, body) {
            case .success(let answer): return Call.json(200, answer)
            case .failure(let error): return call.error(400, error.code, error.message)
            }
        case .startBuild(let project, let token, let body):
            let key = call.request.headers["Authorization"]?.firstMatch(of: /Credential=([^\/]+)/)?
                .1
            let build = Build(
                project: project,
                token: token,
                request: body,
                accessKeyID: key.map(String.init) ?? ""
            )
            if !builds.contains(where: { $0.project == project && $0.token == token }) {
                builds.append(build)
            }
            let id = JSON.object([
                .init(key: "id", value: .string("\(project):\(token.prefix(8))"))
            ])
            return Call.json(200, .object([.init(key: "build", value: id)]))
        case .getCommit(let input): return codeCommitAnswer(call) { try $0.getCommit(input) }
        case .getFolder(let input): return codeCommitAnswer(call) { try $0.getFolder(input) }
        case .getDifferences(let input):
            return codeCommitAnswer(call) { try $0.getDifferences(input) }
        case .putEvents(let entry):
            if !eventErrors.isEmpty {
                let error = #"{"ErrorCode":"\#(eventErrors.removeFirst())","ErrorMessage":"no"}"#
                let answer = #"{"FailedEntryCount":1,"Entries":[\#(error)]}"#
                return HTTPResponse(status: 200, body: Array(answer.utf8))
            }
            events.append(entry)
            let answer = #"{"FailedEntryCount":0,"Entries":[{"EventId":"event-\#(events.count)"}]}"#
            return HTTPResponse(status: 200, body: Array(answer.utf8))
        case .assumeRole(let arn):
            let expires = "2099-01-01T00:00:00Z"
            let xml = """
                <AssumeRoleResponse><AssumeRoleResult><Credentials>\
                <AccessKeyId>ASIA-\(arn.suffix(4))</AccessKeyId><SecretAccessKey>role's</SecretAccessKey>\
                <SessionToken>session</SessionToken><Expiration>\(expires)</Expiration>\
                </Credentials></AssumeRoleResult></AssumeRoleResponse>
                """
            return HTTPResponse(status: 200, body: Array(xml.utf8))
        case .describeCluster(let name):
            guard let cluster = clusters[name] else {
                return call.error(404, "ResourceNotFoundException")
            }
            return HTTPResponse(status: 200, body: Array(cluster.utf8))
        case .elsewhere: return elsewhere(call.request)
        case .unknown:
            return call.error(400, "UnknownOperation")
        }
    }

    private func codeCommitAnswer(
        _ call: Call,
        _ work: (FakeCodeCommit) throws -> JSON
    ) -> HTTPResponse {
        if let codeCommitError {
            return call.error(codeCommitError.status, codeCommitError.code)
        }
        do {
            return Call.json(200, try work(codeCommit))
        } catch {
            return call.error(400, (error as? FakeCodeCommit.Refusal)?.code ?? "\(error)")
        }
    }

    private func list(_ prefix: String, _ delimiter: String?, after: String?) -> HTTPResponse {
        let keys = objects.keys.filter { $0.hasPrefix(prefix) && $0 > (after ?? "") }
            .filter { key in
                delimiter.map { !key.dropFirst(prefix.count).contains($0) } ?? true
            }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let page = keys.prefix(Self.pageSize)
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult>"
        xml += "<IsTruncated>\(keys.count > page.count)</IsTruncated>"
        if keys.count > page.count {
            xml += "<NextContinuationToken>\(page.last ?? "")</NextContinuationToken>"
        }
        for key in page {
            let eTag = objects[key]?.eTag ?? ""
            let size = objects[key]?.body.count ?? 0
            xml += "<Contents><Key>\(key)</Key><ETag>\(eTag)</ETag><Size>\(size)</Size></Contents>"
        }
        xml += "</ListBucketResult>"
        return HTTPResponse(status: 200, body: Array(xml.utf8))
    }
}

/// One call, read from its request.
private struct Call {
    enum Kind {
        case list(prefix: String, delimiter: String?, continuation: String?)
        case get(String)
        case head(String)
        case put(String)
        case delete(String)
        case answer
        case invoke(isWaitedFor: Bool)
        case secret(id: String, stage: String)
        case startPipeline(name: String, token: String, body: JSON)
        case stop(id: String, body: JSON)
        case pipelines(operation: String, body: JSON)
        case startBuild(project: String, token: String, body: JSON)
        case getCommit(JSON)
        case getFolder(JSON)
        case getDifferences(JSON)
        case putEvents(entry: JSON)
        case assumeRole(String)
        case describeCluster(String)
        case elsewhere
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
            case "CodePipeline_20150709.StopPipelineExecution":
                kind = .stop(id: body["pipelineExecutionId"]?.string ?? "", body: body)
            case "CodeBuild_20161006.StopBuild":
                kind = .stop(id: body["id"]?.string ?? "", body: body)
            case "CodeBuild_20161006.StartBuild":
                kind = .startBuild(
                    project: body["projectName"]?.string ?? "",
                    token: body["idempotencyToken"]?.string ?? "",
                    body: body
                )
            case "CodeCommit_20150413.GetCommit": kind = .getCommit(body)
            case "CodeCommit_20150413.GetFolder": kind = .getFolder(body)
            case "CodeCommit_20150413.GetDifferences": kind = .getDifferences(body)
            case "AWSEvents.PutEvents":
                kind = .putEvents(entry: body["Entries"]?.array?.first ?? .null)
            default:
                let parts = target.split(separator: ".")
                kind =
                    parts.first == "CodePipeline_20150709"
                    ? .pipelines(operation: String(parts[1]), body: body) : .unknown
            }
        } else if request.origin == FakeAWS.answersOrigin {
            kind = .answer
        } else if request.origin != FakeAWS.origin {
            kind = .elsewhere
        } else if path.hasPrefix("/clusters/") {
            kind = .describeCluster(String(path.dropFirst("/clusters/".count)))
        } else if path.hasPrefix("/2015-03-31/functions/") {
            let type = request.headers["X-Amz-Invocation-Type"]
            kind = .invoke(isWaitedFor: type == "RequestResponse")
        } else if request.method == "POST" {
            let form = URLComponents(
                string: "?" + String(decoding: request.body, as: UTF8.self)
            )?.queryItems
            kind = .assumeRole(form?.first { $0.name == "RoleArn" }?.value ?? "")
        } else if query("list-type") != nil {
            kind = .list(
                prefix: query("prefix") ?? "",
                delimiter: query("delimiter"),
                continuation: query("continuation-token")
            )
        } else {
            let key = String(path.dropFirst("/\(FakeAWS.bucket)/".count))
            switch request.method {
            case "GET": kind = .get(key)
            case "HEAD": kind = .head(key)
            case "PUT": kind = .put(key)
            case "DELETE": kind = .delete(key)
            default: kind = .unknown
            }
        }
    }

    var name: String {
        switch kind {
        case .list(let prefix, _, _): "LIST \(prefix)"
        case .get(let key): "GET \(key)"
        case .head(let key): "HEAD \(key)"
        case .put(let key): "PUT \(key)"
        case .delete(let key): "DELETE \(key)"
        case .answer: "answer"
        case .invoke(let isWaitedFor): isWaitedFor ? "Invoke and wait" : "Invoke"
        case .secret(_, let stage): "GetSecretValue \(stage)"
        case .startPipeline(let name, _, _): "StartPipelineExecution \(name)"
        case .stop(let id, _): "Stop \(id)"
        case .pipelines(let operation, let body):
            "\(operation) \(FakePipelines.name(in: body))"
        case .startBuild(let project, _, _): "StartBuild \(project)"
        case .getFolder(let input): "GetFolder \(input["commitSpecifier"]?.string ?? "")"
        case .getCommit(let input): "GetCommit \(input["commitId"]?.string ?? "")"
        case .getDifferences(let input):
            "GetDifferences \(input["beforeCommitSpecifier"]?.string ?? "")"
                + "..\(input["afterCommitSpecifier"]?.string ?? "")"
        case .putEvents(let entry): "PutEvents \(entry["EventBusName"]?.string ?? "default")"
        case .assumeRole(let arn): "AssumeRole \(arn)"
        case .describeCluster(let name): "DescribeCluster \(name)"
        case .elsewhere: "\(request.method) \(request.origin)"
        case .unknown: "\(request.method) \(request.target)"
        }
    }

    var isOfS3: Bool {
        switch kind {
        case .list, .get, .head, .put, .delete: true
        default: false
        }
    }

    /// What a service says that is called too often.
    var throttled: HTTPResponse {
        if case .elsewhere = kind {
            error(429, "TooManyRequests")
        } else {
            error(400, "ThrottlingException")
        }
    }

    /// An error in the shape of the service that is called.
    func error(
        _ status: Int,
        _ code: String,
        _ message: String = "as scripted"
    ) -> HTTPResponse {
        switch kind {
        case .elsewhere:
            return Call.json(
                status,
                .object([
                    .init(key: "kind", value: .string("Status")),
                    .init(key: "reason", value: .string(code)),
                    .init(key: "message", value: .string(message)),
                ])
            )
        case .secret, .startPipeline, .stop, .pipelines, .startBuild, .getCommit, .getFolder,
            .getDifferences,
            .putEvents, .invoke, .describeCluster, .unknown:
            return Call.json(
                status,
                .object([
                    .init(key: "__type", value: .string(code)),
                    .init(key: "message", value: .string(message)),
                ])
            )
        case .list, .get, .head, .put, .delete, .answer, .assumeRole:
            let xml = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
            return HTTPResponse(status: status, body: Array(xml.utf8))
        }
    }

    static func json(_ status: Int, _ value: JSON) -> HTTPResponse {
        HTTPResponse(status: status, body: value.encoded())
    }
}

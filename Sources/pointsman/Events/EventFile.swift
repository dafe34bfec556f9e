import Codec
import Core
import Platform

/// An event that the user wants explained: from a file, or from standard input.
///
/// It is one of: a recorded request as in `events/`; an event of API Gateway, of a Function URL,
/// of a CodeCommit trigger or of EventBridge; GitHub's own `push` or `pull_request` payload, or
/// Docker Hub's; a hand-over `{"change": …}`. Who sent it is not checked: the file is the
/// user's own.
struct EventFile {
    let name: String
    let parsed: ParsedDelivery

    /// The changes to be decided about; the test of a trigger stands for the next push.
    var changes: [Change] {
        parsed.changes.isEmpty
            ? parsed.tests.map(\.likelyChange) : parsed.changes
    }

    init(_ file: InputFile, receivedAt: Timestamp) throws(Failure) {
        try self.init(name: file.name, bytes: file.bytes, receivedAt: receivedAt)
    }

    init(name: String, bytes: [UInt8], receivedAt: Timestamp) throws(Failure) {
        self.name = name
        do {
            self.parsed = try SavedEvent(bytes).parse(receivedAt: receivedAt)
        } catch {
            throw Failure("reading \(name): \(error)")
        }
    }
}

/// What an event is, told by the members that it has.
private enum SavedEvent {
    /// A request of a provider: recorded, passed on by AWS, or put together around its payload.
    case request(HTTPEvent)
    /// An invocation by AWS itself.
    case direct(DirectInvocation)
    /// What `webhook` hands over, or a `push` payload alone, as `evaluate` takes them.
    case handOver(EvaluateRequest)

    init(_ bytes: [UInt8]) throws {
        let names = try Self.memberNames(bytes)
        func has(_ all: String...) -> Bool { all.allSatisfy(names.contains) }
        if has("rules", "attempts") {
            throw Failure("it is a decision record, not an event: `pointsman why` shows it")
        } else if has("key"), names.count == 1 {
            throw Failure("it only names an object in S3: read that object and explain it instead")
        } else if has("change") || has("test") || (has("ref", "repository") && !has("ref_type")) {
            self = .handOver(try EvaluateRequest(bytes))
        } else if has("method", "headers", "body") {
            self = .request(try RecordedRequest(bytes).event)
        } else if has("pull_request", "action") {
            self = .request(
                RecordedRequest(headers: ["X-GitHub-Event": "pull_request"], body: bytes).event
            )
        } else if has("push_data") {
            self = .request(RecordedRequest(path: "/dockerhub/token", body: bytes).event)
        } else {
            switch try Event(bytes) {
            case .http(let request): self = .request(request)
            case .direct(let invocation): self = .direct(invocation)
            }
        }
    }

    func parse(receivedAt: Timestamp) throws -> ParsedDelivery {
        switch self {
        case .request(let request):
            return try Self.delivery(request).vouchedFor().parse(receivedAt: receivedAt)
        case .direct(let invocation):
            return try invocation.verified().parse(receivedAt: receivedAt)
        case .handOver(let handOver):
            return try handOver.parse(receivedAt: receivedAt)
        }
    }

    private static func delivery(_ request: HTTPEvent) throws(Failure) -> Delivery {
        do throws(WebhookResponse) {
            return try request.route(among: Provider.all(allowingSHA1: true))
        } catch {
            throw Failure("the webhook answers \(error.status), \(error.reason)")
        }
    }

    private static func memberNames(_ bytes: [UInt8]) throws(JSONError) -> Set<String> {
        var names: Set<String> = []
        var reader = JSONReader(bytes)
        try reader.object { (key, value) throws(JSONError) in
            names.insert(key.string)
            try value.skip()
        }
        try reader.end()
        return names
    }
}

/// A request as `events/` keeps it: `{"method", "path", "headers", "body"}`.
struct RecordedRequest: Equatable {
    var method = "POST"
    /// What comes after the endpoint's URL.
    var path = "/github"
    var headers: HTTPHeaders
    /// The raw body: what the signature covers.
    var body: [UInt8] = []

    /// A request of GitHub or Docker Hub around a payload.
    init(path: String = "/github", headers: HTTPHeaders = HTTPHeaders(), body: [UInt8]) {
        self.path = path
        self.headers = headers
        self.headers.append("Content-Type", "application/json")
        self.body = body
    }

    init(_ bytes: [UInt8]) throws(JSONError) {
        headers = HTTPHeaders()
        var reader = JSONReader(bytes)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "method": method = try value.string()
            case "path": path = try value.string()
            case "headers":
                try value.object { (key, value) throws(JSONError) in
                    headers.append(key.string, try value.string())
                }
            case "body": body = try value.utf8()
            default: break
            }
        }
        try reader.end()
    }

    /// The request as the webhook function is given it.
    var event: HTTPEvent { HTTPEvent(method: method, path: path, headers: headers, body: body) }
}

extension Path {
    var text: String { String(decoding: utf8, as: UTF8.self) }
}

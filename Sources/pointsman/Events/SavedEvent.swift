import Codec
import Foundation
import Platform
import Trigger

/// What somebody wants explained, tested or sent: an event in a file, or on standard input.
///
/// It is one of: a recorded request as in `events/`; an event of API Gateway, of a Function URL,
/// of a CodeCommit trigger or of EventBridge; GitHub's own `push` or `pull_request` payload, or
/// Docker Hub's; a hand-over `{"change": …}`. Who sent it is not checked: the file is the
/// user's own.
struct EventFile {
    /// The file as it was named, or `standard input`.
    let name: String
    /// What it tells of, in this project's words.
    let description: Description

    /// The changes to be decided about; the test of a trigger stands for the next push.
    var changes: [Change] {
        description.changes.isEmpty
            ? description.tests.map(\.likelyChange) : description.changes
    }

    /// Reads a file; `-` is standard input.
    init(_ path: String, receivedAt: Timestamp) throws(Failure) {
        let name = path == "-" ? "standard input" : path
        try self.init(name: name, bytes: Self.bytes(path, name: name), receivedAt: receivedAt)
    }

    /// Reads an event that is at hand.
    init(name: String, bytes: [UInt8], receivedAt: Timestamp) throws(Failure) {
        self.name = name
        do {
            self.description = try SavedEvent(bytes).describe(receivedAt: receivedAt)
        } catch {
            throw Failure("reading \(name): \(error)")
        }
    }

    /// The content of a file; `-` is standard input.
    static func bytes(_ path: String, name: String) throws(Failure) -> [UInt8] {
        do {
            if path == "-" {
                return [UInt8](try FileHandle.standardInput.readToEnd() ?? Data())
            }
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure("reading \(name): \(error.reason)")
        }
    }
}

/// An event by its shape, told by the members that it has.
enum SavedEvent {
    /// A request of a provider's: recorded, passed on, or put together around its payload.
    case request(HTTPEvent)
    /// An invocation by AWS itself.
    case direct(DirectInvocation)
    /// What `webhook` hands over, or a `push` payload alone, as `evaluate` takes them.
    case handOver(HandOver)

    /// Tells what an event is.
    init(_ bytes: [UInt8]) throws {
        let names = try Self.memberNames(bytes)
        func has(_ all: String...) -> Bool { all.allSatisfy(names.contains) }
        if has("rules", "attempts") {
            throw Failure("it is a decision record, not an event: `pointsman why` shows it")
        } else if has("key"), names.count == 1 {
            throw Failure("it only names an object in S3: read that object and explain it instead")
        } else if has("change") || has("test") || (has("ref", "repository") && !has("ref_type")) {
            self = .handOver(try HandOver(bytes))
        } else if has("method", "headers", "body") {
            self = .request(try RecordedRequest(bytes).event)
        } else if has("pull_request", "action") {
            self = .request(Self.gitHub("pull_request", bytes))
        } else if has("push_data") {
            self = .request(Self.request("/dockerhub/token", [:], bytes))
        } else {
            switch try Event(bytes) {
            case .http(let request): self = .request(request)
            case .direct(let invocation): self = .direct(invocation)
            }
        }
    }

    /// What the event tells of.
    func describe(receivedAt: Timestamp) throws -> Description {
        switch self {
        case .request(let request):
            return try Self.delivery(request).vouchedFor().describe(receivedAt: receivedAt)
        case .direct(let invocation):
            return try invocation.verified().describe(receivedAt: receivedAt)
        case .handOver(let handOver):
            return try handOver.describe(receivedAt: receivedAt)
        }
    }

    private static func delivery(_ request: HTTPEvent) throws(Failure) -> Delivery {
        do throws(Answer) {
            return try request.route(dockerHub: true)
        } catch {
            throw Failure("the webhook answers \(error.status), \(error.reason)")
        }
    }

    private static func gitHub(_ event: String, _ payload: [UInt8]) -> HTTPEvent {
        request("/github", ["X-GitHub-Event": event], payload)
    }

    private static func request(
        _ path: String,
        _ headers: HTTPHeaders,
        _ payload: [UInt8]
    ) -> HTTPEvent {
        var headers = headers
        headers.append("Content-Type", "application/json")
        return HTTPEvent(method: "POST", path: path, headers: headers, body: payload)
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
    var headers = HTTPHeaders()
    /// The raw body: what the signature covers.
    var body: [UInt8] = []

    /// Reads a recorded request.
    init(_ bytes: [UInt8]) throws(JSONError) {
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
    var event: HTTPEvent {
        HTTPEvent(method: method, path: path, headers: headers, body: body)
    }
}

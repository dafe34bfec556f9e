import Codec
import Platform
import Trigger

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

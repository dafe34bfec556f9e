package import Codec
package import Platform

/// What the `webhook` function was invoked with.
package enum Event: Sendable {
    /// A request that API Gateway or a Function URL passed on.
    case http(HTTPEvent)
    /// An invocation by AWS itself, which IAM has let through.
    case direct(DirectInvocation)

    /// Tells what an event is, reading it once.
    ///
    /// Takes the shapes of API Gateway's REST API (v1) and HTTP API (v2), of a
    /// Function URL, of a CodeCommit trigger and of EventBridge's events of CodeCommit and ECR.
    package init(_ bytes: [UInt8]) throws(EventError) {
        let envelope: Envelope
        do throws(JSONError) {
            envelope = try Envelope(bytes)
        } catch {
            throw .unreadable(error)
        }
        if let method = envelope.method {
            self = .http(HTTPEvent(envelope, method: method))
        } else if let source = envelope.recordSource {
            guard
                let kind = DirectEvent.all.first(where: { kind in
                    kind.recordSource.map { isSame($0, source) } ?? false
                })
            else { throw .unexpected("records of \(source)") }
            self = .direct(DirectInvocation(kind, event: bytes))
        } else if let type = envelope.detailType {
            guard let kind = DirectEvent.all.first(where: { $0.detailTypes.contains(type) }) else {
                throw .unexpected("an EventBridge event of type \(type)")
            }
            self = .direct(DirectInvocation(kind, event: bytes))
        } else {
            throw .unexpected("an object with \(envelope.memberNames)")
        }
    }
}

/// Why an event is nothing that the function can take.
package enum EventError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is not JSON, or a part of it has another type than in any event known.
    case unreadable(JSONError)
    /// It is something else.
    case unexpected(_ found: String)

    /// One sentence for the invocation's error.
    package var description: String {
        switch self {
        case .unreadable(let error):
            "reading the event: \(error)"
        case .unexpected(let found):
            "reading the event: expected a request of API Gateway or a Function URL, "
                + "a CodeCommit trigger or an EventBridge event of CodeCommit or ECR, found "
                + found
        }
    }
}

/// A request that API Gateway or a Function URL passed on, not yet routed.
package struct HTTPEvent: Sendable {
    let method: String
    /// The path as it came: with or without the stage, percent-encoded or not.
    let path: String
    /// The headers in order, names as they came.
    let headers: HTTPHeaders
    /// When API Gateway or the Function URL took the request, where the event tells.
    let requestTime: Timestamp?
    /// The raw body, base64 removed; `nil` where the event says base64 and it is not.
    let body: [UInt8]?

    /// A request that was not passed on but is at hand: one that was recorded.
    package init(method: String, path: String, headers: HTTPHeaders, body: [UInt8]) {
        self.method = method
        self.path = path
        self.headers = headers
        self.requestTime = nil
        self.body = body
    }

    init(_ envelope: Envelope, method: String) {
        self.method = method
        path = envelope.path
        headers = envelope.headers
        requestTime = envelope.requestTime.map { Timestamp(milliseconds: $0) }
        body = envelope.isBase64Encoded ? Base64.decode(envelope.body) : envelope.body
    }
}

extension HTTPEvent {
    /// Finds the provider by the path's last segments, and checks method and content type.
    ///
    /// Whatever stands before those segments (a stage, a base path) does not count, nor do
    /// empty segments, so a slash at the end changes nothing. Throws the answer to refuse with.
    ///
    /// - Parameter providers: Those whose routes exist.
    package func route(among providers: [Provider]) throws(WebhookResponse) -> Delivery {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"))
        guard let provider = providers.first(where: { $0.isRoute(segments) }) else {
            throw WebhookResponse(
                status: 404,
                outcome: .rejected,
                reason: "no such route",
                delivery: DeliveryID.plainToken(headers["x-github-delivery"])
                    ?? DeliveryID.hash(of: body ?? [])
            )
        }
        let id = provider.deliveryID(headers, body ?? []) ?? DeliveryID.hash(of: body ?? [])
        func refused(_ status: Int, _ reason: String) -> WebhookResponse {
            WebhookResponse(status: status, outcome: .rejected, reason: reason, delivery: id)
        }
        guard method == "POST" else {
            throw refused(405, "expected POST, found '\(clipped(method))'")
        }
        if let reason = provider.misroutedSender(headers) {
            throw .malformed(reason, delivery: id)
        }
        guard let contentType = headers["content-type"] else {
            throw refused(415, "no content type")
        }
        guard let format = Delivery.Format(contentType: contentType) else {
            let found = clipped(contentType)
            throw refused(415, "the content type '\(found)' is not \(Delivery.Format.names)")
        }
        guard let body else {
            throw .malformed("the body is not the base64 that the event says it is", delivery: id)
        }
        return Delivery(
            provider: provider,
            token: provider.token(in: segments),
            headers: headers,
            format: format,
            body: body
        )
    }
}

/// The members of an event that tell what it is and hold the request, of every shape at once.
struct Envelope {
    var method: String?
    var path = ""
    var headers = HTTPHeaders()
    var body: [UInt8] = []
    var isBase64Encoded = false
    var detailType: String?
    var recordSource: String?
    /// When API Gateway or the Function URL took the request; milliseconds since 1970.
    var requestTime: Int?
    private var names: [String] = []

    /// The first member names, for an error.
    var memberNames: String { names.isEmpty ? "no members" : names.joined(separator: ", ") }

    init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes)
        var single = HTTPHeaders()
        try reader.object { (key, value) throws(JSONError) in
            if names.count < 5 { names.append(key.string) }
            switch key {
            case "httpMethod": method = try value.optionalString()
            case "requestContext": try readContext(&value)
            case "path", "rawPath": path = try value.optionalString() ?? ""
            case "headers": single = try Self.headers(&value)
            case "multiValueHeaders": headers = try Self.multiValueHeaders(&value)
            case "body": body = try value.kind() == .null ? [] : value.utf8()
            case "isBase64Encoded": isBase64Encoded = try value.optionalBool() ?? false
            case "detail-type": detailType = try value.string()
            case "Records": try readRecords(&value)
            default: break
            }
        }
        try reader.end()
        if headers.fields.isEmpty { headers = single }
    }

    /// HTTP API (v2) and Function URL keep the method in `requestContext.http`, the time in
    /// `timeEpoch`; REST API (v1) has `requestTimeEpoch`.
    private mutating func readContext(_ context: inout JSONReader) throws(JSONError) {
        guard try context.kind() == .object else { return }
        try context.object { (key, value) throws(JSONError) in
            switch key {
            case "http":
                try value.object { (key, value) throws(JSONError) in
                    if key == "method" { method = try value.string() }
                }
            case "timeEpoch", "requestTimeEpoch": requestTime = try value.value().int
            default: break
            }
        }
    }

    /// Takes the source of the first record that is not CodeCommit's, if there is one.
    private mutating func readRecords(_ records: inout JSONReader) throws(JSONError) {
        var source = "no source"
        var isFirst = true
        try records.array { (record) throws(JSONError) in
            var found = "no source"
            try record.object { (key, value) throws(JSONError) in
                if key == "eventSource" || key == "EventSource" { found = try value.string() }
            }
            if isFirst || source == "aws:codecommit" { source = found }
            isFirst = false
        }
        recordSource = source
    }

    private static func headers(_ object: inout JSONReader) throws(JSONError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard try object.kind() == .object else { return headers }
        try object.object { (key, value) throws(JSONError) in
            guard let text = try value.optionalString() else { return }
            headers.append(key.string, text)
        }
        return headers
    }

    /// REST API (v1) gives every value of a header here, and only the last in `headers`.
    private static func multiValueHeaders(
        _ object: inout JSONReader
    ) throws(JSONError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard try object.kind() == .object else { return headers }
        try object.object { (key, values) throws(JSONError) in
            guard try values.kind() == .array else { return }
            let name = key.string
            try values.array { (value) throws(JSONError) in
                headers.append(name, try value.string())
            }
        }
        return headers
    }
}

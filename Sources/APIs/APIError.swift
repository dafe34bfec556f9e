internal import Codec
public import Platform

/// Why a call of an HTTP API failed: what was called, on what, and what came back.
public struct APIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was done: `kubernetes:PatchDeployment`.
    public var operation: String
    /// What it was done to.
    public var resource: String
    /// The HTTP status; `nil` where no answer came.
    public var status: Int?
    /// The server's reason in one word, or one of our own where no answer could be read.
    public var code: String
    /// The server's message, its first line; never a secret of the call.
    public var message: String
    /// Whether the same call may succeed later.
    public var isRetryable: Bool
    /// Whether the server may have done it all the same: the answer was lost, on this attempt or
    /// on one before it.
    public var mayHaveActed: Bool

    /// Makes an error about a call.
    public init(
        _ call: APICall,
        status: Int? = nil,
        code: String,
        message: String,
        isRetryable: Bool,
        mayHaveActed: Bool = false
    ) {
        self.operation = call.operation
        self.resource = call.resource
        self.status = status
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.mayHaveActed = mayHaveActed
    }

    /// `kubernetes:GetDeployment of prod/web: 404 NotFound: deployments.apps "web" not found`.
    public var description: String {
        var text = "\(operation) of \(resource):"
        if let status { text += " \(status)" }
        if !code.utf8.isEmpty { text += " \(code)" }
        if !message.utf8.isEmpty { text += ": \(message)" }
        return text
    }
}

extension APIError {
    /// No response came.
    init(_ call: APICall, _ error: TransportError) {
        self.init(
            call,
            code: error.kind.code,
            message: error.description,
            isRetryable: error.kind.isTransient,
            mayHaveActed: error.kind.leavesOpen
        )
    }

    /// A response came that says failure: its words are `reason` and `message` of a JSON object,
    /// as Kubernetes' Status has them.
    public init(_ call: APICall, _ response: HTTPResponse) {
        let root = try? JSON(parsing: response.body)
        self.init(
            call,
            status: response.status,
            code: call.withoutSecrets(root?["reason"]?.string ?? ""),
            message: call.withoutSecrets(root?["message"]?.string ?? ""),
            // The server is busy or failed, or a gateway before it did.
            isRetryable: [429, 500, 502, 503, 504].contains(response.status),
            // A server that is busy has done nothing.
            mayHaveActed: [500, 502, 504].contains(response.status)
        )
    }
}

extension APICall {
    /// The first line of what a server says, without the secrets of the call.
    public func withoutSecrets(_ text: String) -> String {
        let line = String(decoding: text.utf8.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        return (secrets + (bearerToken.map { [$0] } ?? [])).reduce(line) { $1.hidden(in: $0) }
    }
}

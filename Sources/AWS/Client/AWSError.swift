internal import Platform

/// Why a call of an AWS operation failed: what was called, on what, and what came back.
public struct AWSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operation as IAM writes it: `s3:PutObject`.
    public var operation: String
    /// What it was done to: `bucket/key`.
    public var resource: String
    /// The HTTP status; `nil` where no answer came.
    public var status: Int?
    /// The service's error code, or one of our own where no answer could be read: `TimedOut`.
    public var code: String
    /// The service's message, its first line; never a credential.
    public var message: String
    /// Whether the same call may succeed later.
    public var isRetryable: Bool
    /// Whether the service may have done it all the same: the answer was lost, on this attempt or
    /// on one before it.
    public var mayHaveActed: Bool

    /// Makes an error about a call.
    public init(
        _ call: AWSCall,
        status: Int? = nil,
        code: String,
        message: String,
        isRetryable: Bool,
        mayHaveActed: Bool = false
    ) {
        self.operation = "\(call.service.name):\(call.operation)"
        self.resource = call.resource
        self.status = status
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.mayHaveActed = mayHaveActed
    }

    /// `s3:PutObject of bucket/key: 503 SlowDown: Please reduce your request rate`.
    public var description: String {
        var text = "\(operation) of \(resource):"
        if let status { text += " \(status)" }
        if !code.utf8.isEmpty { text += " \(code)" }
        if !message.utf8.isEmpty { text += ": \(message)" }
        return text
    }
}

extension AWSError {
    /// No response came.
    init(_ call: AWSCall, _ error: TransportError) {
        self.init(
            call,
            code: error.kind.code,
            message: error.description,
            isRetryable: error.kind.isTransient,
            mayHaveActed: error.kind.leavesOpen
        )
    }

    /// A response came that says success and cannot be read: it may be whole the next time.
    static func unreadable(_ call: AWSCall, _ response: HTTPResponse, _ reason: String) -> AWSError
    {
        AWSError(
            call,
            status: response.status,
            code: "UnreadableAnswer",
            message: reason,
            isRetryable: true,
            mayHaveActed: true
        )
    }
}

internal import Codec

/// Why a call of a service failed: what was called, on what, and what came back.
package struct CallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operation with its service: `s3:PutObject`.
    package var action: String
    /// The resource of the call: `bucket/key`.
    package var resource: String
    /// The HTTP status; `nil` if no response came.
    package var status: Int?
    /// The service's error code, or one of our own if no response could be read: `TimedOut`.
    package var code: String
    /// The service's message, its first line; never a secret of the call.
    package var message: String
    /// Whether the same call may succeed later.
    package var isRetryable: Bool
    /// Whether the service may have done it all the same: the response was lost, on this attempt or
    /// on an earlier one.
    package var mayHaveActed: Bool

    package init(
        _ call: some ServiceCall,
        status: Int? = nil,
        code: String,
        message: String,
        isRetryable: Bool,
        mayHaveActed: Bool = false
    ) {
        self.action = call.action
        self.resource = call.resource
        self.status = status
        self.code = code.cutAsServerText
        self.message = message.cutAsServerText
        self.isRetryable = isRetryable
        self.mayHaveActed = mayHaveActed
    }

    /// `s3:PutObject of bucket/key: 503 SlowDown: Please reduce your request rate`.
    package var description: String {
        var text = "\(action) of \(resource):"
        if let status { text += " \(status)" }
        if !code.utf8.isEmpty { text += " \(code)" }
        if !message.utf8.isEmpty { text += ": \(message)" }
        return text
    }
}

extension CallError {
    /// No response came.
    package init(_ call: some ServiceCall, _ error: TransportError) {
        self.init(
            call,
            code: error.kind.code,
            message: error.description,
            isRetryable: error.kind.isTransient,
            mayHaveActed: error.kind.isOutcomeUnknown
        )
    }

    /// A response came that says success and cannot be read: it may be whole the next time.
    package static func unreadable(
        _ call: some ServiceCall,
        _ response: HTTPResponse,
        _ reason: String
    ) -> CallError {
        CallError(
            call,
            status: response.status,
            code: "UnreadableAnswer",
            message: reason,
            isRetryable: true,
            mayHaveActed: true
        )
    }

    /// Whether the service may have acted before it answered with a status.
    ///
    /// One that is busy (429, 503) has done nothing. One that failed (any other 5xx), or whose
    /// gateway did, may have.
    package static func isOutcomeUnknown(status: Int) -> Bool {
        status >= 500 && status != 503
    }

    /// Whether the same request may succeed later: the service is busy or has failed.
    package static func isTransient(status: Int) -> Bool {
        status == 429 || status >= 500
    }

    /// The same error of a call that can have done nothing.
    package var havingDoneNothing: CallError {
        var error = self
        error.mayHaveActed = false
        return error
    }
}

extension String {
    /// A text that a server sent, as much of it as is kept: 1,000 code points.
    ///
    /// It goes into records and log lines, and nobody reads more.
    package var cutAsServerText: String { cut(to: 1_000) }
}

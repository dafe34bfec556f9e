internal import CLibraries

/// One connection that is kept alive, for the Runtime API: plain HTTP, one request at a time.
public final class HTTPConnection {
    /// Makes a connection's handle; it connects at the first request.
    public init() throws(TransportError) {
    }

    /// Sends a request and waits for its whole answer.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - timeoutMilliseconds: How long the whole exchange may take; `nil` is for ever.
    ///   - buffer: An array whose memory is used for the answer's body when nothing else
    ///     refers to it: give the previous event back, and no memory is allocated for the next.
    public func perform(
        _ request: HTTPRequest,
        timeoutMilliseconds: Int?,
        reusing buffer: consuming [UInt8] = []
    ) throws(TransportError) -> HTTPResponse {
        throw TransportError(
            .invalid,
            method: request.method,
            origin: request.origin,
            reason: "not built yet"
        )
    }
}

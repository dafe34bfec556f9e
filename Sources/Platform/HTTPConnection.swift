internal import CLibraries

/// One connection that is kept alive, for the Runtime API: plain HTTP, one request at a time.
public final class HTTPConnection {
    private let exchange: HTTPExchange

    /// Makes a connection's handle; it connects at the first request.
    public init() throws(TransportError) {
        do throws(CurlFailure) {
            exchange = try HTTPExchange()
            // libcurl drops a connection that was idle for 118 seconds, but a function may
            // work for 15 minutes between an event and its answer.
            try exchange.handle.set(CURLOPT_MAXAGE_CONN, 24 * 3600)
            try exchange.handle.set(CURLOPT_CONNECTTIMEOUT_MS, 1_000)
        } catch {
            let reason = error.reason
            throw TransportError(.invalid, method: "open", origin: "connection", reason: reason)
        }
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
        if let defect = request.defect {
            throw TransportError(
                .invalid,
                method: request.method,
                origin: request.origin,
                reason: defect
            )
        }
        do throws(CurlFailure) {
            try exchange.prepare(request, reusing: buffer)
            try exchange.handle.set(CURLOPT_TIMEOUT_MS, timeoutMilliseconds ?? 0)
            let code = try unsafe request.body.withUnsafeBufferPointer {
                bytes throws(CurlFailure) in
                if !bytes.isEmpty { try unsafe exchange.sendBody(bytes) }
                return exchange.handle.perform()
            }
            return try exchange.end(code)
        } catch {
            throw TransportError(error, of: request)
        }
    }
}

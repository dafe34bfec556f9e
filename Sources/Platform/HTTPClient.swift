internal import CLibraries

/// Sends HTTP requests in parallel and waits for their answers: libcurl's multi interface
/// behind a synchronous call.
public final class HTTPClient {
    /// Makes a client; nothing is connected or read before the first request.
    ///
    /// - Parameters:
    ///   - caBundle: The path of a PEM file to trust (`AWS_CA_BUNDLE`); `nil` for the system's.
    ///   - clock: Tells how much of a deadline is left.
    public init(caBundle: String? = nil, clock: WallClock = .system) {
    }

    /// This client as the seam that tests replace.
    public var transport: Transport {
        Transport { requests, deadline in self.perform(requests, deadline) }
    }

    /// Sends the requests in parallel and returns one result for each, in their order.
    public func perform(
        _ requests: [HTTPRequest],
        _ deadline: Deadline
    ) -> [Result<HTTPResponse, TransportError>] {
        requests.map { request in
            .failure(
                TransportError(
                    .invalid,
                    method: request.method,
                    origin: request.origin,
                    reason: "not built yet"
                )
            )
        }
    }
}

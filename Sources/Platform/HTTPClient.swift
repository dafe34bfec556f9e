/// Sends HTTP requests in parallel and waits for their answers: libcurl's multi interface
/// behind a synchronous call.
///
/// Connections are kept alive from call to call. TLS certificates are always checked; no proxy
/// is used and no redirect followed. A request carries its own headers and nothing that libcurl
/// would add but `Host` and `Content-Length`. A body longer than the request takes is an error.
public final class HTTPClient {
    /// How many requests are under way at the same time; the others wait for one to end.
    public static let maximumParallelRequests = 32
    /// How long connecting may take, the TLS handshake included, in milliseconds.
    public static let connectTimeoutMilliseconds = 3_000

    private let clock: WallClock
    private let caBundlePaths: [String]
    /// The bundle of the first of the paths that is there, once an HTTPS request has looked for it.
    private var trust: CABundle.Trust?
    /// Made for the first request: a cold start pays for neither TLS nor handles.
    private var transfers: HTTPTransfers?

    /// Makes a client; nothing is connected or read before the first request.
    ///
    /// - Parameters:
    ///   - caBundle: The path of a PEM file to trust (`AWS_CA_BUNDLE`); `nil` for the system's.
    ///   - clock: Tells how much of a deadline is left.
    public init(caBundle: String? = nil, clock: WallClock = .system) {
        self.clock = clock
        caBundlePaths = caBundle.map { [$0] } ?? CABundle.usualPaths
    }

    /// This client as the seam that tests replace.
    public var transport: Transport {
        Transport { requests, deadline in self.perform(requests, deadline) }
    }

    /// Sends the requests in parallel and returns one result for each, in their order.
    ///
    /// A connection that the server closed while it was idle is replaced by a fresh one. What
    /// has not ended by the deadline is an error of kind `timedOut`, what has not gone out by
    /// then one of kind `notSent`.
    public func perform(
        _ requests: [HTTPRequest],
        _ deadline: Deadline
    ) -> [Result<HTTPResponse, TransportError>] {
        var results = requests.map { request in
            Result<HTTPResponse, TransportError>.failure(Self.error(.notSent, request, "not sent"))
        }
        var next = 0
        while true {
            while next < requests.count, transfersUnderWay < Self.maximumParallelRequests {
                do throws(TransportError) {
                    try start(requests[next], index: next, deadline)
                } catch {
                    results[next] = .failure(error)
                }
                next += 1
            }
            guard let transfers, transfers.count > 0 else { return results }
            for ended in transfers.nextEnded() {
                results[ended.index] = ended.result.mapError { failure in
                    TransportError(failure, of: requests[ended.index])
                }
            }
        }
    }

    private var transfersUnderWay: Int { transfers?.count ?? 0 }

    private func start(_ request: HTTPRequest, index: Int, _ deadline: Deadline)
        throws(TransportError)
    {
        if let defect = request.defect { throw Self.error(.invalid, request, defect) }
        let left = deadline.remaining(at: clock.now())
        guard left > 0 else { throw Self.error(.notSent, request, "the deadline has passed") }
        let limit = min(left, request.timeLimit ?? left)
        if request.isHTTPS, request.caBundle == nil, trust == nil {
            Exit.ignoreBrokenPipes()
            guard let path = CABundle.firstReadable(of: caBundlePaths) else {
                let paths = caBundlePaths.joined(separator: ", ")
                throw Self.error(.untrusted, request, "no CA bundle can be read of \(paths)")
            }
            trust = CABundle.Trust(path: path)
        }
        let settings = HTTPTransfers.Settings(
            timeoutMilliseconds: limit,
            connectTimeoutMilliseconds: min(limit, Self.connectTimeoutMilliseconds),
            trust: trust
        )
        do throws(CurlFailure) {
            try readyTransfers().start(request, index: index, settings)
        } catch {
            throw TransportError(error, of: request)
        }
    }

    private func readyTransfers() throws(CurlFailure) -> HTTPTransfers {
        if let transfers { return transfers }
        let made = try HTTPTransfers(maximumConnections: Self.maximumParallelRequests)
        transfers = made
        return made
    }

    private static func error(
        _ kind: TransportError.Kind,
        _ request: HTTPRequest,
        _ reason: String
    ) -> TransportError {
        TransportError(kind, method: request.method, origin: request.origin, reason: reason)
    }
}

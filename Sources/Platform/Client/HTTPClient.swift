internal import Codec

/// Sends HTTP requests in parallel and waits for their answers: libcurl's multi interface
/// behind a synchronous call.
///
/// Connections are kept alive from call to call. TLS certificates are always checked; no proxy
/// of the environment is used and no redirect followed. A request carries its own headers and nothing that libcurl
/// would add but `Host` and `Content-Length`. A body longer than the request takes is an error.
package final class HTTPClient {
    /// How many requests are performed at the same time at most; the others wait for one to end.
    ///
    /// Those that are begun do not count: their caller limits them.
    package static let maximumParallelRequests = 32
    /// How many requests are performed at the same time however few there are.
    ///
    /// 4: those with which an evaluation begins take one round trip.
    private static let fewRequests = 4
    /// How long connecting may take, the TLS handshake included, in milliseconds.
    package static let connectTimeoutMilliseconds = 3_000

    private let clock: WallClock
    private let caBundlePaths: [String]
    #if !hasFeature(Embedded)
        /// What HTTPS requests go through, for the tool; the functions go through none.
        package var proxy: HTTPProxy?
    #endif
    /// The bundle of the first of the paths that is there, once an HTTPS request has looked for it.
    private var trust: CABundle.Trust?
    /// Made for the first request: a cold start pays for neither TLS nor handles.
    private var transfers: HTTPTransfers?
    /// Requests that were begun and have ended, until `ended` returns them.
    private var begunAndEnded: [EndedRequest] = []

    /// Makes a client; nothing is connected or read before the first request.
    ///
    /// - Parameters:
    ///   - caBundle: The path of a PEM file to trust (`AWS_CA_BUNDLE`); `nil` for the system's.
    ///   - clock: Tells how much of a deadline is left.
    package init(caBundle: String? = nil, clock: WallClock = .system) {
        self.clock = clock
        caBundlePaths = caBundle.map { [$0] } ?? CABundle.usualPaths
    }

    /// This client as the seam that tests replace.
    package var transport: Transport {
        Transport(
            perform: { requests, deadline in self.perform(requests, deadline) },
            begin: { request, number, deadline in self.begin(request, number, deadline) },
            ended: { milliseconds in self.ended(within: milliseconds) }
        )
    }

    /// Sends the requests in parallel and returns one result for each, in their order.
    ///
    /// A connection that the server closed while it was idle is replaced by a fresh one. What
    /// has not ended by the deadline is an error of kind `timedOut`, what has not gone out by
    /// then one of kind `notSent`.
    package func perform(
        _ requests: [HTTPRequest],
        _ deadline: Deadline
    ) -> [Result<HTTPResponse, TransportError>] {
        var results = requests.map { request in
            Result<HTTPResponse, TransportError>.failure(
                TransportError(.notSent, of: request, "not sent")
            )
        }
        var next = 0
        var underWay = 0
        let places = Self.places(for: requests)
        while true {
            while next < requests.count, underWay < places {
                do throws(TransportError) {
                    try start(requests[next], for: .performing(index: next), deadline)
                    underWay += 1
                } catch {
                    results[next] = .failure(error)
                }
                next += 1
            }
            guard let transfers, underWay > 0 else { return results }
            for ended in transfers.nextEnded() {
                switch ended.waiter {
                case .performing(let index):
                    results[index] = ended.result
                    underWay -= 1
                case .begun(let number):
                    begunAndEnded.append(EndedRequest(number: number, result: ended.result))
                }
            }
        }
    }

    /// How many of these requests are performed at the same time, to all servers: 1.5 times the square
    /// root of their number.
    ///
    /// A further connection takes a TLS handshake, 1 ms of CPU time, which with 256 MB of memory takes
    /// 7 ms; a request takes some 20 ms. With 4 connections open, 100 requests take 31 ms of CPU time
    /// and 246 ms in all on 32 connections, 20 ms and 226 ms on 15; 20 requests 16 ms and 112 ms on 20
    /// connections, 5 ms and 79 ms on 7.
    private static func places(for requests: [HTTPRequest]) -> Int {
        // What must not go out twice has a connection of its own anyway, and may take long.
        if requests.contains(where: { !$0.isRepeatable }) { return maximumParallelRequests }
        var places = fewRequests
        while places < maximumParallelRequests, 4 * places * places < 9 * requests.count {
            places += 1
        }
        return places
    }

    /// Sends a request and does not wait: `ended` returns what came of it under that number.
    ///
    /// It has as long as one that is performed, and goes on while others are.
    package func begin(_ request: HTTPRequest, _ number: Int, _ deadline: Deadline) {
        do throws(TransportError) {
            try start(request, for: .begun(number: number), deadline)
        } catch {
            begunAndEnded.append(EndedRequest(number: number, result: .failure(error)))
        }
    }

    /// What has ended of the requests that were begun; waits at most that many milliseconds for the
    /// first.
    package func ended(within milliseconds: Int) -> [EndedRequest] {
        if let transfers, begunAndEnded.isEmpty {
            for ended in transfers.carryOn(within: milliseconds) {
                guard case .begun(let number) = ended.waiter else { continue }
                begunAndEnded.append(EndedRequest(number: number, result: ended.result))
            }
        }
        defer { begunAndEnded = [] }
        return begunAndEnded
    }

    private func start(
        _ request: HTTPRequest,
        for waiter: HTTPTransfers.Waiter,
        _ deadline: Deadline
    ) throws(TransportError) {
        if let defect = request.defect { throw TransportError(.invalid, of: request, defect) }
        let left = deadline.remaining(at: clock.now())
        guard left > 0 else {
            throw TransportError(.notSent, of: request, "the deadline has passed")
        }
        let limit = min(left, request.timeLimit ?? left)
        if request.isHTTPS, request.caBundle == nil, trust?.isOutdated ?? true {
            guard let path = CABundle.firstReadable(of: caBundlePaths) else {
                let paths = caBundlePaths.joined(separator: ", ")
                throw TransportError(
                    .untrusted,
                    of: request,
                    "no CA bundle can be read of \(paths)"
                )
            }
            trust = CABundle.Trust(path: path)
        }
        var settings = HTTPTransfers.Settings(
            timeoutMilliseconds: limit,
            connectTimeoutMilliseconds: min(limit, Self.connectTimeoutMilliseconds),
            trust: trust
        )
        #if !hasFeature(Embedded)
            settings.proxy = request.isHTTPS ? proxy : nil
        #endif
        try mapError(try readyTransfers().start(request, for: waiter, settings)) {
            TransportError($0, of: request)
        }
    }

    private func readyTransfers() throws(CurlFailure) -> HTTPTransfers {
        if let transfers { return transfers }
        Exit.ignoreBrokenPipes()
        let made = try HTTPTransfers(idleConnections: Self.maximumParallelRequests)
        transfers = made
        return made
    }
}

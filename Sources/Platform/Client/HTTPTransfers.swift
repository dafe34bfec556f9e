internal import CLibraries

/// Requests under way side by side, and the connections and handles that outlive them.
final class HTTPTransfers {
    /// The caller that waits for a request's response.
    enum Waiter {
        /// The caller of `perform`, among whose requests it has that index.
        case performing(index: Int)
        /// The caller of `begin`, which asks for the response later by that number.
        case begun(number: Int)
    }

    private struct Running {
        var waiter: Waiter
        var request: HTTPRequest
        var exchange: HTTPExchange
    }

    /// A request that has ended.
    struct Ended {
        var waiter: Waiter
        var result: Result<HTTPResponse, TransportError>
    }

    /// What a transfer is started with besides its request.
    struct Settings {
        /// How long it may take as a whole, in milliseconds; more than 0.
        var timeoutMilliseconds: Int
        /// How long connecting may take, in milliseconds.
        var connectTimeoutMilliseconds: Int
        /// The certificates to trust, unless the request has its own.
        var trust: CABundle.Trust?
        #if !hasFeature(Embedded)
            var proxy: HTTPProxy?
        #endif
    }

    private let multi: CurlMulti
    private let sessions: TLSSessions
    private var running: [Running] = []
    private var idle: [HTTPExchange] = []

    /// - Parameter idleConnections: How many stay open without a transfer, of all hosts together.
    init(idleConnections: Int) throws(CurlFailure) {
        multi = try CurlMulti()
        sessions = try TLSSessions()
        try multi.set(CURLMOPT_MAXCONNECTS, idleConnections)
    }

    deinit {
        for transfer in running { try? multi.remove(transfer.exchange.handle) }
    }

    func start(
        _ request: HTTPRequest,
        for waiter: Waiter,
        _ settings: Settings
    ) throws(CurlFailure) {
        let exchange = try idleOrNewExchange()
        try exchange.prepare(request)
        exchange.keepBody(request.body)
        try exchange.handle.set(CURLOPT_TIMEOUT_MS, settings.timeoutMilliseconds)
        try exchange.handle.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeoutMilliseconds)
        // What breaks on a kept connection libcurl sends again by itself (lib/transfer.c,
        // Curl_retry_request), and does not tell.
        try exchange.handle.set(CURLOPT_FRESH_CONNECT, request.isRepeatable ? 0 : 1)
        if request.isHTTPS {
            try exchange.handle.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
            // Else a folder that libcurl was built with is trusted besides.
            try exchange.handle.set(CURLOPT_CAPATH, nil)
            try CABundle.setTrust(settings.trust, orOf: request.caBundle, of: exchange.handle)
        }
        #if !hasFeature(Embedded)
            try HTTPProxy.set(settings.proxy, of: exchange.handle)
        #endif
        try multi.add(exchange.handle)
        running.append(Running(waiter: waiter, request: request, exchange: exchange))
    }

    /// Carries on until at least one request has ended, and returns those that have.
    func nextEnded() -> [Ended] {
        var ended: [Ended] = []
        // The timeouts of the transfers end the wait earlier.
        while ended.isEmpty, !running.isEmpty { ended = carryOn(within: 1_000) }
        return ended
    }

    /// Carries on with all, waits at most that many milliseconds where none has ended, and returns
    /// those that have.
    func carryOn(within milliseconds: Int) -> [Ended] {
        var ended: [Ended] = []
        do throws(CurlFailure) {
            try multi.drive()
            takeEnded(&ended)
            guard ended.isEmpty, milliseconds > 0, !running.isEmpty else { return ended }
            try multi.wait(milliseconds: milliseconds)
            try multi.drive()
            takeEnded(&ended)
        } catch {
            // The multi handle itself failed: nothing more will come of any of them.
            while let transfer = running.popLast() {
                try? multi.remove(transfer.exchange.handle)
                let failure = TransportError(error, of: transfer.request)
                ended.append(Ended(waiter: transfer.waiter, result: .failure(failure)))
            }
        }
        return ended
    }

    private func takeEnded(_ ended: inout [Ended]) {
        while let end = multi.nextEnded() {
            guard let place = running.firstIndex(where: { end.isOf($0.exchange.handle) })
            else { continue }
            ended.append(finish(running.remove(at: place), end.code))
        }
    }

    private func idleOrNewExchange() throws(CurlFailure) -> HTTPExchange {
        if let exchange = idle.popLast() { return exchange }
        return try HTTPExchange(sharing: sessions)
    }

    private func finish(_ transfer: Running, _ code: CURLcode) -> Ended {
        let exchange = transfer.exchange
        do throws(CurlFailure) {
            try multi.remove(exchange.handle)
            let response = try exchange.end(code)
            idle.append(exchange)
            return Ended(waiter: transfer.waiter, result: .success(response))
        } catch {
            // A handle that failed is not used again: it starts the next one with a clean slate.
            let failure = TransportError(error, of: transfer.request)
            return Ended(waiter: transfer.waiter, result: .failure(failure))
        }
    }
}

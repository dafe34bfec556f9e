package import Platform

/// Delivers answers to CloudFormation: a PUT to a presigned URL of S3's.
package struct CustomResourceResponder {
    private let transport: Transport
    private let clock: WallClock
    private let random: Randomness

    /// Milliseconds that one attempt may take, so that one without an answer leaves time for
    /// another.
    private static var attemptLimit: Int { 5_000 }

    package init(transport: Transport, clock: WallClock, random: Randomness) {
        self.transport = transport
        self.clock = clock
        self.random = random
    }

    /// Sends an answer until it is taken, refused, or the deadline has come.
    ///
    /// An answer that was taken and is sent again is the same object once more. Throws the
    /// reason; neither it nor anything else shows the URL.
    package func deliver(
        _ response: CustomResourceResponse,
        to url: ResponseURL,
        deadline: Deadline
    ) throws(CustomResourceError) {
        // The URL is signed for an empty type: any other is refused.
        let request = HTTPRequest(
            method: "PUT",
            origin: url.origin,
            target: url.target,
            headers: ["Content-Type": ""],
            body: response.encoded()
        )
        var reason = "the deadline had passed"
        var attempts = 0
        while deadline.remaining(at: clock.now()) > 0 {
            attempts += 1
            let limit = deadline.limited(toMilliseconds: Self.attemptLimit, from: clock.now())
            let outcome = Self.outcome(transport.perform([request], limit))
            if case .taken = outcome { return }
            if case .refused(let why) = outcome { throw Self.undelivered(why) }
            if case .failed(let why) = outcome { reason = why }
            let pause = BackOff.pause(afterAttempts: attempts, random)
            guard pause < deadline.remaining(at: clock.now()) else { break }
            clock.sleep(pause)
        }
        throw Self.undelivered(reason)
    }

    private enum Outcome {
        case taken
        /// It may be taken the next time.
        case failed(String)
        case refused(String)
    }

    private static func outcome(_ results: [Result<HTTPResponse, TransportError>]) -> Outcome {
        switch results.first {
        case .success(let response):
            if (200..<300).contains(response.status) { return .taken }
            let code = ErrorResponse(response).code
            let words = code.utf8.isEmpty ? "\(response.status)" : "\(response.status) \(code)"
            let isTransient =
                response.status >= 500 || Retry.isRetryable(status: response.status, code: code)
            return isTransient ? .failed(words) : .refused(words)
        case .failure(let error):
            switch error.kind {
            case .untrusted, .tooLarge, .invalid: return .refused(error.reason)
            case .unresolved, .unreachable, .timedOut, .notSent, .broken:
                return .failed(error.reason)
            }
        case nil:
            return .refused("nothing was sent")
        }
    }

    private static func undelivered(_ reason: String) -> CustomResourceError {
        CustomResourceError("the answer to CloudFormation could not be delivered: \(reason)")
    }
}

import Platform

/// Says on standard error that a call is tried again, and why: else nobody knows what is waited for.
///
/// Calls are tried again after a pause (`CallSender`): what is sent after one is another attempt.
final class RetryNotice {
    private let inner: Transport
    private let wall: WallClock
    private let tell: (String) -> Void
    private var attempt = 1
    private var hasPaused = false
    private var reason: String?

    init(
        _ transport: Transport,
        clock: WallClock = .system,
        tell: @escaping (String) -> Void = { StandardError.tell($0) }
    ) {
        inner = transport
        wall = clock
        self.tell = tell
    }

    /// Sends as the transport does that it was made of.
    var transport: Transport {
        Transport { requests, deadline in
            if !self.hasPaused { self.attempt = 1 }
            self.hasPaused = false
            let results = self.inner.perform(requests, deadline)
            self.reason = zip(requests, results).lazy.compactMap(Self.reason).first
            return results
        }
    }

    /// The clock whose pauses are those between attempts.
    var clock: WallClock {
        WallClock(
            now: wall.now,
            sleep: { milliseconds in
                self.attempt += 1
                self.hasPaused = true
                let reason = self.reason.map { "\($0): " } ?? ""
                self.tell("\(reason)retrying (\(self.attempt) of \(BackOff.maximumAttempts))")
                self.wall.sleep(milliseconds)
            }
        )
    }

    private static func reason(
        _ request: HTTPRequest,
        _ result: Result<HTTPResponse, TransportError>
    ) -> String? {
        switch result {
        case .failure(let error): error.description
        case .success(let response):
            // What is not found or not allowed is no reason to try again.
            response.status == 429 || response.status >= 500
                ? "\(request.method) \(request.origin): status \(response.status)" : nil
        }
    }
}

package import Codec

/// Sends calls in parallel, and sends again what may succeed the next time.
package struct CallSender {
    /// Milliseconds that one attempt of a repeatable call may take, so that an answer that never
    /// comes leaves time for another.
    ///
    /// One that is not repeatable has all the time that is left: a slow server is no lost answer.
    package var attemptLimit: Int

    private let transport: Transport
    private let clock: WallClock
    private let backOff: BackOff

    package init(transport: Transport, clock: WallClock, random: Randomness, attemptLimit: Int) {
        self.transport = transport
        self.clock = clock
        self.backOff = BackOff(clock: clock, random: random)
        self.attemptLimit = attemptLimit
    }

    /// Returns one result for each call, in their order.
    ///
    /// What fails retryably is sent again, up to four times in all and never at or after the
    /// deadline, with a pause between that has no fixed length; a call that is not repeatable only
    /// where nothing can have come of it.
    ///
    /// - Parameters:
    ///   - request: a call as it is sent at that moment, made anew for each attempt.
    ///   - failure: what a response means whose status is none that the call expects.
    package func send<Call: ServiceCall>(
        _ calls: [Call],
        deadline: Deadline,
        request: (_ call: Call, _ now: Timestamp) throws(CallError) -> HTTPRequest,
        failure: (_ call: Call, _ response: HTTPResponse) -> CallError
    ) -> [Result<HTTPResponse, CallError>] {
        var results = calls.map { Self.notSent($0) }
        backOff.repeating(Array(calls.indices), until: deadline) { pending in
            let now = clock.now()
            var sent: [Int] = []
            var requests: [HTTPRequest] = []
            for index in pending {
                do throws(CallError) {
                    var request = try request(calls[index], now)
                    request.timeLimit = calls[index].isRepeatable ? attemptLimit : nil
                    requests.append(request)
                    sent.append(index)
                } catch {
                    results[index] = .failure(error)
                }
            }
            guard !requests.isEmpty else { return [] }
            let answers = transport.perform(requests, deadline)
            var again: [Int] = []
            for (index, answer) in zip(sent, answers) {
                let call = calls[index]
                results[index] = Self.result(of: call, answer, after: results[index], failure)
                if case .failure(let error) = results[index], Self.mayRepeat(call, after: error) {
                    again.append(index)
                }
            }
            return again
        }
        return results
    }

    /// The result of a call for which there is no time left.
    package static func notSent<Call: ServiceCall>(
        _ call: Call
    ) -> Result<HTTPResponse, CallError> {
        .failure(
            CallError(
                call,
                code: "NotSent",
                message: "the deadline passed before it was sent",
                isRetryable: true
            )
        )
    }

    /// Whether a call may be sent again.
    package static func mayRepeat<Call: ServiceCall>(_ call: Call, after error: CallError) -> Bool {
        error.isRetryable && (call.isRepeatable || !error.mayHaveActed)
    }

    /// What a response means for its call, given the result of the attempt before.
    package static func result<Call: ServiceCall>(
        of call: Call,
        _ answer: Result<HTTPResponse, TransportError>,
        after earlier: Result<HTTPResponse, CallError>,
        _ failure: (Call, HTTPResponse) -> CallError
    ) -> Result<HTTPResponse, CallError> {
        var error: CallError
        switch answer {
        case .success(let response):
            if call.expectedStatuses.contains(response.status) { return .success(response) }
            error = failure(call, response)
        case .failure(let reason):
            error = CallError(call, reason)
        }
        // What an earlier attempt has left open no later failure settles.
        if case .failure(let earlier) = earlier, earlier.mayHaveActed { error.mayHaveActed = true }
        return .failure(error)
    }
}

/// One call of a service as a value.
package protocol ServiceCall {
    /// The operation with its service, as IAM writes it: `s3:PutObject`.
    var action: String { get }
    /// The resource, for errors; never a secret: `bucket/key`.
    var resource: String { get }
    /// The statuses that come back as a response; every other one is an error.
    var expectedStatuses: [Int] { get }
    /// Whether doing it twice is the same as doing it once: only then is it sent again after an
    /// answer that was lost.
    var isRepeatable: Bool { get }
}

/// How many times something that fails is tried again, and after which pauses.
package struct BackOff {
    package static var maximumAttempts: Int { 4 }

    /// The first pause's upper bound, in milliseconds; each next one's is twice as long.
    static var firstPause: Int { 50 }

    /// The largest upper bound of a pause, in milliseconds.
    static var maximumPause: Int { 2000 }

    private let clock: WallClock
    private let random: Randomness

    package init(clock: WallClock, random: Randomness) {
        self.clock = clock
        self.random = random
    }

    /// Attempts things until none is left that may succeed the next time, they have been tried
    /// four times, or the deadline has come.
    ///
    /// - Parameter attempt: tries those things once and returns which to try again.
    package func repeating(
        _ all: [Int],
        until deadline: Deadline,
        attempt: (_ pending: [Int]) -> [Int]
    ) {
        var pending = all
        var attempts = 0
        while !pending.isEmpty, deadline.remaining(at: clock.now()) > 0 {
            attempts += 1
            pending = attempt(pending)
            guard !pending.isEmpty, attempts < Self.maximumAttempts else { return }
            let pause = Self.pause(afterAttempts: attempts, random)
            guard pause < deadline.remaining(at: clock.now()) else { return }
            clock.sleep(pause)
        }
    }

    /// A pause in milliseconds after that many attempts, anywhere between none and its bound:
    /// "full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    package static func pause(afterAttempts attempts: Int, _ random: Randomness) -> Int {
        // Six doublings reach the longest; more would overflow in the end.
        random.next(upTo: min(maximumPause, firstPause << min(attempts - 1, 6)))
    }
}

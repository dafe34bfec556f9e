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

    /// Makes a sender; nothing is sent yet.
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

    /// What comes of a call that there is no time for.
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

    /// What an answer means for its call, after what came of the attempt before.
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

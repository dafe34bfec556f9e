public import Platform

/// Sends calls of HTTP APIs that are not AWS's, and sends again what may succeed the next time.
public struct APIClient {
    private let transport: Transport
    private let clock: WallClock
    private let backOff: BackOff
    private var attemptLimit: Int

    /// Makes a client; one attempt of a call takes `attemptLimit` milliseconds at most.
    public init(transport: Transport, clock: WallClock, random: Randomness, attemptLimit: Int) {
        self.transport = transport
        self.clock = clock
        self.backOff = BackOff(clock: clock, random: random)
        self.attemptLimit = attemptLimit
    }

    /// The same client with another limit for one attempt of a call.
    public func limitingAttempts(toMilliseconds limit: Int) -> APIClient {
        var client = self
        client.attemptLimit = limit
        return client
    }

    /// Sends the calls in parallel and returns one result for each, in their order.
    ///
    /// What fails retryably is sent again, up to four times in all and never at or after the
    /// deadline; a call that is not repeatable only where nothing can have come of it.
    public func send(
        _ calls: [APICall],
        deadline: Deadline
    ) -> [Result<HTTPResponse, APIError>] {
        var results: [Result<HTTPResponse, APIError>] = calls.map { call in
            .failure(
                APIError(
                    call,
                    code: "TimedOut",
                    message: "the deadline passed before it was sent",
                    isRetryable: true
                )
            )
        }
        backOff.repeating(Array(calls.indices), until: deadline) { pending in
            let limit = deadline.limited(toMilliseconds: attemptLimit, from: clock.now())
            let answers = transport.perform(pending.map { calls[$0].request }, limit)
            var again: [Int] = []
            for (index, answer) in zip(pending, answers) {
                let call = calls[index]
                results[index] = Self.outcome(of: call, answer, after: results[index])
                if case .failure(let error) = results[index], error.isRetryable,
                    call.isRepeatable || !error.mayHaveActed
                {
                    again.append(index)
                }
            }
            return again
        }
        return results
    }

    /// What an answer means for its call, after what came of the attempt before.
    private static func outcome(
        of call: APICall,
        _ answer: Result<HTTPResponse, TransportError>,
        after earlier: Result<HTTPResponse, APIError>
    ) -> Result<HTTPResponse, APIError> {
        var error: APIError
        switch answer {
        case .success(let response):
            if call.expectedStatuses.contains(response.status) { return .success(response) }
            error = APIError(call, response)
        case .failure(let failure):
            error = APIError(call, failure)
        }
        // What an earlier attempt has left open no later failure settles.
        if case .failure(let earlier) = earlier, earlier.mayHaveActed { error.mayHaveActed = true }
        return .failure(error)
    }
}

package import Platform

/// Sends calls of HTTP APIs that are not AWS's.
package struct APIClient {
    private var sender: CallSender
    private let transport: Transport
    private let clock: WallClock
    private let random: Randomness

    /// Makes a client; one attempt of a call takes `attemptLimit` milliseconds at most.
    package init(transport: Transport, clock: WallClock, random: Randomness, attemptLimit: Int) {
        self.transport = transport
        self.clock = clock
        self.random = random
        sender = CallSender(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: attemptLimit
        )
    }

    /// The same client with another limit for one attempt of a call.
    package func limitingAttempts(toMilliseconds limit: Int) -> APIClient {
        var client = self
        client.sender.attemptLimit = limit
        return client
    }

    /// Calls that go on while others are made; none yet.
    package func callsUnderWay() -> APICallsUnderWay {
        APICallsUnderWay(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: sender.attemptLimit
        )
    }

    /// Sends the calls in parallel and returns one result for each, in their order; what may
    /// succeed the next time is sent again, as `CallSender` does.
    package func send(
        _ calls: [APICall],
        deadline: Deadline
    ) -> [Result<HTTPResponse, CallError>] {
        sender.send(
            calls,
            deadline: deadline,
            request: { call, _ in call.request },
            failure: { call, response in CallError(call, response) }
        )
    }
}

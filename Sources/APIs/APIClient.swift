public import Platform

/// Sends calls of HTTP APIs that are not AWS's.
public struct APIClient {
    private var sender: CallSender

    /// Makes a client; one attempt of a call takes `attemptLimit` milliseconds at most.
    public init(transport: Transport, clock: WallClock, random: Randomness, attemptLimit: Int) {
        sender = CallSender(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: attemptLimit
        )
    }

    /// The same client with another limit for one attempt of a call.
    public func limitingAttempts(toMilliseconds limit: Int) -> APIClient {
        var client = self
        client.sender.attemptLimit = limit
        return client
    }

    /// Sends the calls in parallel and returns one result for each, in their order; what may
    /// succeed the next time is sent again, as `CallSender` does.
    public func send(
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

public import Platform

internal import Codec

/// Signs calls, sends them, and sends again what may succeed the next time.
public final class AWSClient {
    /// The region of calls that name none.
    public let region: String

    private let credentials: Credentials
    private let endpoints: Endpoints
    private let transport: Transport
    private let clock: WallClock
    private let backOff: BackOff
    private let attemptLimit: Int
    private let signer = Signer()

    /// Makes a client.
    ///
    /// One attempt of a call takes `attemptLimit` milliseconds at most, so that an answer that
    /// never comes leaves time for another.
    public init(
        region: String,
        credentials: Credentials,
        endpoints: Endpoints,
        transport: Transport,
        clock: WallClock,
        random: Randomness,
        attemptLimit: Int = 10_000
    ) {
        self.region = region
        self.credentials = credentials
        self.endpoints = endpoints
        self.transport = transport
        self.clock = clock
        self.backOff = BackOff(clock: clock, random: random)
        self.attemptLimit = attemptLimit
    }

    /// Sends the calls in parallel and returns one result for each, in their order.
    ///
    /// What fails retryably is signed and sent again, up to four times in all and never at or
    /// after the deadline, with a pause between that has no fixed length; a call that is not
    /// repeatable only where nothing can have come of it.
    public func send(
        _ calls: [AWSCall],
        deadline: Deadline
    ) -> [Result<HTTPResponse, AWSError>] {
        var results: [Result<HTTPResponse, AWSError>] = calls.map { call in
            .failure(
                AWSError(
                    call,
                    code: "TimedOut",
                    message: "the deadline passed before it was sent",
                    isRetryable: true
                )
            )
        }
        backOff.repeating(Array(calls.indices), until: deadline) { pending in
            attempt(calls, pending, deadline, &results)
        }
        return results
    }

    /// The URL by which whoever has it makes a call without a body, with the same headers.
    public func presignedURL(
        of call: AWSCall,
        expiresAfter seconds: Int
    ) throws(AWSError) -> String {
        let endpoint = try endpoint(of: call)
        let request = signable(call, at: endpoint)
        let query = signer.presign(
            request,
            for: call.service,
            region: call.region ?? region,
            credentials: call.credentials ?? credentials,
            at: clock.now(),
            expiresAfter: seconds
        )
        return endpoint.origin + Self.target(request.path, query)
    }

    /// Sends one call.
    public func send(_ call: AWSCall, deadline: Deadline) throws(AWSError) -> HTTPResponse {
        try send([call], deadline: deadline)[0].get()
    }
}

extension AWSClient {
    /// Sends those of the calls once, keeps their results and returns which to send again.
    private func attempt(
        _ calls: [AWSCall],
        _ pending: [Int],
        _ deadline: Deadline,
        _ results: inout [Result<HTTPResponse, AWSError>]
    ) -> [Int] {
        let now = clock.now()
        var sent: [Int] = []
        var requests: [HTTPRequest] = []
        for index in pending {
            do throws(AWSError) {
                requests.append(try signed(calls[index], at: now))
                sent.append(index)
            } catch {
                results[index] = .failure(error)
            }
        }
        guard !requests.isEmpty else { return [] }
        let limit = deadline.limited(toMilliseconds: attemptLimit, from: now)
        let answers = transport.perform(requests, limit)
        var again: [Int] = []
        for (index, answer) in zip(sent, answers) {
            results[index] = outcome(of: calls[index], answer).mapError { error in
                // What an earlier attempt has left open no later failure settles.
                guard case .failure(let earlier) = results[index], earlier.mayHaveActed else {
                    return error
                }
                var error = error
                error.mayHaveActed = true
                return error
            }
            if case .failure(let error) = results[index], error.isRetryable,
                calls[index].isRepeatable || !error.mayHaveActed
            {
                again.append(index)
            }
        }
        return again
    }

    /// What an answer means for its call.
    private func outcome(
        of call: AWSCall,
        _ answer: Result<HTTPResponse, TransportError>
    ) -> Result<HTTPResponse, AWSError> {
        switch answer {
        case .failure(let error):
            return .failure(AWSError(call, error))
        case .success(let response):
            if call.expectedStatuses.contains(response.status) { return .success(response) }
            let secrets = call.credentials ?? credentials
            return .failure(AWSError(call, response, hiding: secrets))
        }
    }

    /// The call as an HTTP request with an `Authorization` header.
    private func signed(_ call: AWSCall, at now: Timestamp) throws(AWSError) -> HTTPRequest {
        let endpoint = try endpoint(of: call)
        let request = signable(call, at: endpoint)
        let headers = signer.authorize(
            request,
            for: call.service,
            region: call.region ?? region,
            credentials: call.credentials ?? credentials,
            at: now
        )
        return HTTPRequest(
            method: call.method,
            origin: endpoint.origin,
            target: Self.target(request.path, request.query),
            headers: headers,
            body: call.body,
            isRepeatable: call.isRepeatable
        )
    }

    /// The call as the signature sees it.
    private func signable(_ call: AWSCall, at endpoint: Endpoints.Endpoint) -> SigV4.Request {
        var headers: HTTPHeaders = ["Host": endpoint.host]
        for field in call.headers.fields { headers.append(field.name, field.value) }
        return SigV4.Request(
            method: call.method,
            path: endpoint.pathPrefix + call.path,
            query: call.query,
            headers: headers,
            payloadHash: SigV4.payloadHash(call.body)
        )
    }

    private func endpoint(of call: AWSCall) throws(AWSError) -> Endpoints.Endpoint {
        let region = call.region ?? region
        guard
            let endpoint = endpoints.endpoint(
                of: call.service,
                region: region,
                bucket: call.bucket
            )
        else {
            throw AWSError(
                call,
                code: "InvalidRegion",
                message: "'\(region)' is not the name of a region",
                isRetryable: false
            )
        }
        return endpoint
    }

    /// Path and query as they go on the wire.
    private static func target(_ path: String, _ query: [QueryItem]) -> String {
        query.isEmpty ? path : path + "?" + QueryItem.encoded(query)
    }
}

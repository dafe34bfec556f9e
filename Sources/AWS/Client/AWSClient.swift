package import Platform

internal import Codec

/// Signs calls and sends them.
package final class AWSClient {
    /// The region of calls that name none.
    package let region: String

    private let credentials: Credentials
    private let endpoints: Endpoints
    private let transport: Transport
    let clock: WallClock
    let random: Randomness
    private let sender: CallSender
    private let signer = Signer()

    /// Makes a client; one attempt of a call takes `attemptLimit` milliseconds at most.
    package init(
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
        self.random = random
        self.sender = CallSender(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: attemptLimit
        )
    }

    /// Sends the calls in parallel and returns one result for each, in their order; what may
    /// succeed the next time is signed and sent again, as `CallSender` does.
    package func send(_ calls: [AWSCall], deadline: Deadline) -> [Result<HTTPResponse, CallError>] {
        sender.send(
            calls,
            deadline: deadline,
            request: signed,
            failure: { call, response in
                CallError(call, response, hiding: call.credentials ?? credentials)
            }
        )
    }

    /// A URL that makes a call without a body for anyone who has it, with the same headers.
    package func presignedURL(
        of call: AWSCall,
        expiresAfter seconds: Int
    ) throws(CallError) -> String {
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

    /// Sends one call once and waits for its response for as long as the deadline allows.
    ///
    /// For what may take longer than one attempt of other calls, and where another attempt is
    /// not what helps.
    package func sendOnce(_ call: AWSCall, deadline: Deadline) throws(CallError) -> HTTPResponse {
        let request = try signed(call, at: clock.now())
        switch transport.perform([request], deadline)[0] {
        case .success(let response):
            if call.expectedStatuses.contains(response.status) { return response }
            throw CallError(call, response, hiding: call.credentials ?? credentials)
        case .failure(let error):
            throw CallError(call, error)
        }
    }

    package func send(_ call: AWSCall, deadline: Deadline) throws(CallError) -> HTTPResponse {
        try send([call], deadline: deadline)[0].get()
    }
}

extension AWSClient {
    private func signed(_ call: AWSCall, at now: Timestamp) throws(CallError) -> HTTPRequest {
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
            isRepeatable: call.isRepeatable,
            largestResponse: call.largestResponse
        )
    }

    /// The call as the signature sees it.
    private func signable(_ call: AWSCall, at endpoint: HTTPURL) -> SigV4.Request {
        var headers: HTTPHeaders = ["Host": endpoint.hostHeader]
        for field in call.headers.fields { headers.append(field.name, field.value) }
        return SigV4.Request(
            method: call.method,
            path: endpoint.path + call.path,
            query: call.query,
            headers: headers,
            payloadHash: SigV4.payloadHash(call.body)
        )
    }

    private func endpoint(of call: AWSCall) throws(CallError) -> HTTPURL {
        let region = call.region ?? region
        guard
            let endpoint = endpoints.endpoint(of: call.service, region: region, bucket: call.bucket)
        else {
            throw CallError(
                call,
                code: "InvalidRegion",
                message: "'\(region)' is not the name of a region",
                isRetryable: false
            )
        }
        return endpoint
    }

    /// Path and query as they are sent.
    private static func target(_ path: String, _ query: [NamedValue]) -> String {
        query.isEmpty ? path : path + "?" + PercentEncoding.encode(query)
    }
}

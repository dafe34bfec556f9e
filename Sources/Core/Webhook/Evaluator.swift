internal import AWS
internal import Codec
internal import Platform

/// The `evaluate` function as `webhook` sees it: takes changes, and tells what it decided where
/// that is waited for.
struct Evaluator {
    let services: Services
    let functionARN: String

    /// Bytes above which a hand-over goes by way of S3.
    ///
    /// An asynchronous invocation takes 1 MB (Lambda's quotas; Invoke), whether 10^6 or
    /// 2^20 bytes they do not say.
    static let largestPayload = 900_000
    /// Milliseconds below which decisions are not waited for.
    static let leastWait = 1_000

    /// Hands over all changes and tests in parallel; fails where one could not be.
    ///
    /// To hand one over twice does no harm: `evaluate` starts nothing twice (``StartRun``).
    func handOver(
        _ parsed: ParsedDelivery,
        traceID: String?,
        deadline: Deadline
    ) throws(Unavailable) {
        let tests = parsed.tests.map { Payload(bytes: EvaluateRequest.test($0).encoded()) }
        let payloads = tests + (try payloads(of: parsed.changes, deadline: deadline))
        try enqueue(payloads, traceID, deadline)
    }

    /// What `evaluate` is invoked with.
    private struct Payload {
        var bytes: [UInt8]
        /// The change that it holds, where that is not stored in S3.
        var change: Change?
    }

    /// Has a change evaluated and waits for what is decided, until a second before the deadline.
    ///
    /// What ends otherwise than with decisions is handed over, for Lambda tries no synchronous
    /// invocation again. `evaluate` may then run twice at a time: the second run finds the
    /// ledger's lease held, fails, and comes again by Lambda a minute later. So the synchronous
    /// invocation itself is sent once: to repeat it would not help any better.
    func decide(
        _ change: Change,
        traceID: String?,
        deadline: Deadline,
        _ log: Logger
    ) throws(Unavailable) -> DecisionPage {
        let payloads = try payloads(of: [change], deadline: deadline)
        let key = services.keys.decision(on: change)
        let waitUntil = deadline.reserving(milliseconds: ResponseDeadline.handOverReserve)
        guard waitUntil.remaining(at: services.clock.now()) >= Self.leastWait else {
            try enqueue(payloads, traceID, deadline)
            return DecisionPage(pending: "there is no time left to wait for decisions", key: key)
        }
        let call = LambdaService.invoke(functionARN, payload: payloads[0].bytes, traceID: traceID)
        do throws(CallError) {
            let response = try services.client.sendOnce(call, deadline: waitUntil)
            let answer = try LambdaService.answer(of: call, response)
            return DecisionPage(decided: answer, key: key)
                ?? DecisionPage(pending: "evaluated; the answer cannot be shown", key: key)
        } catch {
            log.warning("handed over, since no decisions came: \(error)")
            try enqueue(payloads, traceID, deadline)
            return DecisionPage(pending: Self.reason(error), key: key)
        }
    }

    /// Why there are no decisions; the message, which may hold an ARN, is the log's alone.
    private static func reason(_ error: CallError) -> String {
        isSame(error.code, TransportError.Kind.timedOut.code)
            ? "the evaluation takes longer than can be waited for"
            : "the evaluation is made again, since it failed: \(error.code)"
    }

    /// What `evaluate` is invoked with for each change, stored in S3 first where it is too large.
    private func payloads(
        of changes: [Change],
        deadline: Deadline
    ) throws(Unavailable) -> [Payload] {
        let payloads = changes.map {
            Payload(bytes: EvaluateRequest.change($0).encoded(), change: $0)
        }
        return try storing(payloads, deadline) { $0.bytes.count > Self.largestPayload }
    }

    /// Stores the changes of some payloads in S3: what is handed over of them is the key.
    private func storing(
        _ payloads: [Payload],
        _ deadline: Deadline,
        where isToBeStored: (Payload) -> Bool
    ) throws(Unavailable) -> [Payload] {
        var stored: [AWSCall] = []
        let payloads = payloads.map { payload in
            guard let change = payload.change, isToBeStored(payload) else { return payload }
            let key = services.keys.change(change)
            stored.append(services.put(key, payload.bytes))
            return Payload(bytes: EvaluateRequest.stored(key: key).encoded())
        }
        for case .failure(let error) in services.client.send(stored, deadline: deadline) {
            throw Unavailable("the change cannot be stored", because: error)
        }
        return payloads
    }

    /// Invokes `evaluate` asynchronously; what Lambda finds too large goes by way of S3, since a
    /// region may take less than ``largestPayload``.
    private func enqueue(
        _ payloads: [Payload],
        _ traceID: String?,
        _ deadline: Deadline
    ) throws(Unavailable) {
        let calls = payloads.map {
            LambdaService.invokeAsynchronously(functionARN, payload: $0.bytes, traceID: traceID)
        }
        var tooLarge: [Payload] = []
        for (payload, result) in zip(payloads, services.client.send(calls, deadline: deadline)) {
            guard case .failure(let error) = result else { continue }
            guard error.status == 413, payload.change != nil else {
                throw Unavailable("the evaluate function cannot be reached", because: error)
            }
            tooLarge.append(payload)
        }
        guard !tooLarge.isEmpty else { return }
        try enqueue(storing(tooLarge, deadline) { _ in true }, traceID, deadline)
    }
}

/// When a request over HTTP must have its response, so that it comes before the sender times out.
///
/// GitHub waits 10 s, the network included (docs.github.com, "Best practices for using webhooks").
struct ResponseDeadline {
    let response: Deadline

    /// Milliseconds after the request was taken within which the response is made.
    static let responseWithin = 8_000
    /// Milliseconds that a hand-over gets even where a request has come late: a change must not be
    /// lost, even if the response is late.
    static let leastToHandOver = 1_500
    /// Milliseconds that are kept for the hand-over while decisions are waited for.
    static let handOverReserve = 1_000
    /// Milliseconds after which nobody waits any longer.
    static let senderWaits = 10_000

    /// Counts from when API Gateway took the request, where the event tells: the way to here, and
    /// a start of the function, are the sender's time too.
    ///
    /// A moment that is to come is a clock that is ahead; one long past is a request that was
    /// recorded and is sent again, or nobody waits for it any longer.
    init(of request: HTTPEvent, at now: Timestamp, within invocation: Deadline) {
        var began = now
        if let taken = request.requestTime, taken < now,
            now < taken.adding(milliseconds: Self.senderWaits)
        {
            began = taken
        }
        let respondBy = max(
            began.adding(milliseconds: Self.responseWithin),
            now.adding(milliseconds: Self.leastToHandOver)
        )
        response = Deadline(min(respondBy, invocation.expires))
    }
}

/// Why a delivery can be neither taken nor refused now.
///
/// Answered 503, so that GitHub shows it as failed and it can be redelivered.
struct Unavailable: Error, Equatable {
    /// What the sender may know.
    let reason: String
    /// What the log says besides.
    let cause: CallError?

    init(_ reason: String, because cause: CallError? = nil) {
        self.reason = reason
        self.cause = cause
    }
}

internal import AWS
internal import Codec
internal import Platform
internal import Trigger

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
    /// To hand one over twice does no harm: `evaluate` starts nothing twice.
    func handOver(
        _ description: Description,
        traceID: String?,
        deadline: Deadline
    ) throws(Unavailable) {
        let payloads =
            description.tests.map { HandOver.test($0).encoded() }
            + (try self.payloads(of: description.changes, deadline: deadline))
        try enqueue(payloads, traceID, deadline)
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
        let key = "\(services.prefix)/\(DecisionRecord.key(of: change))"
        let waitUntil = deadline.reserving(milliseconds: AnswerTime.handOverReserve)
        guard waitUntil.remaining(at: services.clock.now()) >= Self.leastWait else {
            try enqueue(payloads, traceID, deadline)
            return DecisionPage(pending: "there is no time left to wait for decisions", key: key)
        }
        let call = LambdaService.invoke(functionARN, payload: payloads[0], traceID: traceID)
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
    ) throws(Unavailable) -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        var stored: [AWSCall] = []
        for change in changes {
            let payload = HandOver.change(change).encoded()
            if payload.count <= Self.largestPayload {
                payloads.append(payload)
            } else {
                let key = HandOver.key(of: change)
                stored.append(services.put(key, payload))
                payloads.append(HandOver.stored(key: "\(services.prefix)/\(key)").encoded())
            }
        }
        try send(stored, orSay: "the change cannot be stored", deadline)
        return payloads
    }

    private func enqueue(
        _ payloads: [[UInt8]],
        _ traceID: String?,
        _ deadline: Deadline
    ) throws(Unavailable) {
        let calls = payloads.map {
            LambdaService.invokeAsynchronously(functionARN, payload: $0, traceID: traceID)
        }
        try send(calls, orSay: "the evaluate function cannot be reached", deadline)
    }

    private func send(
        _ calls: [AWSCall],
        orSay reason: String,
        _ deadline: Deadline
    ) throws(Unavailable) {
        for result in services.client.send(calls, deadline: deadline) {
            if case .failure(let error) = result { throw Unavailable(reason, because: error) }
        }
    }
}

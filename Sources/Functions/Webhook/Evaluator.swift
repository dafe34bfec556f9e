internal import AWS
internal import Codec
internal import Platform
internal import Trigger

/// The `evaluate` function as `webhook` sees it: takes changes, and answers nothing.
struct Evaluator {
    let services: Services
    let functionARN: String

    /// Bytes above which a hand-over goes by way of S3.
    ///
    /// An asynchronous invocation takes 1 MB (Lambda's quotas; Invoke), whether 10^6 or
    /// 2^20 bytes they do not say.
    static let largestPayload = 900_000

    /// Hands over all changes and tests in parallel; fails where one could not be.
    ///
    /// To hand one over twice does no harm: `evaluate` starts nothing twice.
    func handOver(_ description: Description, deadline: Deadline) throws(Unavailable) {
        var payloads = description.tests.map { HandOver.test($0).encoded() }
        var stored: [AWSCall] = []
        for change in description.changes {
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
        try send(
            payloads.map { LambdaService.invokeAsynchronously(functionARN, payload: $0) },
            orSay: "the evaluate function cannot be reached",
            deadline
        )
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

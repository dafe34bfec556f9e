internal import Codec
internal import Platform

/// By when what is to be done about a request over HTTP, so that its answer comes while the
/// sender waits: GitHub counts 10 s, with the way to us and back, as failed
/// (docs.github.com, "Best practices for using webhooks").
struct AnswerTime {
    /// By when the answer must be made.
    let answer: Deadline

    /// Milliseconds after the request was taken within which the answer is made.
    static let answerWithin = 8_000
    /// Milliseconds that a hand-over gets even where a request has come late: not to lose a
    /// change matters more than an answer in time.
    static let leastToHandOver = 1_500
    /// Milliseconds of those that a hand-over gets after decisions that did not come.
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
        let answerBy = max(
            began.adding(milliseconds: Self.answerWithin),
            now.adding(milliseconds: Self.leastToHandOver)
        )
        answer = Deadline(min(answerBy, invocation.expires))
    }
}

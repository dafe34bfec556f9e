import Codec
import Core
import Platform
import TestSupport

/// A transport that answers from a script, and a clock that moves only when it is told to.
final class FakeServer {
    typealias Answer = FakeCloud.Answer

    /// All requests, in order.
    private(set) var requests: [HTTPRequest] = []
    /// How many milliseconds have passed since the start.
    private(set) var elapsed = 0
    /// How many milliseconds each batch was given.
    private(set) var limits: [Int] = []
    private var answers: [Answer]

    /// Answers one request after the other; the last answer is for all that follow.
    init(_ answers: [Answer]) {
        self.answers = answers
    }

    private var now: Timestamp { Timestamp(milliseconds: elapsed) }

    func client() -> APIClient {
        APIClient(
            transport: Transport { requests, deadline in
                let limit = requests.compactMap { $0.timeLimit }.min() ?? .max
                self.limits.append(min(limit, deadline.remaining(at: self.now)))
                return requests.map { request in
                    self.requests.append(request)
                    return self.answers.count > 1 ? self.answers.removeFirst() : self.answers[0]
                }
            },
            clock: WallClock(now: { self.now }, sleep: { self.elapsed += $0 }),
            random: Randomness { 0x8000_0000_0000_0000 },
            attemptLimit: 10_000
        )
    }

    func send(_ call: APICall, within milliseconds: Int = 60_000) -> Result<HTTPResponse, CallError>
    {
        let deadline = Deadline(now.adding(milliseconds: milliseconds))
        return client().send([call], deadline: deadline)[0]
    }
}

internal import Codec
internal import Platform

/// Sends calls of HTTP APIs that are not AWS's.
struct APIClient {
    private var sender: CallSender
    private let transport: Transport
    private let clock: WallClock
    private let random: Randomness

    /// Makes a client; one attempt of a call takes `attemptLimit` milliseconds at most.
    init(transport: Transport, clock: WallClock, random: Randomness, attemptLimit: Int) {
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
    func limitingAttempts(toMilliseconds limit: Int) -> APIClient {
        var client = self
        client.sender.attemptLimit = limit
        return client
    }

    /// Calls that go on while others are made; none yet.
    func callsUnderWay() -> APICallsUnderWay {
        APICallsUnderWay(
            transport: transport,
            clock: clock,
            random: random,
            attemptLimit: sender.attemptLimit
        )
    }

    /// Sends the calls in parallel and returns one result for each, in their order; what may
    /// succeed the next time is sent again, as `CallSender` does.
    func send(_ calls: [APICall], deadline: Deadline) -> [Result<HTTPResponse, CallError>] {
        sender.send(
            calls,
            deadline: deadline,
            request: { call, _ in call.request },
            failure: { call, response in CallError(call, response) }
        )
    }
}

/// Calls that go on while others are made: each is repeated by itself, and none waits for another.
final class APICallsUnderWay {
    private let transport: Transport
    private let clock: WallClock
    private let random: Randomness
    private let attemptLimit: Int
    private var entries: [Entry] = []

    private struct Entry {
        var number: Int
        var call: APICall
        var deadline: Deadline
        var attempts = 0
        /// What came of the attempts so far.
        var result: Result<HTTPResponse, CallError>
        /// When it is sent again; `nil` while it is under way.
        var resumes: Timestamp?
    }

    struct Ended {
        /// The number that it was begun under.
        var number: Int
        /// The answer, or why there is none.
        var result: Result<HTTPResponse, CallError>
    }

    /// - Parameter attemptLimit: Milliseconds that one attempt of a repeatable call may take.
    init(transport: Transport, clock: WallClock, random: Randomness, attemptLimit: Int) {
        self.transport = transport
        self.clock = clock
        self.random = random
        self.attemptLimit = attemptLimit
    }

    /// Sends a call, whose number no other that is under way has.
    func begin(_ call: APICall, number: Int, deadline: Deadline) {
        let result = CallSender.notSent(call)
        entries.append(Entry(number: number, call: call, deadline: deadline, result: result))
        send(&entries[entries.count - 1])
    }

    /// Waits until at least one call has ended, but not longer than until a moment, and returns
    /// those that have.
    ///
    /// A call that fails and may be repeated is sent again as `CallSender` does it. One that has
    /// timed out is not: the caller decides whether it begins that call again.
    func ended(by moment: Timestamp) -> [Ended] {
        var ended: [Ended] = []
        while ended.isEmpty, !entries.isEmpty {
            var wake = moment
            var isUnderWay = false
            let now = clock.now()
            for index in entries.indices {
                if let resumes = entries[index].resumes, resumes <= now { send(&entries[index]) }
                if let resumes = entries[index].resumes {
                    wake = min(wake, resumes)
                } else {
                    isUnderWay = true
                }
            }
            let wait = max(0, wake.milliseconds - now.milliseconds)
            if isUnderWay {
                for answer in transport.ended(wait) { take(answer, &ended) }
            } else {
                clock.sleep(wait)
            }
            guard clock.now() < moment else { break }
        }
        return ended
    }

    private func send(_ entry: inout Entry) {
        entry.resumes = nil
        entry.attempts += 1
        var request = entry.call.request
        request.timeLimit = entry.call.isRepeatable ? attemptLimit : nil
        transport.begin(request, entry.number, entry.deadline)
    }

    private func take(_ answer: EndedRequest, _ ended: inout [Ended]) {
        guard let index = entries.firstIndex(where: { $0.number == answer.number }) else { return }
        let entry = entries[index]
        let result = CallSender.result(of: entry.call, answer.result, after: entry.result) {
            CallError($0, $1)
        }
        if case .failure(let error) = result, CallSender.mayRepeat(entry.call, after: error),
            !answer.isTimedOut, entry.attempts < BackOff.maximumAttempts
        {
            let pause = BackOff.pause(afterAttempts: entry.attempts, random)
            let now = clock.now()
            if pause < entry.deadline.remaining(at: now) {
                entries[index].result = result
                entries[index].resumes = now.adding(milliseconds: pause)
                return
            }
        }
        entries.remove(at: index)
        ended.append(Ended(number: entry.number, result: result))
    }
}

extension EndedRequest {
    fileprivate var isTimedOut: Bool {
        if case .failure(let error) = result { error.kind == .timedOut } else { false }
    }
}

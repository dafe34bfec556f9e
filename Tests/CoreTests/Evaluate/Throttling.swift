import AWS
import Codec
import Foundation
import Platform

@testable import Core

/// Many invocations of `evaluate` at the same time, by a clock that is not real: each is a thread, of which one
/// runs at a time, the one that is furthest behind.
///
/// What they do is the real code's: its tries, pauses and deadlines, and Lambda's two further attempts.
final class Throttling: @unchecked Sendable {
    /// A service that takes so many calls a second, and as many at once after a pause.
    struct Bucket {
        var callsPerSecond: Double
        private var left: Double
        private var filled = 0

        init(callsPerSecond: Double) {
            self.callsPerSecond = callsPerSecond
            left = callsPerSecond
        }

        mutating func take(at milliseconds: Int) -> Bool {
            let more = Double(max(0, milliseconds - filled)) / 1_000 * callsPerSecond
            filled = max(filled, milliseconds)
            left = min(callsPerSecond, left + more)
            guard left >= 1 else { return false }
            left -= 1
            return true
        }
    }

    /// What came of it.
    struct Figures {
        var calls = 0
        var refused = 0
        /// Attempts of Lambda's.
        var invocations = 0
        /// Hand-overs of which all three attempts failed: they lie in the dead-letter queue.
        var givenUp: [Int] = []
        /// Milliseconds until the last start, and until the last invocation ended.
        var lastStart = 0
        var lastEnd = 0
    }

    let aws = FakeAWS()
    private(set) var figures = Figures()
    private var bucket: Bucket
    /// What the calls' names begin with that the bucket counts.
    private let counted: String
    private var workers: [Worker] = []
    private let main = DispatchSemaphore(value: 0)

    private final class Worker: @unchecked Sendable {
        let turn = DispatchSemaphore(value: 0)
        var now: Int
        var isDone = false
        var random: UInt64

        init(begins: Int, seed: Int) {
            now = begins
            random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        }
    }

    /// Milliseconds that every round trip takes.
    private static let roundTrip = 20

    init(_ bucket: Bucket, of counted: String) {
        self.bucket = bucket
        self.counted = counted
    }

    /// Invokes `evaluate` with each payload at its time, in milliseconds, until all have ended.
    ///
    /// Those that are given up are then invoked once more, one after the other, as after a redrive.
    func run(_ handOvers: [(payload: [UInt8], at: Int)]) {
        runAtOnce(handOvers)
        let dead = figures
        for (place, number) in dead.givenUp.enumerated() {
            workers = []
            runAtOnce([(handOvers[number].payload, dead.lastEnd + 600_000 + place * 10_000)])
        }
        figures = dead
    }

    private func runAtOnce(_ handOvers: [(payload: [UInt8], at: Int)]) {
        for (number, handOver) in handOvers.enumerated() {
            let worker = Worker(begins: handOver.at, seed: number + 1)
            workers.append(worker)
            let thread = Thread { [self] in
                worker.turn.wait()
                invoke(handOver.payload, number, worker)
                worker.isDone = true
                main.signal()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        while let next = workers.filter({ !$0.isDone }).min(by: { $0.now < $1.now }) {
            next.turn.signal()
            main.wait()
        }
    }

    /// Lets the others catch up with a moment.
    private func wait(_ worker: Worker, _ milliseconds: Int) {
        worker.now += milliseconds
        main.signal()
        worker.turn.wait()
    }

    private func invoke(_ payload: [UInt8], _ number: Int, _ worker: Worker) {
        let clock = WallClock(
            now: { Stage.start.adding(milliseconds: worker.now) },
            sleep: { [self] in wait(worker, $0) }
        )
        var problems: [ConfigurationError] = []
        let environment = Environment { Stage.variables[$0] }
        let services = Services(
            Configuration(environment, noting: &problems),
            transport: Transport { [self] requests, deadline in
                wait(worker, Self.roundTrip)
                return send(requests, deadline, worker)
            },
            clock: clock,
            random: Randomness {
                worker.random ^= worker.random << 13
                worker.random ^= worker.random >> 7
                worker.random ^= worker.random << 17
                return worker.random
            },
            log: Logger(format: .text, minimum: .error, clock: clock) { _ in },
            functionName: nil,
            attemptLimit: 10_000
        )
        let function = EvaluateFunction(environment, services: services, noting: &problems)
        for attempt in 1...3 {
            figures.invocations += 1
            let invocation = Invocation(
                requestID: "request-\(number)",
                deadline: Deadline(clock.now().adding(milliseconds: Stage.timeout)),
                payload: payload
            )
            do throws(InvocationError) {
                _ = try function.handle(invocation)
                figures.lastEnd = max(figures.lastEnd, worker.now)
                return
            } catch {
                figures.lastEnd = max(figures.lastEnd, worker.now)
                if attempt < 3 { wait(worker, Stage.timeout * attempt) }
            }
        }
        figures.givenUp.append(number)
    }

    private func send(
        _ requests: [HTTPRequest],
        _ deadline: Deadline,
        _ worker: Worker
    ) -> [Result<HTTPResponse, TransportError>] {
        aws.fault = { [self] _, name in
            guard name.hasPrefix(counted) else { return nil }
            figures.calls += 1
            guard bucket.take(at: worker.now) else {
                figures.refused += 1
                return name.hasPrefix("PUT") ? .status503 : .throttled
            }
            return nil
        }
        let before = aws.executions.count
        let answers = aws.transport.perform(requests, deadline)
        if aws.executions.count > before { figures.lastStart = max(figures.lastStart, worker.now) }
        return answers
    }
}

import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct StartRunTests {
    private static let change = Change.push(minute: 0)

    private let stage: Stage
    private let services: Services

    init() throws {
        stage = try Stage()
        services = stage.services
    }

    private func run(
        as holder: String = "one",
        milliseconds: Int = Stage.timeout,
        after earlier: DecisionRecord? = nil
    ) -> StartRun {
        StartRun(
            services: services,
            starter: TargetStarter(services: services),
            change: Self.change,
            holder: holder,
            deadline: stage.deadline(milliseconds),
            recordKey: "record",
            after: earlier
        )
    }

    /// Performs starts to the end; how each stands.
    @discardableResult
    private func perform(_ starts: [Start], in run: StartRun) -> [StartResult] {
        run.add(starts)
        run.performAll()
        _ = run.writeDown(along: [services.s3.getObject("along")])
        return run.results
    }

    /// What an earlier attempt wrote down as started.
    private static func record(of starts: [Start]) -> DecisionRecord {
        DecisionRecord(
            change: change,
            rules: starts.map {
                `A decision record`.rule($0.ruleKey, .started, answer: "recorded")
            },
            at: Stage.start,
            requestID: "earlier"
        )
    }

    @Test func `starts are claimed, performed and concluded in three round trips`() throws {
        let starts = try ["api", "web"].map { try Start.sample($0) }
        let results = perform(starts, in: run())
        #expect(results.allSatisfy { if case .started = $0 { true } else { false } })
        #expect(stage.aws.executions.map(\.pipeline) == ["api", "web"])
        #expect(try starts.map { try stage.aws.ledger($0).state } == [.started, .started])
        #expect(stage.aws.roundTrips == 3)
        #expect(stage.aws.calls.last == "GET along")
    }

    @Test func `a later attempt starts nothing again, and tells the target's answer`() throws {
        let start = try Start.event()
        #expect(perform([start], in: run()) == [.started("event-1")])
        #expect(perform([start], in: run(as: "two")) == [.alreadyStarted("event-1")])
        #expect(stage.aws.events.count == 1)
    }

    @Test func `of two at the same time one starts it, and the other waits for the lease`() throws {
        let start = try Start.event()
        let second = run(as: "two")
        stage.atFirst("PutEvents") { [self] in perform([start], in: second) }
        #expect(perform([start], in: run()) == [.started("event-1")])
        guard case .pending(let why)? = second.results.first else {
            Issue.record("both have started it")
            return
        }
        #expect(why.hasPrefix("another run is starting it, until "))
        #expect(stage.aws.events.count == 1)
    }

    @Test func `what only the decision record says was started is not sent, and concluded`() throws
    {
        let start = try Start.event(of: Self.change)
        stage.aws.fault = { [aws = stage.aws] _, name in
            !aws.events.isEmpty && name.hasPrefix("PUT ") ? .refused : nil
        }
        let first = run()
        #expect(perform([start], in: first) == [.started("event-1")])
        #expect(first.unrecorded.count == 2)
        stage.aws.fault = { _, _ in nil }
        stage.wait(Stage.timeout)
        let second = run(as: "two", after: Self.record(of: [start]))
        #expect(perform([start], in: second) == [.alreadyStarted("recorded")])
        #expect(second.unrecorded.isEmpty)
        #expect(stage.aws.events.count == 1)
        #expect(try stage.aws.ledger(start).state == .started)
        #expect(try stage.aws.ledger(start).answer == "recorded")
        #expect(stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/heads/") })
    }

    /// A claim counts the request that is to follow it, but of what the record proves none follows.
    @Test(arguments: [1, 2, 3])
    func `what the record says is believed, however often the ledger cannot be told`(failures: Int)
        throws
    {
        let start = try Start.event(of: Self.change)
        for attempt in 0...failures {
            var written = 0
            stage.aws.fault = { _, name in
                guard attempt < failures, name.hasPrefix("PUT pointsman/ledger/") else {
                    return nil
                }
                written += 1
                return written > (attempt == 0 ? 1 : 2) ? .refused : nil
            }
            let earlier = attempt == 0 ? nil : Self.record(of: [start])
            let results = perform([start], in: run(as: "holder \(attempt)", after: earlier))
            #expect(results == [attempt == 0 ? .started("event-1") : .alreadyStarted("recorded")])
            stage.wait(Stage.timeout)
        }
        #expect(stage.aws.events.count == 1)
        #expect(try stage.aws.ledger(start).state == .started)
    }

    @Test func `what is on record comes last, and is started if the ledger knows nothing of it`()
        throws
    {
        let starts = try ["api", "web"].map { try Start.sample($0) }
        perform(starts, in: run(after: Self.record(of: [starts[0]])))
        #expect(stage.aws.executions.map(\.pipeline) == ["web", "api"])
    }

    @Test func `what is on record stays so while the ledger cannot be asked`() throws {
        let start = try Start.sample()
        stage.aws.s3Error = (403, "AccessDenied")
        let run = run(after: Self.record(of: [start]))
        #expect(perform([start], in: run) == [.alreadyStarted("recorded")])
        #expect(stage.aws.executions.isEmpty)
    }

    @Test func `a refusal that may pass is tried again after a pause`() throws {
        stage.aws.eventErrors = ["ThrottlingException", "ThrottlingException"]
        let start = try Start.event()
        #expect(perform([start], in: run()) == [.started("event-1")])
        #expect(stage.now > Stage.start)
    }

    @Test func `what is pending when time is up is released, so that a later attempt starts it`()
        throws
    {
        let start = try Start.sample()
        stage.aws.pipelineErrors["api"] = (409, "ConflictException")
        let first = run()
        guard case .pending = perform([start], in: first)[0] else {
            Issue.record("it is not pending")
            return
        }
        #expect(try stage.aws.ledger(start).state == .released)
        #expect(Stage.start.adding(milliseconds: Stage.timeout) > stage.now)
        stage.aws.pipelineErrors = [:]
        guard case .started = perform([start], in: run(as: "two"))[0] else {
            Issue.record("it is not started")
            return
        }
    }

    @Test func `without time nothing is claimed`() throws {
        let run = run(milliseconds: 0)
        let why = "there was no time left to start it"
        #expect(perform([try Start.sample()], in: run) == [.pending(why)])
        #expect(stage.aws.objects.isEmpty)
    }

    @Test func `an older change is held back, and that is concluded`() throws {
        perform([try Start.sample(of: .push(minute: 1))], in: run())
        let older = Change.push(minute: -1).with {
            $0.bodyDigest = BodyDigest(eventID: "older", ref: "")
        }
        let start = try Start.sample(of: older)
        guard case .heldBack = perform([start], in: run(as: "two"))[0] else {
            Issue.record("it is not held back")
            return
        }
        #expect(try stage.aws.ledger(start).state == .skipped)
        #expect(stage.aws.executions.count == 1)
    }

    @Test func `a head that could not be written is written by a later attempt`() throws {
        let start = try Start.sample(of: Self.change)
        stage.aws.fault = { _, name in name.hasPrefix("PUT pointsman/heads/") ? .refused : nil }
        let first = run()
        perform([start], in: first)
        #expect(first.unrecorded.count == 1)
        stage.aws.fault = { _, _ in nil }
        perform([start], in: run(as: "two"))
        #expect(stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/heads/") })
    }
}

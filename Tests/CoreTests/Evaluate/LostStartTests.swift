import AWS
import Codec
import Platform
import Testing

@testable import Core

/// What becomes of a start whose request went out, and whose end nobody told.
@Suite struct `A start whose end is unknown` {
    private static let twice = "may have been started twice; redeliver to start it again"

    @Test func `a server that is slow is not asked twice`() throws {
        let openShift = FakeOpenShift()
        let stage = try `An OpenShift build`.stage(openShift)
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.before = { call in if call.hasPrefix("POST https") { stage.wait(25_000) } }
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.rule("web")?["answer"]?.string == "web-1")
        #expect(openShift.builds.count == 1)
        let requests = openShift.requests
        #expect(requests.allSatisfy { $0.timeLimit == nil })
    }

    @Test func `an event on a bus is put once by an invocation, twice in all`() throws {
        let stage = try Stage()
        stage.rule("bus", target: #"{"EventBridge":{"EventBus":"bus"}}"#)
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("PutEvents") ? .lostAnswer : nil }
        #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(stage.aws.events.count == 1)
        for _ in 0..<3 {
            let record = try stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(record.outcome(of: "bus") == "failed")
            #expect(record.rule("bus")?["answer"]?.string?.hasSuffix(Self.twice) == true)
            #expect(stage.aws.events.count == 2)
        }
    }

    @Test func `a build whose token is forgotten is started once more, and then no more`() throws {
        let stage = try Stage()
        stage.build("build")
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("StartBuild") ? .lostAnswer : nil }
        _ = try stage.evaluate(handOver, attempts: 1)
        // While the token is known, it is sent as often as time allows.
        #expect(stage.aws.calls.count { $0.hasPrefix("StartBuild") } > 1)
        stage.wait(300_000)
        for _ in 0..<2 {
            stage.aws.forgetCalls()
            let record = try stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(record.outcome(of: "build") == "failed")
            #expect(record.rule("build")?["answer"]?.string?.hasSuffix(Self.twice) == true)
        }
        #expect(stage.aws.calls.count { $0.hasPrefix("StartBuild") } == 0)
    }

    @Test(arguments: [FakeAWS.Fault.throttled, .status503])
    func `a refusal that may pass is no lost start`(fault: FakeAWS.Fault) throws {
        let stage = try Stage()
        stage.rule("bus", target: #"{"EventBridge":{"EventBus":"bus"}}"#)
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("PutEvents") ? fault : nil }
        _ = try stage.evaluate(handOver, attempts: 1)
        let ledger = try #require(
            stage.aws.objects.first { $0.key.hasPrefix("pointsman/ledger/") }?.value
        )
        let record = try JSON(parsing: ledger.body)
        #expect(record["state"]?.string == "released")
        #expect(record["attempts"]?.int == 0)
        #expect(record["target"]?["kind"]?.string == "EventBridge")
        #expect(record["target"]?["name"]?.string == "bus")
    }

    @Test func `a conclusion that comes late does not undo what a later run has started`() throws {
        let openShift = FakeOpenShift()
        let stage = try `An OpenShift build`.stage(openShift)
        let handOver = try stage.handOver(of: stage.push())
        let other = try stage.function("evaluate")
        var isFirst = true
        stage.aws.fault = { _, name in
            name.hasPrefix("POST https") && isFirst ? .status503 : nil
        }
        // The first run's last write is on its way while its lease ends and another run starts it.
        stage.aws.before = { call in
            guard isFirst, call.hasPrefix("PUT pointsman/ledger"),
                !openShift.requests.isEmpty
                    || stage.aws.calls.contains(where: { $0.hasPrefix("POST https") })
            else { return }
            isFirst = false
            stage.wait(Stage.timeout)
            if let invocation = try? stage.invocation(handOver, requestID: "second") {
                _ = try? other(invocation)
            }
        }
        _ = try? stage.evaluate(handOver, attempts: 1)
        #expect(openShift.builds.count == 1)
        let ledger = try #require(
            stage.aws.objects.first { $0.key.hasPrefix("pointsman/ledger/") }?.value
        )
        #expect(try JSON(parsing: ledger.body)["state"]?.string == "started")
        stage.aws.before = { _ in }
        stage.wait(1_000)
        #expect(try stage.evaluateAll(stage.push()).outcome(of: "web") == "already-started")
        #expect(openShift.builds.count == 1)
    }

    /// What was started and is in the decision record, while the ledger could not be told.
    private static func unwrittenStart() throws -> (stage: Stage, handOver: [UInt8]) {
        let stage = try Stage()
        stage.build("build")
        stage.rule("bus", target: #"{"EventBridge":{"EventBus":"bus"}}"#)
        let handOver = try stage.handOver(of: stage.push(pushedAt: Stage.start))
        stage.aws.fault = { _, name in
            name.hasPrefix("PUT pointsman/ledger") && !stage.aws.events.isEmpty ? .refused : nil
        }
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        #expect(throws: InvocationError.self) { try result.get() }
        #expect(try stage.ledgerStates() == ["starting", "starting"])
        stage.aws.fault = { _, _ in nil }
        // CodeBuild has forgotten the token by now.
        stage.wait(300_000)
        return (stage, handOver)
    }

    @Test(arguments: ["a retry", "a redelivery"])
    func `what the decision record says was started is not started again`(by way: String) throws {
        let (stage, handOver) = try Self.unwrittenStart()
        let record =
            way == "a retry"
            ? try stage.evaluate(handOver)[0].get()
            : try stage.evaluateAll(stage.push(pushedAt: Stage.start))
        #expect(stage.aws.builds.count == 1)
        #expect(stage.aws.events.count == 1)
        for name in ["build", "bus"] {
            #expect(record.outcome(of: name) == "already-started")
            #expect(record.rule(name)?["answer"]?.string?.isEmpty == false)
        }
        #expect(try stage.ledgerStates() == ["started", "started"])
    }

    @Test func `what only the decision record says was started is the ledger's from then on`()
        throws
    {
        let (stage, handOver) = try Self.unwrittenStart()
        _ = try stage.evaluate(handOver)[0].get()
        let again = try stage.evaluateAll(stage.push(delivery: "another", pushedAt: Stage.start))
        #expect(again.outcome(of: "bus") == "already-started")
        #expect(stage.aws.events.count == 1)
    }

    @Test func `it is started again once its ledger record is deleted`() throws {
        let (stage, handOver) = try Self.unwrittenStart()
        for key in stage.aws.objects.keys where key.hasPrefix("pointsman/ledger/") {
            stage.aws.objects[key] = nil
        }
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "bus") == "started")
        #expect(stage.aws.events.count == 2)
    }

    @Test func `a rule that names another target now says which one was started`() throws {
        let stage = try Stage()
        stage.rule("api", "", pipeline: "old")
        try stage.evaluateAll(stage.push())
        stage.rule("api", "", pipeline: "new")
        let rule = try #require(stage.evaluateAll(stage.push()).rule("api"))
        #expect(rule["outcome"]?.string == "already-started")
        #expect(
            rule["answer"]?.string?.hasSuffix(
                ", by CodePipeline old: the rule named that target then"
            ) == true
        )
    }
}

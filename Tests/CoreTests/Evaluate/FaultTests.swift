import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// Every call that the functions make fails in turn, in every way: one answer each time,
/// nothing started twice, and a retry finishes the job.
@Suite struct `When a call fails` {
    static let faults = FakeAWS.Fault.allCases

    /// How many calls a whole evaluation makes on this stage, and `webhook` before it.
    static let evaluateCalls = 18
    static let webhookCalls = 3

    static func stage() throws -> Stage {
        let stage = try Stage()
        stage.rule("api", #""Paths":["services/api/**"]"#)
        stage.rule("lib", "")
        stage.rule("web", #""Paths":["services/web/**"]"#)
        return stage
    }

    /// A push with a time, so that its starts are held against the newest.
    static func push(_ stage: Stage) -> [UInt8] { stage.push(pushedAt: Stage.start) }

    /// What must be so once everything has settled.
    static func expectDone(_ stage: Stage, _ comment: Comment) throws {
        #expect(stage.aws.executions.map(\.pipeline).sorted() == ["api", "lib"], comment)
        let key = try #require(
            stage.aws.objects.keys.first { $0.hasPrefix("pointsman/decisions/") },
            comment
        )
        let record = try JSON(parsing: #require(stage.aws.objects[key]).body)
        for name in ["api", "lib"] {
            let outcome = record.outcome(of: name) ?? "none"
            #expect(["started", "already-started"].contains(outcome), comment)
            #expect(record.rule(name)?["answer"]?.string?.isEmpty == false, comment)
        }
        #expect(record.outcome(of: "web") == "skipped", comment)
        for (key, object) in stage.aws.objects where key.hasPrefix("pointsman/ledger/") {
            #expect(try JSON(parsing: object.body)["state"]?.string == "started", comment)
        }
    }

    @Test func `the counts of calls are as these tests assume`() throws {
        let stage = try Self.stage()
        try stage.send(Self.push(stage))
        #expect(stage.aws.calls.count == Self.webhookCalls)
        stage.aws.forgetCalls()
        try stage.evaluate(#require(stage.takeHandOvers().first))
        #expect(stage.aws.calls.count == Self.evaluateCalls)
    }

    @Test(.thorough, arguments: faults)
    func `once, evaluate still starts everything once`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.evaluateCalls {
            let stage = try Self.stage()
            let handOver = try stage.handOver(of: Self.push(stage))
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            let results = try stage.evaluate(handOver)
            try Self.expectDone(stage, "call \(number)")
            #expect(results.count == 1, "call \(number) was retried within the attempt")
        }
    }

    @Test(.thorough, arguments: FakeAWS.Fault.failures)
    func `and so do all after it, the next attempt of Lambda's finishes the job`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...Self.evaluateCalls {
            let stage = try Self.stage()
            let handOver = try stage.handOver(of: Self.push(stage))
            let handler = try #require(stage.evaluate)
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            var failed = false
            let invocation = try stage.invocation(handOver, requestID: "one")
            do throws(InvocationError) {
                _ = try handler(invocation)
            } catch {
                failed = true
                #expect(error.type.hasPrefix("Function."))
            }
            #expect(failed, "call \(number)")
            stage.aws.fault = { _, _ in nil }
            stage.wait(Stage.timeout)
            _ = try handler(stage.invocation(handOver, requestID: "one"))
            try Self.expectDone(stage, "call \(number)")
        }
    }

    @Test(.thorough, arguments: faults)
    func `and so do all after it, another sandbox finishes the job`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.evaluateCalls {
            let stage = try Self.stage()
            let handOver = try stage.handOver(of: Self.push(stage))
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            _ = try stage.evaluate(handOver, attempts: 1)
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            _ = try stage.evaluate(handOver, attempts: 1)[0].get()
            try Self.expectDone(stage, "call \(number)")
        }
    }

    @Test(arguments: faults)
    func `once, webhook still hands over`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.webhookCalls {
            let stage = try Self.stage()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            #expect(try stage.send(Self.push(stage)).status == 202, "call \(number)")
            for handOver in stage.takeHandOvers() { try stage.evaluate(handOver) }
            try Self.expectDone(stage, "call \(number)")
        }
    }

    @Test(arguments: FakeAWS.Fault.failures)
    func `and so do all after it, webhook answers 503 and a redelivery is taken`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...Self.webhookCalls {
            let stage = try Self.stage()
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            let (status, answer) = try stage.send(Self.push(stage))
            #expect(status == 503, "call \(number)")
            #expect(answer["outcome"]?.string == "unavailable")
            stage.aws.fault = { _, _ in nil }
            stage.wait(SecretStore.pauseAfterFailure)
            #expect(try stage.send(Self.push(stage)).status == 202)
            for handOver in stage.takeHandOvers() { try stage.evaluate(handOver) }
            try Self.expectDone(stage, "call \(number)")
        }
    }

    @Test func `a process that dies in mid-start is followed by one that finishes`() throws {
        let stage = try Self.stage()
        let handOver = try stage.handOver(of: Self.push(stage))
        // From the start on nothing is written down, no decision record either: the lease alone remains.
        stage.aws.fault = { _, name in
            name.hasPrefix("PUT pointsman/") && !stage.aws.executions.isEmpty ? .refused : nil
        }
        _ = try stage.evaluate(handOver, attempts: 1)
        stage.aws.fault = { _, _ in nil }
        stage.wait(Stage.timeout)
        let before = stage.aws.calls.count { $0.contains("StartPipelineExecution") }
        _ = try stage.evaluate(handOver, attempts: 1)[0].get()
        // All are sent again: the client token alone keeps that from being a second start.
        let sent = stage.aws.calls.count { $0.contains("StartPipelineExecution") } - before
        #expect(sent == before)
        try Self.expectDone(stage, "")
    }

    @Test(arguments: ["ledger", "decisions"])
    func `of the ledger and the record, what can be written is`(missing: String) throws {
        let stage = try Self.stage()
        let handOver = try stage.handOver(of: Self.push(stage))
        stage.aws.fault = { _, name in
            name.hasPrefix("PUT pointsman/\(missing)/") && !stage.aws.executions.isEmpty
                ? .refused : nil
        }
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        let error = #expect(throws: InvocationError.self) { try result.get() }
        #expect(error?.type == "Function.NotRecorded")
        let words = "nothing is left to start, but not everything could be written down: "
        let call = "s3:PutObject of bucket/pointsman/\(missing)/"
        #expect(error?.message.hasPrefix(words + call) == true)
        for (key, object) in stage.aws.objects where key.hasPrefix("pointsman/ledger/") {
            let state = try JSON(parsing: object.body)["state"]?.string
            #expect(state == (missing == "ledger" ? "starting" : "started"))
        }
        let records = stage.aws.objects.keys.filter { $0.hasPrefix("pointsman/decisions/") }
        #expect(records.count == (missing == "ledger" ? 1 : 0))
        stage.aws.fault = { _, _ in nil }
        _ = try stage.evaluate(handOver, attempts: 1)[0].get()
        try Self.expectDone(stage, "")
    }

    @Test(arguments: [
        (240_000, "build:f3c2"),
        (300_000, "build:f3c2; an attempt whose end is unknown may have started it before"),
    ])
    func `what CodeBuild may have forgotten is said to be perhaps a second start`(
        later: Int,
        answer: String
    ) throws {
        let stage = try Stage()
        stage.build("build")
        let handOver = try stage.handOver(of: Self.push(stage))
        stage.aws.fault = { _, name in name.hasPrefix("StartBuild") ? .lostAnswer : nil }
        let began = stage.now
        _ = try stage.evaluate(handOver, attempts: 1)
        // An attempt between counts from the first.
        stage.wait(began.milliseconds + 200_000 - stage.now.milliseconds)
        _ = try stage.evaluate(handOver, attempts: 1)
        stage.aws.fault = { _, _ in nil }
        stage.wait(began.milliseconds + later - stage.now.milliseconds)
        let record = try stage.evaluate(handOver)[0].get()
        let words = try #require(record.rule("build")?["answer"]?.string)
        #expect(words.replacing(/:[0-9a-f]{8}/, with: ":f3c2") == answer)
    }

    @Test func `a second run at the same time starts nothing and does not answer success`() throws {
        let stage = try Self.stage()
        let handOver = try stage.handOver(of: Self.push(stage))
        let other = try stage.function("evaluate")
        var second: InvocationError?
        let invocation = try stage.invocation(handOver, requestID: "second")
        stage.atFirst("StartPipelineExecution") {
            do throws(InvocationError) {
                _ = try other(invocation)
            } catch {
                second = error
            }
        }
        _ = try stage.evaluate(handOver, attempts: 1)[0].get()
        #expect(second?.type == "Function.StartsPending")
        #expect(second?.message.contains("another run is starting it, until 2026-09-21T") == true)
        try Self.expectDone(stage, "")
    }

    @Test func `a refusal is failed, and tried again by a redelivery alone`() throws {
        let stage = try Self.stage()
        stage.aws.pipelineErrors["api"] = (400, "PipelineNotFoundException")
        let handOver = try stage.handOver(of: Self.push(stage))
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "api") == "failed")
        #expect(record.outcome(of: "lib") == "started")
        let words =
            "codepipeline:StartPipelineExecution of api: 400 PipelineNotFoundException: as scripted"
        #expect(record.rule("api")?["answer"]?.string == words)
        stage.aws.pipelineErrors = [:]
        let again = try stage.evaluate(handOver)[0].get()
        #expect(again.outcome(of: "api") == "failed")
        #expect(again.rule("api")?["answer"]?.string == words)
        stage.wait(1_000)
        let redelivered = try stage.evaluateAll(Self.push(stage))
        #expect(redelivered.outcome(of: "api") == "started")
        #expect(redelivered.outcome(of: "lib") == "already-started")
    }

    @Test func `a busy pipeline is tried again until time is up, and then by Lambda`() throws {
        let stage = try Self.stage()
        stage.aws.pipelineErrors["api"] = (409, "ConflictException")
        let handOver = try stage.handOver(of: Self.push(stage))
        let began = stage.now
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        // The stage waits for Lambda's next attempt after a failure.
        let took = stage.now.milliseconds - began.milliseconds - Stage.timeout
        #expect(took > 40_000 && took < 60_000)
        #expect(throws: InvocationError.self) { try result.get() }
        #expect(stage.aws.executions.map(\.pipeline) == ["lib"])
        stage.aws.pipelineErrors = [:]
        _ = try stage.evaluate(handOver, attempts: 1)[0].get()
        try Self.expectDone(stage, "")
    }

    @Test func `a listing that fails fails the invocation, and nothing is decided`() throws {
        let stage = try Self.stage()
        let handOver = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("LIST ") ? .status500 : nil }
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        #expect(throws: InvocationError.self) { try result.get() }
        #expect(stage.aws.executions.isEmpty)
    }

    @Test func `an object that cannot be read stops its own rule alone, until it can be read`()
        throws
    {
        let stage = try Self.stage()
        let handOver = try stage.handOver(of: Self.push(stage))
        stage.aws.fault = { _, name in name.hasSuffix("/api.json") ? .status500 : nil }
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        let key = "pointsman/rules/github/octo/mono/api.json"
        #expect(
            throws: InvocationError(
                type: "Function.StartsPending",
                message: "1 of 3 rules could not be started yet; \(key): the rule cannot be read: "
                    + "s3:GetObject of bucket/\(key): 500 InternalError: as scripted"
            )
        ) { try result.get() }
        #expect(stage.aws.executions.map(\.pipeline) == ["lib"])
        stage.aws.fault = { _, _ in nil }
        _ = try stage.evaluate(handOver, attempts: 1)[0].get()
        try Self.expectDone(stage, "")
    }
}

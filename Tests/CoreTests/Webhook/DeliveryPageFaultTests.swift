import Codec
import Testing

@testable import AWS
@testable import Core

/// Every call that a delivery makes where its decisions are waited for, `evaluate`'s among them,
/// fails in turn, in every way: one answer in time, nothing started twice, nothing lost.
@Suite struct `When a call fails while decisions are waited for` {
    static let faults = FakeAWS.Fault.allCases + [.lateAnswer]

    /// The calls of both functions.
    static let calls = 17

    static func stage() throws -> Stage {
        let stage = try Stage(["RESPOND_WITH_DECISIONS": "true"])
        stage.answerSynchronously()
        stage.rule("api", #""Paths":["services/api/**"]"#)
        stage.rule("lib", "")
        stage.rule("web", #""Paths":["services/web/**"]"#)
        return stage
    }

    /// Delivers, and checks that the answer comes while GitHub waits.
    static func deliver(_ stage: Stage, _ comment: Comment) throws -> Int {
        let began = stage.now
        let status = try stage.send(stage.push()).status
        #expect(stage.now.milliseconds - began.milliseconds < 10_000, comment)
        return status
    }

    @Test func `the count of calls is as these tests assume`() throws {
        let stage = try Self.stage()
        #expect(try Self.deliver(stage, "") == 202)
        #expect(stage.aws.calls.count == Self.calls)
    }

    @Test(arguments: faults)
    func `once, the delivery is accepted and the job is done`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.calls {
            let stage = try Self.stage()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            #expect(try Self.deliver(stage, "call \(number)") == 202, "call \(number)")
            for handOver in stage.takeHandOvers() { try stage.evaluate(handOver) }
            try `When a call fails`.expectDone(stage, "call \(number)")
        }
    }

    /// A request that is sent twice is no failure that could go on.
    @Test(arguments: faults.filter { $0 != .sentTwice })
    func `and so do all after it, the job is done by Lambda or by a redelivery`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...Self.calls {
            let stage = try Self.stage()
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            let status = try Self.deliver(stage, "call \(number)")
            #expect([202, 503].contains(status), "call \(number)")
            stage.aws.fault = { _, _ in nil }
            var handOvers = stage.takeHandOvers()
            #expect(status == 503 || !handOvers.isEmpty, "call \(number)")
            stage.wait(Stage.timeout)
            if status == 503 {
                #expect(try Self.deliver(stage, "call \(number)") == 202, "call \(number)")
                handOvers += stage.takeHandOvers()
            }
            for handOver in handOvers { try stage.evaluate(handOver) }
            try `When a call fails`.expectDone(stage, "call \(number)")
        }
    }
}

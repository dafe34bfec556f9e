import AWS
import Codec
import Platform
import Testing

@testable import Core

/// An event bus knows no client token: an event comes once, or the record says that it may have
/// come before.
@Suite struct `An event on a bus` {
    private static let doubt = "; an attempt whose end is unknown may have started it before"

    private static func stage() throws -> (stage: Stage, handOver: [UInt8]) {
        let stage = try Stage()
        stage.rule("bus", target: #"{"EventBridge":{"EventBus":"bus"}}"#)
        let handOver = try stage.handOver(of: stage.push())
        return (stage, handOver)
    }

    @Test func `tells of the change, once`() throws {
        let (stage, handOver) = try Self.stage()
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "bus") == "started")
        #expect(record.rule("bus")?["answer"]?.string == "event-1")
        let event = try #require(stage.aws.events.first)
        #expect(event["Source"]?.string == "pointsman")
        #expect(event["DetailType"]?.string == "Repository Change")
        let detail = try JSON(parsing: Array(#require(event["Detail"]?.string).utf8))
        #expect(detail["after"]?.string == String(repeating: "b", count: 40))
        #expect(detail["paths"]?.array == [.string("services/api/main.go")])
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "bus") == "already-started")
        #expect(stage.aws.events.count == 1)
    }

    @Test func `that the bus cannot take now is put again`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.eventErrors = ["ThrottlingException", "InternalFailure"]
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.rule("bus")?["answer"]?.string == "event-1")
        #expect(stage.aws.events.count == 1)
    }

    @Test func `that the bus refuses has not been started, though the status is 200`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.eventErrors = ["NotAuthorizedForSourceException"]
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "bus") == "failed")
        #expect(
            record.rule("bus")?["answer"]?.string
                == "events:PutEvents of bus: 200 NotAuthorizedForSourceException: no"
        )
        #expect(stage.aws.events.isEmpty)
    }

    @Test(arguments: FakeAWS.Fault.allCases)
    func `is neither lost nor doubled in silence, whichever call fails`(
        fault: FakeAWS.Fault
    ) throws {
        let (counted, handOver) = try Self.stage()
        try counted.evaluate(handOver)
        for number in 1...counted.aws.calls.count {
            for isLasting in [false, true] {
                let (stage, handOver) = try Self.stage()
                stage.aws.fault = { call, _ in
                    call == number || isLasting && call > number ? fault : nil
                }
                if isLasting {
                    _ = try stage.evaluate(handOver, attempts: 1)
                    stage.aws.fault = { _, _ in nil }
                    stage.wait(Stage.timeout)
                }
                let record = try #require(stage.evaluate(handOver).last).get()
                let comment: Comment = "call \(number), lasting: \(isLasting)"
                let answer = record.rule("bus")?["answer"]?.string ?? ""
                #expect(answer.hasPrefix("event-"), comment)
                #expect(stage.aws.events.count == 1 || answer.hasSuffix(Self.doubt), comment)
                let starts = try stage.aws.events.map {
                    try JSON(parsing: Array(($0["Detail"]?.string ?? "").utf8))["start"]?.string
                }
                #expect(Set(starts).count == 1, comment)
            }
        }
    }
}

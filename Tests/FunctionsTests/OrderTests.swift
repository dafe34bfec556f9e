import Codec
import Testing

@testable import Functions

@Suite struct `The order of starts` {
    @Test func `an older change that comes later is held back, a newer one is not`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let older = try stage.handOver(of: stage.push())
        stage.aws.fault = { _, name in name.hasPrefix("StartPipeline") ? .status503 : nil }
        _ = try stage.evaluate(older, attempts: 1)
        stage.aws.fault = { _, _ in nil }
        let newer = try Self.later(older)
        #expect(try stage.evaluate(newer)[0].get().outcome(of: "api") == "started")
        for _ in 0..<2 {
            let record = try stage.evaluate(older)[0].get()
            #expect(record.outcome(of: "api") == "skipped")
            #expect(record.rule("api")?["clause"]?.string == "Order")
            let reason = record.rule("api")?["reason"]?.string
            #expect(
                reason?.hasPrefix(
                    "a newer change was started: \(String(repeating: "b", count: 40)) at "
                ) == true
            )
        }
        #expect(stage.aws.executions.count == 1)
    }

    /// The same push a minute later, of another identity.
    static func later(_ handOver: [UInt8]) throws -> [UInt8] {
        let text = String(decoding: handOver, as: UTF8.self)
        let time = try #require(text.firstMatch(of: /"eventTime":([0-9]+)/)?.1)
        let length = try #require(text.firstMatch(of: /"length":([0-9]+)/)?.1)
        let later = try #require(Int(time)) + 60_000
        let longer = try #require(Int(length)) + 64
        let moved = text.replacing("\"eventTime\":\(time)", with: "\"eventTime\":\(later)")
            .replacing("\"length\":\(length)", with: "\"length\":\(longer)")
        return Array(moved.utf8)
    }
}

import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// More rules that match than are started together.
@Suite struct `Many starts` {
    private static func stage(_ count: Int) throws -> Stage {
        let stage = try Stage()
        for number in 0..<count { stage.rule("r\(1_000 + number)", "") }
        return stage
    }

    @Test func `are claimed, performed and concluded in portions`() throws {
        let stage = try Self.stage(600)
        let handOver = try stage.handOver(of: stage.push())
        let record = try stage.evaluate(handOver)[0].get()
        #expect(stage.aws.executions.count == 600)
        #expect(record["rules"]?.array?.count == 600)
        // In each portion as many claims, then starts, then conclusions.
        var runs: [(name: String, count: Int)] = []
        for call in stage.aws.calls {
            let name = call.hasPrefix("PUT pointsman/ledger") ? "ledger" : "start"
            guard name == "ledger" || call.hasPrefix("StartPipelineExecution") else { continue }
            if runs.last?.name == name {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((name, 1))
            }
        }
        #expect(
            runs.map(\.name) == ["ledger", "start", "ledger", "start", "ledger", "start", "ledger"]
        )
        #expect(runs.map(\.count) == [256, 256, 512, 256, 256 + 88, 88, 88])
        let keys = record["rules"]?.array?.compactMap { $0["rule"]?.string } ?? []
        #expect(keys == keys.sorted())
    }

    @Test func `hold a few of their bodies at a time`() throws {
        let stage = try Stage()
        for number in 0..<100 { stage.rule("r\(number)", target: #"{"EventBridge":{}}"#) }
        let paths = (0..<3_000).map { "services/some/long/folder/name/number\($0)/file-\($0).txt" }
        let handOver = try stage.handOver(of: stage.push(paths: paths))
        _ = try stage.evaluate(handOver)[0].get()
        #expect(stage.aws.events.count == 100)
        let one = stage.aws.largestBatch / (StartRun.maximumBytes / 200_000)
        #expect(one > 100_000, "the bodies are too small to tell: \(stage.aws.largestBatch)")
        #expect(stage.aws.largestBatch < StartRun.maximumBytes + 400_000)
    }

    @Test(.thorough)
    func `that time runs out for go on where they have not been, and each has its turn`()
        throws
    {
        let stage = try Self.stage(700)
        let handOver = try stage.handOver(of: stage.push())
        // A portion takes so long that there is time for one.
        var batches = 0
        stage.aws.before = { call in
            guard call.hasPrefix("StartPipelineExecution") else { return }
            batches += 1
            if batches % StartRun.portion == 0 { stage.wait(54_500) }
        }
        var started: [Int] = []
        for attempt in 1...3 {
            let result = try stage.evaluate(handOver, attempts: 1)[0]
            started.append(stage.aws.executions.count)
            guard attempt < 3 else {
                let record = try result.get()
                #expect(
                    record["rules"]?.array?.allSatisfy { $0["outcome"]?.string != "failed" } == true
                )
                break
            }
            let error = #expect(throws: InvocationError.self) { try result.get() }
            #expect(error?.type == "Function.StartsPending")
        }
        #expect(started == [256, 512, 700])
        #expect(Set(stage.aws.executions.map(\.pipeline)).count == 700)
    }

    @Test func `begin at another place in each invocation`() throws {
        let stage = try Self.stage(100)
        for number in 0..<5 { try stage.evaluateAll(stage.push(to: "b\(number)")) }
        let firsts = (0..<5).map { stage.aws.executions[100 * $0].pipeline }
        #expect(Set(firsts).count > 1)
    }
}

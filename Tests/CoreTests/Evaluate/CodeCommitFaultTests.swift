import AWS
import Codec
import Platform
import Testing

@testable import Core

/// Every call of the evaluation of a CodeCommit push fails in turn, in every way: nothing is
/// started twice, nothing is lost, the record is true, and the last commit is the right one.
@Suite struct `When a call fails on a CodeCommit push` {
    typealias Paths = `The paths of a CodeCommit change`

    /// Listing and records, two rules, the commits read and written; two comparisons of two pages
    /// each; one claim, start and conclusion; the record; the commits read and written again.
    static let calls = 17

    /// c2 has failed for good before, and c3 is what is evaluated: both of their paths count.
    static func stage() throws -> (Stage, handOver: [UInt8]) {
        let stage = try Paths.stage()
        stage.aws.codeCommit.pageSize = 1
        stage.aws.codeCommit.commit("c2", on: ["c1"], ["api/a": "2", "docs/a": "1"])
        stage.aws.codeCommit.commit("c3", on: ["c2"], ["docs/b": "1", "docs/c": "1"])
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        stage.aws.put(
            "pointsman/commits/codecommit/my-repo/refs/heads/main.json",
            #"{"commits":[{"commit":"c1","at":"2026-09-21T00:00:01Z","delivery":"d1","done":true},"#
                + #"{"commit":"c2","at":"2026-09-21T00:00:02Z","delivery":"d2","done":false}]}"#
        )
        let handOver = try #require(stage.handOvers(of: stage.pushed("c3", at: 3)).first)
        try stage.restart()
        stage.aws.forgetCalls()
        return (stage, handOver)
    }

    static func expectDone(_ stage: Stage, _ comment: Comment) throws {
        #expect(Paths.started(stage) == ["api c1", "api c3", "web c1"], comment)
        #expect(try stage.remembered() == ["c1", "c2?", "c3"], comment)
        let records = try stage.aws.objects
            .filter { $0.key.hasPrefix("pointsman/decisions/") }
            .map { try JSON(parsing: $0.value.body) }
        let record = try #require(
            records.first { $0["change"]?["after"]?.string == "c3" },
            comment
        )
        #expect(
            ["started", "already-started"].contains(record.outcome(of: "api") ?? "none"),
            comment
        )
        #expect(record.rule("api")?["path"]?.string == "api/a", comment)
        #expect(record.outcome(of: "web") == "skipped", comment)
        #expect(record["change"]?["pathCount"]?.int == 4, comment)
        #expect(record["change"]?["pathsIncomplete"] == nil, comment)
    }

    @Test func `the count of calls is as these tests assume`() throws {
        let (stage, handOver) = try Self.stage()
        _ = try stage.evaluate(handOver)[0].get()
        #expect(stage.aws.calls.count == Self.calls, "\(stage.aws.calls)")
        try Self.expectDone(stage, "")
    }

    @Test(arguments: FakeAWS.Fault.allCases)
    func `once, the job is done in the same attempt`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.calls {
            let (stage, handOver) = try Self.stage()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            let results = try stage.evaluate(handOver)
            try Self.expectDone(stage, "call \(number)")
            #expect(results.count == 1, "call \(number) was retried within the attempt")
        }
    }

    @Test(arguments: FakeAWS.Fault.failures)
    func `and so do all after it, another sandbox finishes the job`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.calls {
            let (stage, handOver) = try Self.stage()
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            let failed = try stage.evaluate(handOver, attempts: 1)[0]
            #expect(throws: InvocationError.self, "call \(number)") { try failed.get() }
            // A write whose answer was lost is done all the same.
            if fault != .lostAnswer || number < Self.calls {
                #expect(try stage.remembered().last != "c3", "call \(number)")
            }
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            _ = try stage.evaluate(handOver, attempts: 1)[0].get()
            try Self.expectDone(stage, "call \(number)")
        }
    }

    @Test func `a commit that cannot be remembered fails the invocation, and says so`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.fault = { call, _ in call >= Self.calls ? .status503 : nil }
        #expect(
            throws: InvocationError(
                type: "Function.NotRecorded",
                message: "nothing is left to start, but not everything could be written down: "
                    + "s3:PutObject of bucket/pointsman/commits/codecommit/my-repo/refs/heads/"
                    + "main.json: 503 ServiceUnavailable: as scripted"
            )
        ) { try stage.evaluate(handOver, attempts: 1)[0].get() }
    }
}

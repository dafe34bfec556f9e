import AWS
import Codec
import Platform
import Testing

@testable import Core

/// Of the changes that one rule starts for one branch, tag, pull request or image, an older one
/// is not started after a newer one.
@Suite struct `The order of starts` {
    private static let commit = String(repeating: "b", count: 40)
    static let newer = "a newer change was started: \(commit) at 2026-09-21T14:14:20Z"

    private static func push(_ stage: Stage, _ minute: Int, to branch: String = "main") -> [UInt8] {
        let time = Stage.start.adding(milliseconds: minute * 60_000)
        return stage.push(to: branch, delivery: "push-\(branch)-\(minute)", pushedAt: time)
    }

    @Test func `an older change is held back, and so is its retry, with the reason`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let older = try stage.handOver(of: Self.push(stage, 0))
        #expect(try stage.evaluateAll(Self.push(stage, 1)).outcome(of: "api") == "started")
        for _ in 0..<2 {
            let rule = try #require(stage.evaluate(older)[0].get().rule("api"))
            #expect(rule["outcome"]?.string == "skipped")
            #expect(rule["clause"]?.string == "Order")
            #expect(rule["reason"]?.string == Self.newer)
            #expect(rule["answer"] == nil)
        }
        #expect(stage.aws.executions.count == 1)
        let states = try stage.aws.objects.filter { $0.key.contains("/ledger/") }
            .map { try JSON(parsing: $0.value.body)["state"]?.string }
        #expect(Set(states) == ["started", "skipped"])
    }

    @Test(arguments: [
        ("a later time", "main", 1, "started"),
        ("an equal time", "main", 0, "started"),
        ("an earlier time", "main", -1, "skipped"),
        ("an earlier time of another branch", "release", -1, "started"),
    ])
    func `what comes after another is started by its time and branch`(
        name: String,
        branch: String,
        minute: Int,
        outcome: String
    ) throws {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(Self.push(stage, 0))
        var body = Self.push(stage, minute, to: branch)
        // Of the same time, but another push.
        if minute == 0 {
            body = stage.push(paths: ["b"], delivery: "other", pushedAt: Stage.start)
        }
        #expect(try stage.evaluateAll(body).outcome(of: "api") == outcome)
    }

    @Test func `every change is started where the rule says so, and one without a time always`()
        throws
    {
        let stage = try Stage()
        stage.rule("all", #""Order":"every""#)
        stage.rule("api", "")
        try stage.evaluateAll(Self.push(stage, 5))
        let late = try stage.evaluateAll(Self.push(stage, 1))
        #expect(late.outcome(of: "all") == "started")
        #expect(late.outcome(of: "api") == "skipped")
        #expect(
            try stage.evaluateAll(stage.push(delivery: "timeless")).outcome(of: "api") == "started"
        )
        // What is started regardless moves no head back.
        #expect(try stage.evaluateAll(Self.push(stage, 2)).outcome(of: "api") == "skipped")
    }

    @Test func `what is replayed by force is started all the same, and moves nothing back`() throws
    {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(Self.push(stage, 1))
        let older = try stage.handOver(of: Self.push(stage, 0))
        guard case .change(let change) = try EvaluateRequest(older) else {
            Issue.record("it is no change")
            return
        }
        let forced = EvaluateRequest.change(change.replayed(1)).encoded()
        #expect(try stage.evaluate(forced)[0].get().outcome(of: "api") == "started")
        #expect(try stage.evaluate(older)[0].get().outcome(of: "api") == "skipped")
    }

    @Test func `what was started is said to be, before anything newer is looked at`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let older = try stage.handOver(of: Self.push(stage, 0))
        _ = try stage.evaluate(older)
        try stage.evaluateAll(Self.push(stage, 1))
        #expect(try stage.evaluate(older)[0].get().outcome(of: "api") == "already-started")
    }

    @Test func `a head says what was started last`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let record = try stage.evaluateAll(Self.push(stage, 1))
        let rule = "pointsman/rules/github/octo/mono/api.json"
        let digest = Hex.lower(SHA256.hash(Array("\(rule)\nbranch:main".utf8)))
        let head = try JSON(
            parsing: Array(#require(stage.aws.text("pointsman/heads/\(digest).json")).utf8)
        )
        #expect(head["eventTime"]?.string == "2026-09-21T14:14:20Z")
        #expect(head["delivery"]?.string == "push-main-1")
        #expect(head["after"]?.string == Self.commit)
        #expect(head["start"]?.string?.count == 64)
        #expect(head["answer"] == record.rule("api")?["answer"])
        #expect(head.members?.count == 5)
    }

    @Test func `a head that cannot be read leaves the start to another attempt`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let handOver = try stage.handOver(of: Self.push(stage, 0))
        stage.aws.fault = { _, name in name.hasPrefix("GET pointsman/heads/") ? .status503 : nil }
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(
            error?.message.contains("it could not be told whether a newer change was started: s3")
                == true
        )
        #expect(stage.aws.executions.isEmpty)
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "started")
    }

    @Test func `a head that is none is overwritten, and the log says so`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(Self.push(stage, 1))
        let key = try #require(stage.aws.objects.keys.first { $0.hasPrefix("pointsman/heads/") })
        stage.aws.put(key, "no head")
        #expect(try stage.evaluateAll(Self.push(stage, 0)).outcome(of: "api") == "started")
        #expect(stage.log.contains("tells of no start, is overwritten"))
        #expect(stage.aws.text(key)?.contains("2026-09-21T14:13:20Z") == true)
    }

    @Test(arguments: [(300_000, true), (300_001, false), (250_000_000_000_000, false)])
    func `a head whose time is yet to come holds nothing back, and is replaced`(
        ahead: Int,
        holds: Bool
    ) throws {
        let stage = try Stage()
        stage.rule("api", "")
        try stage.evaluateAll(Self.push(stage, 1))
        let key = try #require(stage.aws.objects.keys.first { $0.hasPrefix("pointsman/heads/") })
        let time = stage.now.adding(milliseconds: ahead).iso8601Milliseconds
        stage.aws.put(key, #"{"eventTime":"\#(time)","delivery":"d","after":"f","start":"s"}"#)
        let record = try stage.evaluateAll(Self.push(stage, 2))
        #expect(record.outcome(of: "api") == (holds ? "skipped" : "started"))
        #expect(stage.log.contains("tells of the future, is overwritten") != holds)
        #expect(stage.aws.text(key)?.contains("push-main-2") != holds)
    }

    @Test func `a change that says it is yet to come holds back nothing that comes after it`()
        throws
    {
        let stage = try Stage()
        stage.rule("api", "")
        let madeUp = stage.push(
            delivery: "made-up",
            pushedAt: Timestamp(milliseconds: 253_370_764_800_000)
        )
        #expect(try stage.evaluateAll(madeUp).outcome(of: "api") == "started")
        let key = try #require(stage.aws.objects.keys.first { $0.hasPrefix("pointsman/heads/") })
        #expect(stage.aws.text(key)?.contains(#""eventTime":"2026-09-21T14:13:20Z""#) == true)
        #expect(try stage.evaluateAll(Self.push(stage, 1)).outcome(of: "api") == "started")
    }

    @Test func `a head that another run has raised meanwhile is not lowered`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let older = try stage.handOver(of: Self.push(stage, 0))
        let newer = try stage.handOver(of: Self.push(stage, 1))
        let other = try #require(stage.evaluate)
        let invocation = try stage.invocation(newer, requestID: "newer")
        // Both have read that there is no head: they cross.
        stage.atFirst("StartPipelineExecution") { _ = try? other(invocation) }
        _ = try stage.evaluate(older)[0].get()
        #expect(stage.aws.executions.count == 2)
        let key = try #require(stage.aws.objects.keys.first { $0.hasPrefix("pointsman/heads/") })
        #expect(stage.aws.text(key)?.contains("2026-09-21T14:14:20Z") == true)
    }

    @Test func `a head that could not be written fails the invocation, and the retry writes it`()
        throws
    {
        let stage = try Stage()
        stage.rule("api", "")
        let handOver = try stage.handOver(of: Self.push(stage, 1))
        stage.aws.fault = { _, name in name.hasPrefix("PUT pointsman/heads/") ? .status503 : nil }
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.NotRecorded")
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "already-started")
        #expect(try stage.evaluateAll(Self.push(stage, 0)).outcome(of: "api") == "skipped")
    }

    @Test func `reading and writing heads takes no round trip of its own`() throws {
        var trips: [Int] = []
        for isOrdered in [false, true] {
            let stage = try Stage()
            for number in 0..<100 { stage.rule("pipeline-\(number)", "") }
            let handOver = try stage.handOver(
                of: isOrdered ? Self.push(stage, 0) : stage.push()
            )
            _ = try stage.evaluate(handOver)[0].get()
            #expect(stage.aws.executions.count == 100)
            trips.append(stage.aws.roundTrips)
        }
        #expect(trips[0] == trips[1])
    }
}

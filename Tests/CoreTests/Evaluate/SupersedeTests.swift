import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// A newer run for a pull request takes the place of the rule's earlier one, which is stopped.
@Suite struct `Superseding runs` {
    private static let supersede = #""Supersede":true"#

    private static func stage(_ more: String = "", target: String? = nil) throws -> Stage {
        let stage = try Stage()
        // No head is of the future.
        stage.wait(3_600_000)
        stage.review("api", supersede + more, target: target)
        return stage
    }

    private static func head(_ stage: Stage) throws -> StartHead {
        let keys = stage.aws.objects.keys.filter { $0.hasPrefix("pointsman/heads/") }
        #expect(keys.count == 1)
        let object = try #require(keys.first.flatMap { stage.aws.objects[$0] })
        return try #require(StartHead(parsing: object.body))
    }

    /// `codepipeline/id: stopped` of each earlier run.
    private static func superseded(_ record: JSON, _ rule: String = "api") -> [String] {
        (record.rule(rule)?["superseded"]?.array ?? []).map {
            "\($0["run"]?.string ?? ""): \($0["result"]?.string ?? "")"
        }
    }

    @Test func `a newer run stops the earlier one, and the record says so`() throws {
        let stage = try Self.stage()
        let first = try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        #expect(Self.superseded(first) == [])
        let second = try stage.evaluateAll(stage.pullRequest(minute: 2))
        let ids = stage.executionIDs
        #expect(stage.aws.stopped == [ids[0]])
        #expect(second.outcome(of: "api") == "started")
        #expect(Self.superseded(second) == ["codepipeline/\(ids[0]): stopped"])
        let run = second.rule("api")?["superseded"]?.array?.first
        #expect(run?["after"]?.string == Stage.commit(1))
        let stop = try #require(stage.aws.stops.first)
        #expect(stop["pipelineName"]?.string == "api")
        #expect(stop["abandon"] == .bool(false))
        #expect(
            stop["reason"]?.string
                == "Pointsman: superseded by \(Stage.commit(2)), pull request 7"
        )
        #expect(try Self.head(stage).runs.map(\.name.id) == [ids[1]])
    }

    @Test func `a build is stopped likewise, as the role and in the region that started it`()
        throws
    {
        let role = "arn:aws:iam::210987654321:role/deployer"
        let target = { (project: String) in
            #"{"CodeBuild":{"Project":"\#(project)","RoleArn":"\#(role)","Region":"us-east-1"}}"#
        }
        let stage = try Self.stage(target: target("build"))
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let id = "build:\(stage.aws.builds[0].token.prefix(8))"
        // The rule has another target by now.
        stage.review("api", Self.supersede, target: #"{"CodePipeline":{"Name":"api"}}"#)
        stage.aws.forgetCalls()
        let record = try stage.evaluateAll(stage.pullRequest(minute: 2))
        #expect(stage.aws.stopped == [id])
        #expect(Self.superseded(record) == ["codebuild/\(id): stopped"])
        #expect(stage.aws.stops[0]["id"]?.string == id)
        let run = try #require(try Self.head(stage).runs.first)
        #expect(run.target.kind == "CodePipeline")
    }

    /// A rule whose target takes 5 seconds, beside that which supersedes.
    private static func withSlowRule(_ stage: Stage) {
        let openShift = FakeOpenShift()
        stage.aws.secrets[FakeOpenShift.arn] = ["AWSCURRENT": openShift.url]
        stage.aws.elsewhere = openShift.answer
        stage.aws.delay = { _ in 5_000 }
        stage.review(
            "slow",
            target: #"{"OpenShiftBuild":{"UrlSecretArn":"\#(FakeOpenShift.arn)"}}"#
        )
    }

    @Test(arguments: ["synchronize", "closed"])
    func `what was started is stopped by what comes while another rule's target is waited for`(
        action: String
    ) throws {
        let stage = try Self.stage()
        Self.withSlowRule(stage)
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let second = try stage.handOver(of: stage.pullRequest(minute: 2))
        let third = try stage.handOver(of: stage.pullRequest(action, minute: 3))
        let other = try #require(stage.evaluate)
        let invocation = try stage.invocation(third, requestID: "third")
        // By now the slow rule's target has been waited for.
        stage.atFirst("Stop ") { _ = try? other(invocation) }
        _ = try stage.evaluate(second)[0].get()
        #expect(Set(stage.aws.stopped).isSuperset(of: stage.executionIDs.prefix(2)))
    }

    @Test func `a run with a status is written down before earlier ones are stopped`() throws {
        let stage = try Self.stage(#","Status":"ci/api""#)
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        stage.aws.forgetCalls()
        try stage.evaluateAll(stage.pullRequest(minute: 2))
        let calls = stage.aws.calls
        let run = try #require(calls.firstIndex { $0.hasPrefix("PUT pointsman/runs/") })
        let stop = try #require(calls.firstIndex { $0.hasPrefix("Stop ") })
        #expect(run < stop)
    }

    @Test func `what was started is written down while another rule's target is waited for`() throws
    {
        let stage = try Self.stage(#","Status":"ci/api""#)
        Self.withSlowRule(stage)
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        var calls: [(name: String, time: Timestamp)] = []
        stage.aws.before = { calls.append(($0, stage.now)) }
        let began = stage.now
        try stage.evaluateAll(stage.pullRequest(minute: 2))
        let id = stage.executionIDs[1]
        let run = calls.first { $0.name.contains("runs/codepipeline/\(id)") }
        #expect(try #require(run).time < began.adding(milliseconds: 5_000))
        #expect(stage.aws.stopped == [stage.executionIDs[0]])
        #expect(try Self.head(stage).runs.map(\.name.id) == [id])
    }

    @Test(arguments: [
        ("an older change", "synchronize", 1, 7, 0),
        ("a change of the same second", "synchronize", 5, 7, 0),
        ("a newer change", "synchronize", 6, 7, 1),
        ("a newer change of another pull request", "synchronize", 6, 8, 0),
        ("the newer end of the pull request", "closed", 6, 7, 1),
        ("the older end of the pull request", "closed", 1, 7, 0),
    ])
    func `only what is newer stops a run, with Order every too`(
        name: String,
        action: String,
        minute: Int,
        number: Int,
        stops: Int
    ) throws {
        for order in ["", #","Order":"every""#] {
            let stage = try Self.stage(order)
            try stage.evaluateAll(stage.pullRequest("opened", minute: 5))
            try stage.evaluateAll(
                stage.pullRequest(action, minute: minute, commit: 9, number: number)
            )
            #expect(stage.aws.stopped.count == stops, "\(order)")
        }
    }

    @Test func `a redelivery, a refused start and a skipped change stop nothing`() throws {
        let stage = try Self.stage(#","Branches":["main"]"#)
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let second = stage.pullRequest(minute: 2)
        try stage.evaluateAll(second)
        #expect(stage.aws.stopped.count == 1)
        try stage.evaluateAll(second)
        try stage.evaluateAll(stage.pullRequest(minute: 3, base: "release"))
        stage.aws.pipelineErrors["api"] = (400, "ValidationException")
        let refused = try stage.evaluateAll(stage.pullRequest(minute: 4))
        #expect(refused.outcome(of: "api") == "failed")
        #expect(stage.aws.stopped.count == 1)
        #expect(try Self.head(stage).runs.map(\.name.id) == [stage.executionIDs[1]])
    }

    @Test
    func `the end of a draft whose head was started stops nothing, and a reopening starts it`()
        throws
    {
        let stage = try Self.stage()
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let ready = try stage.evaluateAll(
            stage.pullRequest("ready_for_review", minute: 2, commit: 1)
        )
        #expect(ready.outcome(of: "api") == "already-started")
        #expect(stage.aws.stopped == [])
        #expect(try Self.head(stage).runs.map(\.name.id) == stage.executionIDs)
        try stage.evaluateAll(stage.pullRequest("closed", minute: 3, commit: 1))
        #expect(stage.aws.stopped == stage.executionIDs)
        let again = try stage.evaluateAll(stage.pullRequest("reopened", minute: 4, commit: 1))
        #expect(again.outcome(of: "api") == "started")
    }

    @Test func `what was started late with Order every is stopped by the next`() throws {
        let stage = try Self.stage(#","Order":"every""#)
        try stage.evaluateAll(stage.pullRequest(minute: 5))
        try stage.evaluateAll(stage.pullRequest(minute: 3))
        #expect(stage.aws.stopped == [])
        try stage.evaluateAll(stage.pullRequest(minute: 6))
        #expect(stage.aws.stopped.sorted() == stage.executionIDs.prefix(2).sorted())
        #expect(try Self.head(stage).runs.map(\.name.id) == [stage.executionIDs[2]])
    }

    @Test func `when the pull request is closed, what runs is stopped and nothing starts`() throws {
        let stage = try Self.stage(#","Status":"ci/api""#)
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let record = try stage.evaluateAll(stage.pullRequest("closed", minute: 2, commit: 1))
        let id = stage.executionIDs[0]
        let rule = try #require(record.rule("api"))
        #expect(rule["outcome"]?.string == "started")
        #expect(rule["answer"]?.string == "stopped \(id)")
        #expect(rule["status"] == nil)
        #expect(Self.superseded(record) == ["codepipeline/\(id): stopped"])
        #expect(
            stage.aws.stops[0]["reason"]?.string
                == "Pointsman: superseded by its end, pull request 7"
        )
        #expect(stage.aws.executions.count == 1)
        // What happened before comes late.
        let late = try stage.evaluateAll(stage.pullRequest(minute: 1, commit: 8))
        #expect(late.rule("api")?["clause"]?.string == "Order")
    }

    @Test func `of a pull request that is closed nothing may run any more`() throws {
        let stage = try Self.stage()
        let none = try stage.evaluateAll(stage.pullRequest("closed", minute: 2))
        #expect(none.outcome(of: "api") == "unchanged")
        #expect(none.rule("api")?["answer"]?.string == "there is no run to stop")
        try stage.evaluateAll(stage.pullRequest("reopened", minute: 3))
        let id = stage.executionIDs[0]
        stage.aws.stopErrors[id] = (400, "AccessDeniedException")
        let refused = try stage.evaluateAll(stage.pullRequest("closed", minute: 4))
        #expect(refused.rule("api")?["answer"]?.string == "no run was stopped")
        // Without the property it is not looked at.
        stage.review("web")
        let other = try stage.evaluateAll(stage.pullRequest("closed", minute: 5))
        #expect(other.rule("web")?["clause"]?.string == "Target")
    }

    @Test(arguments: [
        ("PipelineExecutionNotStoppableException", "ended before"),
        ("PipelineNotFoundException", "ended before"),
        ("DuplicatedStopRequestException", "stopped"),
        (
            "AccessDeniedException",
            "not stopped: codepipeline:StopPipelineExecution of api: 400 AccessDeniedException: as scripted"
        ),
    ])
    func `what cannot be stopped keeps nothing from starting`(code: String, words: String) throws {
        let stage = try Self.stage()
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let id = stage.executionIDs[0]
        stage.aws.stopErrors[id] = (400, code)
        let record = try stage.evaluateAll(stage.pullRequest(minute: 2))
        #expect(record.outcome(of: "api") == "started")
        #expect(Self.superseded(record) == ["codepipeline/\(id): \(words)"])
        // It is not tried again.
        #expect(try Self.head(stage).runs.map(\.name.id) == [stage.executionIDs[1]])
    }

    @Test func `what may be stopped later fails the invocation, and the next attempt stops it`()
        throws
    {
        let stage = try Self.stage()
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let id = stage.executionIDs[0]
        let handOver = try stage.handOver(of: stage.pullRequest(minute: 2))
        stage.aws.fault = { _, name in name.hasPrefix("Stop ") ? .throttled : nil }
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.StopsPending")
        #expect(
            error?.message
                == "nothing is left to start, but an earlier run could not be stopped yet: "
                + "codepipeline:StopPipelineExecution of api: 400 ThrottlingException: as scripted"
        )
        #expect(try Self.head(stage).runs.map(\.isDue) == [true, false])
        #expect(stage.aws.executions.count == 2)
        stage.aws.fault = { _, _ in nil }
        let record = try stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "api") == "already-started")
        #expect(stage.aws.stopped == [id])
        #expect(Self.superseded(record) == ["codepipeline/\(id): stopped"])
        #expect(try Self.head(stage).runs.map(\.name.id) == [stage.executionIDs[1]])
        let kept = try #require(
            stage.aws.objects.first { $0.key.contains("pr-7-synchronize-2") }?.value
        )
        let written = try JSON(parsing: kept.body)
        #expect(written.outcome(of: "api") == "started")
        #expect(Self.superseded(written) == ["codepipeline/\(id): stopped"])
    }

    @Test func `and so does the next change, if no attempt has`() throws {
        let stage = try Self.stage()
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let handOver = try stage.handOver(of: stage.pullRequest(minute: 2))
        stage.aws.fault = { _, name in name.hasPrefix("Stop ") ? .status503 : nil }
        _ = try stage.evaluate(handOver)
        stage.aws.fault = { _, _ in nil }
        try stage.evaluateAll(stage.pullRequest(minute: 3))
        #expect(stage.aws.stopped == Array(stage.executionIDs.prefix(2)))
    }

    /// Every call fails in turn, in every way: in the end both runs were started once, and the first
    /// was stopped.
    @Test(.thorough, arguments: FakeAWS.Fault.failures, [false, true])
    func `whichever call fails, and all after it, a later attempt stops the earlier run`(
        fault: FakeAWS.Fault,
        isBesideAnother: Bool
    ) throws {
        var number = 0
        var wasWhole = false
        while !wasWhole {
            number += 1
            let stage = try Self.stage(#","Status":"ci/api""#)
            if isBesideAnother { Self.withSlowRule(stage) }
            try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
            let handOver = try stage.handOver(of: stage.pullRequest(minute: 2))
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            let results = try stage.evaluate(handOver, attempts: 1)
            if case .success = results[0] { wasWhole = true }
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            _ = try stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(stage.aws.executions.count == 2, "call \(number)")
            #expect(Set(stage.aws.stopped) == [stage.executionIDs[0]], "call \(number)")
            #expect(try Self.head(stage).runs.map(\.name.id) == [stage.executionIDs[1]])
        }
        #expect(number > 10)
    }

    @Test func `a run that another invocation adds at the same moment is left to the next change`()
        throws
    {
        let stage = try Self.stage()
        let older = try stage.handOver(of: stage.pullRequest("opened", minute: 1))
        let newer = try stage.handOver(of: stage.pullRequest(minute: 2))
        let other = try #require(stage.evaluate)
        let invocation = try stage.invocation(newer, requestID: "newer")
        stage.atFirst("StartPipelineExecution") { _ = try? other(invocation) }
        _ = try stage.evaluate(older)[0].get()
        #expect(stage.aws.stopped == [])
        #expect(try Self.head(stage).runs.count == 2)
        try stage.evaluateAll(stage.pullRequest(minute: 3))
        #expect(stage.aws.stopped.count == 2)
        #expect(try Self.head(stage).runs.count == 1)
    }

    @Test(.thorough) func `no start waits for a run to be stopped`() throws {
        let stage = try Self.stage()
        for number in 0..<300 { stage.review("rule-\(number)", Self.supersede) }
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let handOver = try stage.handOver(of: stage.pullRequest(minute: 2))
        _ = try stage.evaluate(handOver)[0].get()
        #expect(stage.aws.stopped.count == 301)
        let calls = stage.aws.calls
        let lastStart = try #require(calls.lastIndex { $0.hasPrefix("StartPipeline") })
        let firstStop = try #require(calls.firstIndex { $0.hasPrefix("Stop ") })
        #expect(lastStart < firstStop)
    }

    @Test func `stopping takes one round trip, and none if there is nothing to stop`() throws {
        var trips: [Int] = []
        for more in ["", Self.supersede] {
            let stage = try Stage()
            stage.wait(3_600_000)
            stage.review("api", more)
            for minute in [1, 2] {
                let handOver = try stage.handOver(of: stage.pullRequest(minute: minute))
                _ = try stage.evaluate(handOver)[0].get()
                trips.append(stage.aws.roundTrips)
            }
        }
        #expect(trips[2] == trips[0])
        #expect(trips[3] == trips[1] + 1)
    }
}

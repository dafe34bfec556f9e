import AWS
import Codec
import Platform
import Testing

@testable import Core

/// A tag of CodeCommit, whose events name what it is at: a commit, or an annotated tag's object.
@Suite struct `A tag of CodeCommit` {
    static func stage(events: String = #""Events":["tag"]"#) throws -> Stage {
        let stage = try Stage()
        stage.codeCommitRule("api", events)
        stage.aws.codeCommit.commit("c1", ["api/a": "1"])
        return stage
    }

    /// What tells of the tag v1, by the trigger or by EventBridge.
    static func event(_ stage: Stage, _ object: String, byTrigger: Bool) -> [UInt8] {
        byTrigger
            ? stage.trigger([("refs/tags/v1", object)], event: "e-\(object)", at: 1)
            : stage.stateChange(
                "Repository",
                #""event":"referenceCreated","repositoryName":"my-repo","referenceType":"tag","#
                    + #""referenceFullName":"refs/tags/v1","commitId":"\#(object)""#
            )
    }

    typealias Paths = `The paths of a CodeCommit change`

    @Test(arguments: [true, false])
    func `that is at a commit starts on it`(byTrigger: Bool) throws {
        let stage = try Self.stage()
        let event = Self.event(stage, "c1", byTrigger: byTrigger)
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(Paths.started(stage) == ["api c1"])
        #expect(record["change"]?["after"]?.string == "c1")
        #expect(record["change"]?["tagObject"] == nil)
        #expect(stage.codeCommitCalls == ["GetCommit c1"])
    }

    @Test(arguments: [true, false])
    func `that is annotated starts on the commit that it points to`(byTrigger: Bool) throws {
        let stage = try Self.stage()
        stage.aws.codeCommit.tags["refs/tags/v1"] = "c1"
        let event = Self.event(stage, "t1", byTrigger: byTrigger)
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(Paths.started(stage) == ["api c1"])
        #expect(record["change"]?["after"]?.string == "c1")
        #expect(record["change"]?["tagObject"]?.string == "t1")
        #expect(stage.codeCommitCalls == ["GetCommit t1", "GetFolder refs/tags/v1"])
    }

    @Test func `that points to something else starts nothing, and says so`() throws {
        let stage = try Self.stage()
        let event = Self.event(stage, "tree", byTrigger: true)
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(record.outcome(of: "api") == "skipped")
        #expect(record.rule("api")?["clause"]?.string == "Commit")
        #expect(
            record.rule("api")?["reason"]?.string
                == "the tag points to something that is not a commit (tree): nothing can run on it"
        )
        #expect(record["change"]?["after"] == nil)
        #expect(stage.aws.executions.isEmpty)
    }

    @Test(arguments: [#""Events":["push"]"#, #""Events":["tag"],"Tags":["release-*"]"#])
    func `that no rule starts on is not asked about`(rule: String) throws {
        let stage = try Self.stage(events: rule)
        let event = Self.event(stage, "t1", byTrigger: true)
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(record.outcome(of: "api") == "skipped")
        #expect(stage.codeCommitCalls == [])
    }

    @Test func `whose commit CodeCommit refuses to tell starts nothing, and says so`() throws {
        let stage = try Self.stage()
        stage.aws.codeCommitError = (400, "AccessDeniedException")
        let event = Self.event(stage, "t1", byTrigger: true)
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(record.outcome(of: "api") == "failed")
        #expect(record.rule("api")?["willBeRetried"] == nil)
        #expect(
            record.rule("api")?["answer"]?.string
                == "the commit that the tag points to cannot be read: codecommit:GetCommit of "
                + "my-repo: 400 AccessDeniedException: as scripted"
        )
        #expect(stage.aws.executions.isEmpty)
    }

    @Test func `whose commit cannot be told for the moment fails the invocation`() throws {
        let stage = try Self.stage()
        stage.aws.codeCommitError = (503, "ServiceUnavailable")
        let event = Self.event(stage, "t1", byTrigger: true)
        let handOver = try #require(stage.handOvers(of: event).first)
        #expect(
            throws: InvocationError(
                type: "Function.CommitUnavailable",
                message: "nothing was started, since the commit that the tag points to cannot be "
                    + "read: codecommit:GetCommit of my-repo: 503 ServiceUnavailable: as scripted"
            )
        ) { try stage.evaluate(handOver, attempts: 1)[0].get() }
        #expect(stage.aws.executions.isEmpty)
        stage.aws.codeCommitError = nil
        stage.aws.codeCommit.tags["refs/tags/v1"] = "c1"
        stage.wait(Stage.timeout)
        _ = try stage.evaluate(handOver, attempts: 1)[0].get()
        #expect(Paths.started(stage) == ["api c1"])
    }

    /// Listing, record and change kept, the rule, two questions, one claim, start and conclusion, the
    /// record.
    static let calls = 12

    static func annotated() throws -> (Stage, handOver: [UInt8]) {
        let stage = try Self.stage()
        stage.aws.codeCommit.tags["refs/tags/v1"] = "c1"
        let handOver = try #require(
            stage.handOvers(of: event(stage, "t1", byTrigger: true)).first
        )
        try stage.restart()
        stage.aws.forgetCalls()
        return (stage, handOver)
    }

    @Test func `the count of calls is as these tests assume`() throws {
        let (stage, handOver) = try Self.annotated()
        _ = try stage.evaluate(handOver)[0].get()
        #expect(stage.aws.calls.count == Self.calls, "\(stage.aws.calls)")
    }

    @Test(arguments: FakeAWS.Fault.allCases)
    func `whichever call fails once, it starts once on the commit`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.calls {
            let (stage, handOver) = try Self.annotated()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            _ = try #require(stage.evaluate(handOver).last).get()
            #expect(Paths.started(stage) == ["api c1"], "call \(number)")
        }
    }

    @Test(arguments: FakeAWS.Fault.failures)
    func `whichever call fails with all after it, another sandbox starts it once`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...Self.calls {
            let (stage, handOver) = try Self.annotated()
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            _ = try? stage.evaluate(handOver, attempts: 1)[0].get()
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            _ = try stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(Paths.started(stage) == ["api c1"], "call \(number)")
        }
    }
}

/// A tag of GitHub, whose events name the commit beside what the tag is at.
@Suite struct `A tag of GitHub` {
    static let object = String(repeating: "d", count: 40)

    static func push(head: Bool) -> [UInt8] {
        let commit = String(repeating: "b", count: 40)
        let body =
            #"{"ref":"refs/tags/v1","before":"\#(String(repeating: "0", count: 40))","#
            + #""after":"\#(object)","created":true,"commits":[],"#
            + #""head_commit":\#(head ? #"{"id":"\#(commit)"}"# : "null"),"#
            + #""repository":{"full_name":"octo/mono"},"sender":{"login":"mona"}}"#
        return Stage.event(body)
    }

    @Test func `that is annotated starts on the commit that it points to`() throws {
        let stage = try Stage()
        stage.rule("api", #""Events":["tag"]"#)
        let record = try stage.decide(Self.push(head: true))
        let revision = stage.aws.executions.first?.request["sourceRevisions"]?.array?.first
        #expect(revision?["revisionValue"]?.string == String(repeating: "b", count: 40))
        #expect(record["change"]?["after"]?.string == String(repeating: "b", count: 40))
        #expect(record["change"]?["tagObject"]?.string == Self.object)
    }

    @Test func `that points to something else starts nothing, and says so`() throws {
        let stage = try Stage()
        stage.rule("api", #""Events":["tag"]"#)
        let record = try stage.decide(Self.push(head: false))
        #expect(record.outcome(of: "api") == "skipped")
        #expect(
            record.rule("api")?["reason"]?.string
                == "the tag points to something that is not a commit (\(Self.object)): "
                + "nothing can run on it"
        )
        #expect(stage.aws.executions.isEmpty)
    }
}

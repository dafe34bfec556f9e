import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// What a CodeCommit change has changed, and which commit it is compared with.
@Suite struct `The paths of a CodeCommit change` {
    /// c1 has both services; c2 changes api, c3 changes web, c4 takes back what c2 did.
    static func stage() throws -> Stage {
        let stage = try Stage()
        // Also an older push that comes late starts what it changed: these tests are about paths.
        stage.codeCommitRule("api", #""Paths":["api/**"],"Order":"every""#)
        stage.codeCommitRule("web", #""Paths":["web/**"],"Order":"every""#)
        stage.aws.codeCommit.commit("c1", ["api/a": "1", "web/a": "1", "README": "1"])
        stage.aws.codeCommit.commit("c2", on: ["c1"], ["api/a": "2"])
        stage.aws.codeCommit.commit("c3", on: ["c2"], ["web/a": "2"])
        stage.aws.codeCommit.commit("c4", on: ["c3"], ["api/a": "1"])
        return stage
    }

    /// Which pipelines were started, each with its commit.
    static func started(_ stage: Stage) -> [String] {
        stage.aws.executions.map { execution in
            let revision = execution.request["sourceRevisions"]?.array?.first
            return "\(execution.pipeline) \(revision?["revisionValue"]?.string ?? "")"
        }
        .sorted()
    }

    @Test func `the first push of a branch is compared with its first parent`() throws {
        let stage = try Self.stage()
        let record = try #require(stage.evaluateDirect(stage.pushed("c2", at: 1)).first)
        #expect(stage.codeCommitCalls == ["GetCommit c2", "GetDifferences c1..c2"])
        #expect(record.outcome(of: "api") == "started")
        #expect(record.outcome(of: "web") == "skipped")
        #expect(record["change"]?["pathCount"]?.int == 1)
        #expect(record["change"]?["pathsIncomplete"] == nil)
        #expect(
            record["change"]?["comparedWith"]?.string == "c1, the commit's first parent"
        )
        #expect(try stage.remembered() == ["c2"])
    }

    @Test func `a root commit has all of its files`() throws {
        let stage = try Self.stage()
        let record = try #require(stage.evaluateDirect(stage.pushed("c1", at: 1)).first)
        #expect(stage.codeCommitCalls == ["GetCommit c1", "GetDifferences ..c1"])
        #expect(record["change"]?["pathCount"]?.int == 3)
        #expect(record["change"]?["comparedWith"]?.string == "nothing: a root commit")
        #expect(Self.started(stage) == ["api c1", "web c1"])
    }

    @Test func `every further push is compared with the last commit evaluated`() throws {
        let stage = try Self.stage()
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        stage.aws.forgetCalls()
        // c2 and c3 in one push.
        let record = try #require(stage.evaluateDirect(stage.pushed("c3", at: 2)).first)
        #expect(stage.codeCommitCalls == ["GetDifferences c1..c3"])
        #expect(record["change"]?["comparedWith"]?.string == "c1, the last commit evaluated")
        #expect(Self.started(stage) == ["api c1", "api c3", "web c1", "web c3"])
        #expect(try stage.remembered() == ["c1", "c3"])
    }

    @Test func `EventBridge tells the commit before, and the last one is remembered`() throws {
        let stage = try Self.stage()
        let event = stage.stateChange(
            "Repository",
            #""event":"referenceUpdated","referenceFullName":"refs/heads/main","#
                + #""commitId":"c3","oldCommitId":"c1""#
        )
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(stage.codeCommitCalls == ["GetDifferences c1..c3"])
        #expect(record["change"]?["comparedWith"]?.string == "c1, where the branch was")
        #expect(Self.started(stage) == ["api c3", "web c3"])
        try stage.evaluateDirect(stage.pushed("c4", at: 9))
        #expect(stage.codeCommitCalls.last == "GetDifferences c3..c4")
    }

    @Test func `a pull request is compared with the commit that its base is at`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("api", #""Events":["pull_request"],"Paths":["api/**"]"#)
        stage.codeCommitRule("web", #""Events":["pull_request"],"Paths":["web/**"]"#)
        let event = stage.stateChange(
            "Pull Request",
            #""event":"pullRequestCreated","pullRequestId":"3","sourceReference":"refs/heads/t","#
                + #""destinationReference":"refs/heads/main","sourceCommit":"c3","#
                + #""destinationCommit":"c2""#
        )
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(stage.codeCommitCalls == ["GetDifferences c2..c3"])
        #expect(record["change"]?["comparedWith"]?.string == "c2, where the base is")
        #expect(Self.started(stage) == ["web c3"])
        #expect(try stage.remembered() == [])
    }

    @Test func `a pull request that is closed is not compared`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("api", #""Events":["pull_request"],"Paths":["api/**"]"#)
        let event = stage.stateChange(
            "Pull Request",
            #""event":"pullRequestStatusChanged","pullRequestStatus":"Closed","#
                + #""pullRequestId":"3","sourceReference":"refs/heads/t","#
                + #""destinationReference":"refs/heads/main","sourceCommit":"c3","#
                + #""destinationCommit":"c2""#
        )
        let record = try #require(stage.evaluateDirect(event).first)
        #expect(record.outcome(of: "api") == "skipped")
        #expect(stage.codeCommitCalls == [])
    }

    @Test func `a tag is not compared, and no commit of it is remembered`() throws {
        let stage = try Self.stage()
        stage.codeCommitRule("api", #""Events":["tag"],"Tags":["v*"],"Paths":["api/**"]"#)
        try stage.evaluateDirect(stage.trigger([("refs/tags/v1", "c2")], event: "t", at: 1))
        #expect(stage.codeCommitCalls == ["GetCommit c2"])
        #expect(Self.started(stage) == ["api c2"])
        #expect(!stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/commits/") })
    }

    @Test func `several references are each compared on their own`() throws {
        let stage = try Self.stage()
        let event = stage.trigger(
            [("refs/heads/main", "c2"), ("refs/heads/release/1.x", "c3"), ("refs/tags/v1", "c3")],
            event: "many",
            at: 1
        )
        let records = try stage.evaluateDirect(event)
        #expect(records.map { $0["change"]?["branch"]?.string } == ["main", "release/1.x", nil])
        #expect(Self.started(stage) == ["api c2", "web c3"])
        #expect(try stage.remembered("main") == ["c2"])
        #expect(try stage.remembered("release/1.x") == ["c3"])
    }

    @Test func `all pages are read, and a renamed file has both of its paths`() throws {
        let stage = try Self.stage()
        stage.aws.codeCommit.pageSize = 2
        var files = Dictionary(uniqueKeysWithValues: (0..<9).map { ("docs/\($0)", "x\($0)") })
        stage.aws.codeCommit.commit("d1", on: ["c1"], files)
        files["web/a"] = .some("1")
        stage.aws.codeCommit.commit("d2", on: ["d1"], ["web/a": nil, "site/a": "1"])
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        let many = try #require(stage.evaluateDirect(stage.pushed("d1", at: 2)).first)
        #expect(many["change"]?["pathCount"]?.int == 9)
        #expect(stage.codeCommitCalls.filter { $0 == "GetDifferences c1..d1" }.count == 5)
        let renamed = try #require(stage.evaluateDirect(stage.pushed("d2", at: 3)).first)
        #expect(renamed["change"]?["pathCount"]?.int == 2)
        #expect(renamed.rule("web")?["path"]?.string == "web/a")
    }

    @Test(arguments: [
        ("start", "started"),
        ("skip", "skipped"),
    ])
    func `a base that a forced push removed leaves the paths unknown, and the record says so`(
        unknown: String,
        outcome: String
    ) throws {
        let stage = try Self.stage()
        stage.codeCommitRule("api", #""Paths":["api/**"],"WhenPathsUnknown":"\#(unknown)""#)
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        stage.aws.codeCommit.commits["c1"] = nil
        let record = try #require(stage.evaluateDirect(stage.pushed("c2", at: 2)).first)
        #expect(record.outcome(of: "api") == outcome)
        #expect(record.rule("api")?["clause"]?.string == "WhenPathsUnknown")
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "CodeCommit no longer has a commit to compare, as after a forced push: "
                + "codecommit:GetDifferences of my-repo: 400 CommitDoesNotExistException: "
                + "as scripted"
        )
        // The next push has a base again.
        #expect(try stage.remembered() == ["c1", "c2"])
    }

    @Test func `a commit that is gone before it is looked at leaves the paths unknown`() throws {
        let stage = try Self.stage()
        let record = try #require(stage.evaluateDirect(stage.pushed("gone", at: 1)).first)
        #expect(
            record["change"]?["pathsIncomplete"]?.string?.contains("CommitIdDoesNotExistException")
                == true
        )
        #expect(Self.started(stage) == ["api gone", "web gone"])
    }

    @Test func `what CodeCommit refuses leaves the paths unknown, with its words`() throws {
        let stage = try Self.stage()
        stage.aws.codeCommitError = (400, "AccessDeniedException")
        let record = try #require(stage.evaluateDirect(stage.pushed("c2", at: 1)).first)
        #expect(
            record.rule("web")?["reason"]?.string
                == "there is no changed path, but not all changed paths are known: CodeCommit "
                + "refused to compare: codecommit:GetCommit of my-repo: "
                + "400 AccessDeniedException: as scripted"
        )
        #expect(record.outcome(of: "web") == "started")
    }

    @Test func `what may pass fails the invocation, and nothing is decided`() throws {
        let stage = try Self.stage()
        stage.aws.codeCommitError = (400, "ThrottlingException")
        let handOver = try #require(stage.handOvers(of: stage.pushed("c2", at: 1)).first)
        let result = try stage.evaluate(handOver, attempts: 1)[0]
        #expect(
            throws: InvocationError(
                type: "Function.PathsUnavailable",
                message: "nothing was decided, since the changed paths cannot be read: "
                    + "codecommit:GetCommit of my-repo: 400 ThrottlingException: as scripted"
            )
        ) { try result.get() }
        #expect(stage.aws.executions.isEmpty)
        #expect(try stage.remembered() == ["c2?"])
    }

    @Test(.thorough) func `more paths than there is room for are not all read`() throws {
        let stage = try Self.stage()
        let long = String(repeating: "x", count: 200)
        let files = Dictionary(
            uniqueKeysWithValues: (0..<40_000).map { ("d/\(long)/\($0)", "x") }
        )
        stage.aws.codeCommit.commit("big", on: ["c1"], files)
        stage.aws.codeCommit.pageSize = 10_000
        let record = try #require(stage.evaluateDirect(stage.pushed("big", at: 1)).first)
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "there are more than the 30000 that were read"
        )
        #expect(Self.started(stage) == ["api big", "web big"])
    }

    @Test func `a comparison that takes too long leaves time for the starts`() throws {
        let stage = try Self.stage()
        let files = Dictionary(uniqueKeysWithValues: (0..<2_000).map { ("d/\($0)", "x") })
        stage.aws.codeCommit.commit("big", on: ["c1"], files)
        stage.aws.codeCommit.pageSize = 1
        stage.aws.before = { if $0.hasPrefix("GetDifferences") { stage.wait(1_000) } }
        let record = try #require(stage.evaluateDirect(stage.pushed("big", at: 1)).first)
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "there was no time to read more than 30 of them"
        )
        #expect(Self.started(stage) == ["api big", "web big"])
    }

    @Test func `rules that do not look at paths cost no comparison, and the last commit moves`()
        throws
    {
        let stage = try Self.stage()
        stage.codeCommitRule("api")
        stage.codeCommitRule("web")
        try stage.evaluateDirect(stage.pushed("c2", at: 1))
        #expect(stage.codeCommitCalls == [])
        #expect(try stage.remembered() == ["c2"])
    }
}

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

    @Test(.thorough, arguments: FakeAWS.Fault.allCases)
    func `once, the job is done in the same attempt`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.calls {
            let (stage, handOver) = try Self.stage()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            let results = try stage.evaluate(handOver)
            try Self.expectDone(stage, "call \(number)")
            #expect(results.count == 1, "call \(number) was retried within the attempt")
        }
    }

    @Test(.thorough, arguments: FakeAWS.Fault.failures)
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

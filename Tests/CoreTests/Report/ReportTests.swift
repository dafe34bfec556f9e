import Codec
import Platform
import Testing

@testable import AWS
@testable import Core

/// What is said of a commit, row by row of the table.
@Suite struct `The status of a commit` {
    @Test func `is pending once its pipeline is started, with the run's page`() throws {
        let reporting = try Reporting.withRule()
        let payload = try reporting.push()
        let key = "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
        #expect(String(decoding: payload, as: UTF8.self) == #"{"report":{"record":"\#(key)"}}"#)
        let answer = try reporting.handle(payload)[0].get()
        #expect(answer.encoded() == Array(#"{"statuses":1,"set":1,"refused":0}"#.utf8))
        #expect(
            reporting.gitHub.all == [
                FakeStatuses.Status(
                    place: "octo/mono@bbb",
                    context: "ci/api",
                    state: "pending",
                    description: "started CodePipeline api",
                    url: Reporting.url(reporting.execution)
                )
            ]
        )
        #expect(try reporting.kept().isSet)
    }

    @Test(arguments: [
        ("STARTED", 1, "pending started CodePipeline api"),
        ("STARTED", 2, "pending started CodePipeline api, attempt 2"),
        ("RESUMED", 2, "pending started CodePipeline api, attempt 2"),
        ("SUCCEEDED", 1, "success CodePipeline api succeeded"),
        ("FAILED", 1, "failure CodePipeline api failed: action Test of stage Build"),
        ("STOPPING", 1, "error CodePipeline api is being stopped"),
        ("STOPPED", 1, "error CodePipeline api was stopped"),
        ("CANCELED", 1, "error CodePipeline api was canceled"),
        ("CANCELLED", 1, "error CodePipeline api was canceled"),
        ("SUPERSEDED", 1, "error superseded by a newer run"),
    ])
    func `says what an event tells of its pipeline`(
        state: String,
        attempt: Int,
        words: String
    ) throws {
        let reporting = try Reporting.withRule()
        try reporting.push()
        reporting.stage.aws.pipelines.actions = [
            ("Deploy", "Skipped", "Abandoned"), ("Build", "Test", "Failed"),
            ("Source", "Source", "Succeeded"),
        ]
        try reporting.handle(reporting.event(state, attempt: attempt))
        #expect(reporting.gitHub.words == [words])
        #expect(reporting.gitHub.all.first?.url == Reporting.url(reporting.execution))
        #expect(try reporting.run().progress.state.rawValue == state)
    }

    @Test(arguments: [
        ("IN_PROGRESS", "", "pending started CodeBuild project"),
        ("SUCCEEDED", "", "success CodeBuild project succeeded"),
        (
            "FAILED",
            #"{"phase-type":"INSTALL","phase-status":"SUCCEEDED"},{"phase-type":"BUILD","phase-status":"FAILED"}"#,
            "failure CodeBuild project failed: phase BUILD"
        ),
        ("FAILED", "", "failure CodeBuild project failed"),
        (
            "FAULT", #"{"phase-type":"SUBMITTED","phase-status":"FAULT"}"#,
            "failure CodeBuild project failed: phase SUBMITTED"
        ),
        (
            "TIMED_OUT", #"{"phase-type":"BUILD","phase-status":"TIMED_OUT"}"#,
            "failure CodeBuild project timed out: phase BUILD"
        ),
        ("STOPPED", "", "error CodeBuild project was stopped"),
    ])
    func `says what an event tells of its build`(
        status: String,
        phases: String,
        words: String
    ) throws {
        let reporting = try Reporting()
        reporting.stage.rule(
            "b",
            target: #"{"CodeBuild":{"Project":"project"}},"Status":"ci/b""#
        )
        try reporting.push()
        let id = try #require(
            reporting.stage.aws.builds.first.map { "project:\($0.token.prefix(8))" }
        )
        try reporting.handle(reporting.buildEvent(status, id: id, phases: phases))
        #expect(reporting.gitHub.words == [words])
        #expect(
            reporting.gitHub.all.first?.url
                == "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/projects/project/build/"
                + "project%3A\(id.suffix(8))?region=eu-west-1"
        )
        #expect(try reporting.run(.build(id)).sha == Reporting.sha)
    }

    @Test func `does without the failed action where that may not be asked for`() throws {
        let reporting = try Reporting()
        reporting.stage.rule(
            "api",
            target: #"{"CodePipeline":{"Name":"api","Region":"us-east-1","#
                + #""RoleArn":"arn:aws:iam::123456789012:role/start"}},"Status":"ci/api""#
        )
        try reporting.push()
        reporting.stage.aws.forgetCalls()
        reporting.stage.aws.fault = { _, name in
            name.hasPrefix("ListActionExecutions") ? .status500 : nil
        }
        try reporting.handle(reporting.event("FAILED", region: "us-east-1"))
        #expect(reporting.gitHub.words == ["failure CodePipeline api failed"])
        #expect(
            reporting.stage.aws.calls.contains("AssumeRole arn:aws:iam::123456789012:role/start")
        )
        #expect(
            reporting.gitHub.all.first?.url?.hasPrefix("https://us-east-1.console.") == true
        )
    }

    @Test(arguments: [
        (#""branch":"main","kind":"push""#, "skipped", "Paths", "", "" as String?),
        (#""kind":"pull_request""#, "skipped", "Paths", "", "success skipped: why"),
        (#""kind":"pull_request""#, "skipped", "ExcludePaths", "", "success skipped: why"),
        (#""kind":"pull_request""#, "skipped", "PathExpressions", "", "success skipped: why"),
        (#""kind":"merge_group""#, "skipped", "Paths", "", "success skipped: why"),
        (#""kind":"pull_request""#, "skipped", "WhenPathsUnknown", "", "error why"),
        (#""kind":"push""#, "skipped", "WhenPathsUnknown", "", ""),
        (#""kind":"pull_request""#, "skipped", "Branches", "", ""),
        (#""kind":"pull_request""#, "skipped", "Forks", "", ""),
        (#""kind":"pull_request""#, "skipped", "Order", "", ""),
        // The target has declined it.
        (#""kind":"pull_request""#, "skipped", "Paths", #","answer":"no""#, ""),
        (#""kind":"pull_request""#, "already-started", "Paths", #","answer":"id""#, ""),
        (#""kind":"pull_request""#, "unchanged", "Paths", #","answer":"id""#, ""),
        // A pull request's pipeline was deleted: no run.
        (#""kind":"pull_request""#, "started", "Paths", #","answer":"deleted""#, ""),
        (
            #""kind":"push""#, "failed", "Target", #","answer":"no such pipeline""#,
            "error no such pipeline"
        ),
        (#""kind":"push""#, "failed", "Target", "", "error why"),
        (#""kind":"tag""#, "invalid", "Rule", "", "error why"),
    ])
    func `says what a rule came to that started no run`(
        change: String,
        outcome: String,
        clause: String,
        more: String,
        words: String?
    ) throws {
        let reporting = try Reporting()
        let key = "pointsman/decisions/2026-09-21/d.json"
        reporting.stage.aws.put(
            key,
            #"{"change":{"source":"github","repository":"octo/mono","after":"\#(Reporting.sha)","#
                + #""delivery":"d",\#(change)},"rules":[{"rule":"r","outcome":"\#(outcome)","#
                + #""clause":"\#(clause)","reason":"why","status":"ci/api"\#(more)}],"#
                + #""attempts":[{"at":"2026-09-21T14:13:20.000Z","requestId":"i","started":0,"failed":0}]}"#
        )
        try reporting.handle(Array(#"{"report":{"record":"\#(key)"}}"#.utf8))
        #expect(reporting.gitHub.words == [words].compactMap { $0 }.filter { !$0.isEmpty })
    }

    /// A rule about paths of pull requests, and GitHub, which tells the files of one.
    private static func withFiles() throws -> (Reporting, FakeGitHub) {
        let reporting = try Reporting(["GITHUB_TOKEN_ARN": FakeGitHub.arn])
        let files = FakeGitHub()
        files.head = Stage.head
        let statuses = reporting.gitHub
        reporting.stage.aws.elsewhere = {
            $0.method == "GET" ? files.answer($0) : statuses.answer($0)
        }
        reporting.stage.rule(
            "api",
            #""Events":["pull_request"],"Paths":["src/**"],"Status":"ci/api""#
        )
        return (reporting, files)
    }

    @Test func `of a pull request that a rule skips by its paths is success`() throws {
        let (reporting, files) = try Self.withFiles()
        let statuses = reporting.gitHub
        files.files = ["docs/a.md", "docs/b.md"]
        let record = try reporting.stage.decide(reporting.stage.pullRequest("opened"))
        #expect(record.rule("api")?["status"]?.string == "ci/api")
        try reporting.handle(#require(reporting.stage.takeReports().first))
        #expect(statuses.words == ["success skipped: none of 2 changed paths matches"])
        #expect(statuses.all.first?.url == nil)
    }

    @Test func `of a pull request whose pipeline is made is that of its first run`() throws {
        let reporting = try Reporting()
        reporting.stage.aws.pipelines.now = Stage.start
        reporting.stage.aws.pipelines["api"] = try Stage.template()
        reporting.stage.pullRequestRule("pr", #""Status":"ci/pr""#)
        try reporting.stage.decide(reporting.stage.pullRequest("opened"))
        let name = Stage.clone
        let first = try reporting.run(.first(ofPipeline: name))
        #expect(first.id == nil && first.pullRequest == 7 && first.sha == Stage.head)
        try reporting.handle(#require(reporting.stage.takeReports().first))
        let other = reporting.event(
            "SUCCEEDED",
            at: 9,
            execution: "e0",
            pipeline: name,
            region: "us-east-1"
        )
        try reporting.handle(other)
        // A pipeline of the same name in another account that forwards its events.
        reporting.functionARN = "arn:aws:lambda:eu-west-1:210987654321:function:report"
        try reporting.handle(
            reporting.event("SUCCEEDED", at: 9, execution: "e0", pipeline: name)
        )
        reporting.functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:report"
        try reporting.handle(reporting.event("STARTED", execution: "e1", pipeline: name))
        // The first execution that was heard of is the first run; no other is.
        try reporting.handle(reporting.event("FAILED", at: 11, execution: "e2", pipeline: name))
        try reporting.handle(reporting.event("SUCCEEDED", at: 12, execution: "e1", pipeline: name))
        let title = "PullRequestPipeline \(name)"
        #expect(
            reporting.gitHub.words == [
                "pending started \(title)", "pending started \(title)",
                "success \(title) succeeded",
            ]
        )
        let encoded = name.replacing("@", with: "%40")
        #expect(
            reporting.gitHub.all.map(\.url) == [
                "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/\(encoded)/view?region=eu-west-1",
                Reporting.url("e1", of: encoded), Reporting.url("e1", of: encoded),
            ]
        )
        #expect(try reporting.run(.first(ofPipeline: name)).id == "e1")
        #expect(reporting.stage.aws.objects["pointsman/runs/codepipeline/e2.json"] == nil)
        // It is closed: nothing runs that a status could tell of.
        try reporting.stage.decide(reporting.stage.pullRequest("closed"))
        for payload in reporting.stage.takeReports() { try reporting.handle(payload) }
        #expect(reporting.gitHub.all.count == 3)
        // It is opened again, and the pipeline made anew: a first run that is another one.
        reporting.stage.wait(60_000)
        try reporting.stage.decide(reporting.stage.pullRequest("reopened"))
        #expect(try reporting.run(.first(ofPipeline: name)).id == nil)
        try reporting.handle(reporting.event("FAILED", at: 70, execution: "e3", pipeline: name))
        #expect(reporting.gitHub.words.last == "failure \(title) failed")
    }

    @Test func `is that of the run that was started last, whatever comes late of others`() throws {
        let reporting = try Reporting.withRule()
        let first = try reporting.push()
        let earlier = reporting.execution
        reporting.stage.wait(5_000)
        // The same commit, as another delivery.
        reporting.stage.rule("again", #""Status":"ci/api""#)
        let second = try reporting.push(delivery: "00000000-0000-0000-0000-000000000001")
        let later = reporting.execution
        #expect(earlier != later)
        try reporting.handle(second)
        try reporting.handle(first)
        try reporting.handle(
            reporting.event("SUCCEEDED", at: 20, execution: later, pipeline: "again")
        )
        try reporting.handle(reporting.event("FAILED", at: 30, execution: earlier))
        #expect(
            reporting.gitHub.words == [
                "pending started CodePipeline again", "success CodePipeline again succeeded",
            ]
        )
        #expect(try reporting.run(.execution(earlier)).progress.state == .failed)
    }

    @Test func `of a run is not taken back by a rule that skips the commit`() throws {
        func wanted(
            _ status: CommitStatus,
            run: RunName?,
            at second: Int,
            of delivery: String = "d"
        ) -> WantedStatus {
            let time = Stage.start.adding(milliseconds: second * 1_000)
            var wanted = WantedStatus(status, of: "r", delivery, at: time)
            wanted.origin = "pull_request:7"
            wanted.run = run
            if run != nil { wanted.start = "s" }
            return wanted
        }
        let run = wanted(CommitStatus(.pending, ""), run: .execution("e"), at: 1)
        let skip = wanted(CommitStatus(.success, "skipped"), run: nil, at: 2)
        let refused = wanted(CommitStatus(.error, "refused"), run: nil, at: 2)
        #expect(!run.givesWay(to: skip) && skip.givesWay(to: run))
        // An attempt at the same delivery met the claim of the one that has started it.
        #expect(!run.givesWay(to: refused) && refused.givesWay(to: run))
        let next = wanted(CommitStatus(.error, "refused"), run: nil, at: 2, of: "next")
        #expect(run.givesWay(to: next) && !next.givesWay(to: run))
        let later = wanted(CommitStatus(.success, "skipped"), run: nil, at: 3)
        #expect(refused.givesWay(to: later) && !later.givesWay(to: refused))
        // The other pull request that is at the commit may have fewer changed paths.
        var ofAnother = later
        ofAnother.origin = "pull_request:8"
        #expect(!refused.givesWay(to: ofAnother) && ofAnother.givesWay(to: refused))
        #expect(skip.givesWay(to: ofAnother))
        // Nor the errors of both.
        var refusedAgain = wanted(CommitStatus(.error, "refused"), run: nil, at: 3)
        refusedAgain.origin = "pull_request:8"
        let place = StatusPlace(source: .github, repository: "o/r", sha: "1", context: "c")
        var record = StatusRecord(place, refused)
        let isRaised = record.raise(to: refusedAgain)
        #expect(isRaised)
        record = try #require(StatusRecord(parsing: record.encoded()))
        var last = wanted(CommitStatus(.success, "skipped"), run: nil, at: 4)
        for number in [7, 8] {
            last.origin = "pull_request:\(number)"
            let isTakenBack = record.raise(to: last)
            #expect(!isTakenBack)
        }
        let hasRun = record.raise(
            to: wanted(CommitStatus(.pending, ""), run: .execution("e"), at: 5)
        )
        #expect(hasRun)
    }

    @Test(arguments: [("123456789012", false), ("210987654321", true)])
    func `of a pipeline in a role's account is told by that account's events`(
        account: String,
        isTold: Bool
    ) throws {
        let reporting = try Reporting()
        reporting.functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:report"
        reporting.stage.aws.pipelines.now = Stage.start
        reporting.stage.aws.pipelines["api"] = try Stage.template()
        reporting.stage.review(
            "pr",
            #""Status":"ci/pr""#,
            target: #"{"PullRequestPipeline":{"Template":"api","SourceAction":"Source","#
                + #""RoleArn":"arn:aws:iam::210987654321:role/deployer"}}"#
        )
        try reporting.stage.decide(reporting.stage.pullRequest("opened"))
        let event = reporting.event("FAILED", execution: "e", pipeline: Stage.clone)
        let text = String(decoding: event, as: UTF8.self)
        try reporting.handle(Array(text.replacing("123456789012", with: account).utf8))
        #expect(reporting.gitHub.words.isEmpty != isTold)
    }

    @Test func `of a pull request that is given another base is decided for that one`() throws {
        let (reporting, files) = try Self.withFiles()
        let statuses = reporting.gitHub
        files.files = ["docs/a.md"]
        try reporting.stage.decide(reporting.stage.pullRequest("opened"))
        files.files = ["docs/a.md", "src/b"]
        try reporting.stage.decide(reporting.stage.pullRequest("edited"))
        for payload in reporting.stage.takeReports() { try reporting.handle(payload) }
        #expect(
            statuses.words == [
                "success skipped: the changed path does not match",
                "pending started CodePipeline api",
            ]
        )
    }

    @Test func `of two rules of one record with the same context is the run's`() throws {
        let reporting = try Reporting.withRule()
        reporting.stage.rule("bad", #""Status":"ci/api","Branchs":[]"#)
        reporting.stage.rule("zoo", #""Status":"ci/api""#)
        reporting.stage.aws.pipelineErrors["zoo"] = (400, "PipelineNotFoundException")
        try reporting.handle(reporting.push())
        #expect(reporting.gitHub.words == ["pending started CodePipeline api"])
    }
}

/// Runs that have no status, and what no function should be invoked with.
@Suite struct `An event that is not about a status` {
    @Test(arguments: [
        ("deploy", 1), ("api@octo", 1), ("api@octo@mono", 1), ("api@octo@mono@7a", 1),
        ("api@octo@mono@7", 2), ("api@shop@7", 2),
    ])
    func `costs one call, and a second one if the pipeline may be a pull request's`(
        pipeline: String,
        calls: Int
    ) throws {
        let reporting = try Reporting()
        let event = reporting.event("SUCCEEDED", execution: "e", pipeline: pipeline)
        let answer = try reporting.handle(event)[0].get()
        #expect(answer["reason"]?.string == "the run has no status")
        let keys = ["codepipeline/e", "pipeline/\(pipeline)"].prefix(calls)
        #expect(reporting.stage.aws.calls == keys.map { "GET pointsman/runs/\($0).json" })
    }

    @Test func `costs one call of a build`() throws {
        let reporting = try Reporting()
        try reporting.handle(reporting.buildEvent("SUCCEEDED", id: "p@o@m@7:1"))
        #expect(reporting.stage.aws.calls == ["GET pointsman/runs/codebuild/p@o@m@7:1.json"])
    }

    @Test(arguments: [
        #"{"detail-type":"CodePipeline Pipeline Execution State Change","region":"r","time":"2026-09-21T14:13:20Z","detail":{"pipeline":"p","execution-id":"e","state":"DREAMING"}}"#,
        #"{"detail-type":"CodeBuild Build State Change","region":"r","time":"2026-09-21T14:13:20Z","detail":{"build-id":"b","build-status":"FAILED"}}"#,
        #"{"detail-type":"CodePipeline Pipeline Execution State Change","detail":{}}"#,
    ])
    func `that tells no state is ignored`(event: String) throws {
        let reporting = try Reporting()
        let answer = try reporting.handle(Array(event.utf8))[0].get()
        #expect(answer["reason"]?.string == "the event tells no state that is known")
        #expect(reporting.stage.aws.calls.isEmpty)
    }

    @Test(arguments: ["", "{}", #"{"detail-type":"CodePipeline Action Execution State Change"}"#])
    func `that is something else fails`(payload: String) throws {
        let reporting = try Reporting()
        let error = #expect(throws: InvocationError.self) {
            try reporting.handle(Array(payload.utf8), attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.MalformedEvent")
        #expect(
            error?.message
                == "expected the key of a decision record, or an event of EventBridge of the type "
                + "CodePipeline Pipeline Execution State Change or CodeBuild Build State Change"
        )
    }

    @Test func `that names a record which is not there fails`() throws {
        let reporting = try Reporting()
        let payload = Array(#"{"report":{"record":"pointsman/decisions/none"}}"#.utf8)
        #expect(
            throws: InvocationError(
                type: "Function.RecordUnavailable",
                message: "the decision record or its runs cannot be read: s3:GetObject of "
                    + "bucket/pointsman/decisions/none: NoRecord"
            )
        ) { try reporting.handle(payload, attempts: 1)[0].get() }
    }
}

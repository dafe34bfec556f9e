import Codec
import Platform
import TestSupport
import Testing

@testable import AWS
@testable import Core

/// What `evaluate` writes down of runs, and that it has `report` set their statuses.
@Suite struct `Starts of rules with a Status` {
    private static let rule = "pointsman/rules/github/octo/mono/api.json"
    private static let record =
        "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"

    private static func push(_ stage: Stage) -> [UInt8] { stage.push(pushedAt: Stage.start) }

    @Test func `have what their run belongs to written down before the record`() throws {
        let reporting = try Reporting.withRule()
        var order: [String] = []
        reporting.stage.aws.before = { order.append($0) }
        try reporting.push()
        let execution = try #require(reporting.stage.aws.executions.first)
        let text = reporting.stage.aws.text(
            "pointsman/runs/codepipeline/\(reporting.execution).json"
        )
        #expect(
            text == #"""
                {"source":"github","repository":"octo/mono","sha":"\#(Reporting.sha)","context":"ci/api",\#
                "rule":"\#(Self.rule)","delivery":"72d3162e-cc78-11e3-81ab-4c9367dc0958",\#
                "record":"\#(Self.record)","target":{"kind":"CodePipeline","name":"api",\#
                "region":"eu-west-1"},"startedAt":"2026-09-21T14:13:20.000Z","state":"STARTED",\#
                "stateTime":"2026-09-21T14:13:20.000Z","attempt":1,"start":"\#(execution.token)",\#
                "pushedAt":"2026-09-21T14:13:20.000Z","id":"\#(reporting.execution)"}
                """#
        )
        let run = try #require(order.firstIndex { $0.hasPrefix("PUT pointsman/runs/") })
        let record = try #require(order.firstIndex(of: "PUT \(Self.record)"))
        let report = try #require(order.lastIndex(of: "Invoke"))
        #expect(run < record && record < report)
    }

    @Test func `are on record with the status and the run`() throws {
        let reporting = try Reporting.withRule(#","Paths":["services/**"]"#)
        reporting.stage.rule("web", #""Paths":["web/**"],"Status":"ci/web""#)
        reporting.stage.rule("lib", "")
        let record = try reporting.stage.evaluateAll(Self.push(reporting.stage))
        #expect(record.rule("api")?["status"]?.string == "ci/api")
        let answer = try #require(record.rule("api")?["answer"]?.string)
        #expect(record.rule("api")?["run"]?.string == "codepipeline/\(answer)")
        #expect(record.rule("web")?["status"]?.string == "ci/web")
        #expect(record.rule("lib")?["status"] == nil && record.rule("lib")?["run"] == nil)
        let again = try reporting.stage.evaluateAll(Self.push(reporting.stage))
        #expect(again.outcome(of: "api") == "already-started")
        #expect(again.rule("api")?["run"] == record.rule("api")?["run"])
        #expect(reporting.stage.takeReports().count == 2)
    }

    @Test func `name the role and the region that the rule has, and the pull request`() throws {
        let reporting = try Reporting()
        reporting.stage.rule(
            "pr",
            target: #"{"CodeBuild":{"Project":"project","Region":"us-east-1","#
                + #""RoleArn":"arn:aws:iam::123456789012:role/start"}},"Events":["pull_request"],"#
                + #""Status":"ci/pr""#
        )
        try reporting.stage.decide(reporting.stage.pullRequest("opened"))
        let token = try #require(reporting.stage.aws.builds.first?.token)
        let run = try reporting.run(.build("project:\(token.prefix(8))"))
        #expect(run.pullRequest == 7)
        #expect(
            run.target
                == RunTarget(
                    kind: "CodeBuild",
                    name: "project",
                    region: "us-east-1",
                    roleARN: "arn:aws:iam::123456789012:role/start"
                )
        )
    }

    @Test func `take no further round trip until the last start, and two after it`() throws {
        let reporting = try Reporting()
        for index in 0..<100 { reporting.stage.rule("r\(index)", #""Status":"ci/\#(index)""#) }
        // The ledger with the runs; the record; the invocation.
        #expect(try reporting.stage.roundTrips(of: reporting.stage.push()) == [6, 9])
        #expect(try reporting.stage.roundTrips(of: reporting.stage.push(to: "b")) == [4, 7])
    }

    @Test func `of a source without statuses have none`() throws {
        let reporting = try Reporting()
        reporting.stage.aws.put(
            "pointsman/rules/dockerhub/acme/web/r.json",
            #"{"Source":"dockerhub","Repository":"acme/web","Status":"ci/web","#
                + #""Target":{"CodePipeline":{"Name":"web"}}}"#
        )
        let handOver = EvaluateRequest.change(.imagePush).encoded()
        let record = try reporting.stage.evaluate(handOver)[0].get()
        #expect(record.outcome(of: "r") == "started")
        #expect(record.rule("r")?["status"] == nil)
        #expect(!reporting.stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/runs/") })
        #expect(reporting.stage.takeReports().isEmpty)
    }

    @Test func `without a report function are recorded, and nothing is invoked`() throws {
        let stage = try Stage()
        stage.rule("api", #""Status":"ci/api""#)
        try stage.evaluateAll(Self.push(stage))
        #expect(stage.takeReports().isEmpty)
        #expect(stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/runs/") })
    }

    @Test(.thorough, arguments: FakeAWS.Fault.failures)
    func `lose no run, whichever call fails from some moment on`(fault: FakeAWS.Fault) throws {
        var number = 1
        while true {
            let reporting = try Reporting.withRule()
            let handOver = try reporting.stage.handOver(of: Self.push(reporting.stage))
            var isHit = false
            reporting.stage.aws.fault = { call, _ in
                guard call >= number else { return nil }
                isHit = true
                return fault
            }
            _ = try reporting.stage.evaluate(handOver, attempts: 1)
            reporting.stage.aws.fault = { _, _ in nil }
            guard isHit else { break }
            reporting.stage.wait(Stage.timeout)
            let again = try reporting.stage.evaluate(handOver, attempts: 1)[0].get()
            #expect(reporting.stage.aws.executions.count == 1, "call \(number)")
            #expect(try reporting.run().context == "ci/api", "call \(number)")
            #expect(again.rule("api")?["run"]?.string != nil, "call \(number)")
            #expect(reporting.stage.takeReports().last != nil, "call \(number)")
            number += 1
        }
        #expect(number > 10)
    }

    @Test func `whose run could not be written fail the invocation, and the next one writes it`()
        throws
    {
        let reporting = try Reporting.withRule()
        let handOver = try reporting.stage.handOver(of: Self.push(reporting.stage))
        reporting.stage.aws.fault = { _, name in
            name.hasPrefix("PUT pointsman/runs/") ? .status500 : nil
        }
        let error = #expect(throws: InvocationError.self) {
            try reporting.stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.NotRecorded")
        #expect(try reporting.stage.ledgerStates() == ["started"])
        reporting.stage.aws.fault = { _, _ in nil }
        try reporting.stage.evaluate(handOver)
        #expect(try reporting.run().sha == Reporting.sha)
        #expect(reporting.stage.aws.executions.count == 1)
    }

    @Test func `keep what events have told of the run when they are found again`() throws {
        let reporting = try Reporting.withRule()
        try reporting.push()
        try reporting.handle(reporting.event("SUCCEEDED"))
        try reporting.push()
        #expect(try reporting.run().progress.state == .succeeded)
    }

    @Test func `count a report that cannot be invoked, and never fail for it`() throws {
        let reporting = try Reporting(`The functions' metrics`.variables)
        reporting.stage.rule("api", #""Status":"ci/api""#)
        let handOver = try reporting.stage.handOver(of: Self.push(reporting.stage))
        reporting.stage.aws.fault = { _, name in name == "Invoke" ? .status500 : nil }
        let began = reporting.stage.now
        let record = try reporting.stage.evaluate(handOver, attempts: 1)[0].get()
        #expect(record.outcome(of: "api") == "started")
        let took = reporting.stage.now.milliseconds - began.milliseconds
        #expect(took > 40_000 && took < 60_000, "as long as there is time")
        #expect(
            reporting.stage.log.contains("no status is set of \(Self.record): lambda:Invoke of ")
        )
        let metrics = try `The functions' metrics`.lines(reporting.stage).last
        #expect(metrics?["ReportFailed"] == 1 && metrics?["Started"] == 1)
    }

    @Test func `give up at once where nothing will come of it`() throws {
        let reporting = try Reporting.withRule()
        reporting.stage.aws.asynchronousLimit = 10
        let handOver = EvaluateRequest.change(
            .push().with {
                $0.repository = "octo/mono"
                $0.receivedAt = Stage.start
            }
        ).encoded()
        let began = reporting.stage.now
        try reporting.stage.evaluate(handOver)
        #expect(reporting.stage.now == began)
        #expect(reporting.stage.log.contains("413 RequestTooLargeException"))
    }
}

/// Invalid rules whose status can be read.
@Suite struct `The status of an invalid rule` {
    private static func status(_ members: String, _ change: Change) -> String? {
        RuleSet([.current(members)]).decide(change).first?.status
    }

    @Test(arguments: [
        (#""Status": "ci", "Branchs": []"#, Change.push(), "ci" as String?),
        (#""Status": "ci", "Paths": ["["]"#, .push(), "ci"),
        (#""Status": "ci", "Branches": ["main"], "Order": 1"#, .push(), "ci"),
        (#""Status": "ci", "Branches": ["dev"], "Order": 1"#, .push(), nil),
        (#""Status": "ci", "Branches": ["["], "Order": 1"#, .push(), nil),
        (#""Status": "ci", "ExcludeBranches": ["main"], "Order": 1"#, .push(), nil),
        (#""Status": "ci", "ExcludeBranches": ["["]"#, .push(), "ci"),
        (#""Status": "ci", "Events": ["tag"], "Order": 1"#, .push(), nil),
        (#""Status": "ci", "Events": ["tag"], "Branches": ["dev"], "Order": 1"#, .tag("v1"), "ci"),
        (#""Status": "ci", "Events": ["psh"]"#, .push(), nil),
        (#""Status": "", "Order": 1"#, .push(), nil),
        (#""Status": 7, "Order": 1"#, .push(), nil),
        (#""Order": 1"#, .push(), nil),
        (#""Status": "ci", "Target": {"EventBridge": {}}"#, .push(), "ci"),
        (#""Status": "ci", "Order": 1"#, .push().with { $0.deleted = true }, nil),
        (#""Status": "ci", "Events": ["pull_request"], "Order": 1"#, .pullRequest("opened"), "ci"),
        (#""Status": "ci", "Events": ["pull_request"], "Order": 1"#, .pullRequest("closed"), nil),
        (#""Status": "ci", "Order": 1"#, .push().with { $0.source = .codecommit }, nil),
    ])
    func `is set where what can be read concerns the change`(
        members: String,
        change: Change,
        status: String?
    ) {
        #expect(Self.status(members, change) == status)
    }

    @Test func `is none where the branch could not be matched within the budget`() {
        let change = Change.push(branch: String(repeating: "a", count: 5_000) + "b")
        let members = #""Status": "ci", "Branches": ["\#(BudgetTests.hungry)"]"#
        let decision = RuleSet([.current(members)]).decide(change).first
        #expect(decision?.outcome == .invalid && decision?.status == nil)
        let invalid = RuleSet([.current(members + #", "Order": 1"#)]).decide(change).first
        #expect(invalid?.outcome == .invalid && invalid?.status == nil)
    }

    @Test func `counts for the memory that the rule takes`() {
        let globs = (0..<900).map { #""b\#($0)""# }.joined(separator: ",")
        let rule = Rule.current(#""Status": "ci", "Branches": [\#(globs)], "Order": 1"#)
        #expect(rule.memory > 900 * 800)
    }
}

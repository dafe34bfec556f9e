import AWS
import Codec
import Platform
import Testing

@testable import Core

/// What changes nothing about a pull request's commits, the end of a draft and an added label, starts
/// only a rule that has not started its head.
@Suite struct `The head of a pull request` {
    private static let head = Stage.head
    private static let other = String(repeating: "d", count: 40)

    /// A time of the 21st of September, which is before the stage's.
    private static func at(_ minute: Int) -> String {
        "2026-09-21T13:\(minute < 10 ? "0" : "")\(minute):00Z"
    }

    private static func stage(_ members: String) throws -> Stage {
        let stage = try Stage()
        stage.rule("api", #""Events":["pull_request"],\#(members)"#)
        return stage
    }

    /// The ids of the executions that were started.
    private static func ids(_ stage: Stage) -> [String] {
        stage.aws.executions.map { "execution-of-api-\($0.token.prefix(8))" }
    }

    /// Pull requests' events, one after the other; what became of the rule, and why.
    private static func outcomes(
        _ stage: Stage,
        _ events: [(action: String, labels: [String], added: String?, head: String)]
    ) throws -> [String] {
        try events.enumerated().map { minute, event in
            let record = try stage.decide(
                stage.pullRequest(
                    event.action,
                    labels: event.labels,
                    added: event.added,
                    head: event.head,
                    at: at(minute)
                )
            )
            let rule = try #require(record.rule("api"))
            let answer = rule["outcome"]?.string == "already-started" ? rule["answer"]?.string : nil
            return [
                rule["outcome"]?.string, rule["clause"]?.string, answer,
            ].compactMap { $0 }.joined(separator: " ")
        }
    }

    @Test(arguments: ["newest", "every"])
    func `is started once by labels, whatever the order`(order: String) throws {
        let stage = try Self.stage(#""Labels":["ci","ci/*"],"Order":"\#(order)""#)
        let outcomes = try Self.outcomes(
            stage,
            [
                ("opened", ["bug"], nil, Self.head),
                ("labeled", ["bug", "wip"], "wip", Self.head),
                ("labeled", ["bug", "wip", "ci"], "ci", Self.head),
                ("labeled", ["bug", "wip", "ci", "ci/2"], "ci/2", Self.head),
                ("labeled", ["bug", "wip", "ci", "ci/2", "x"], "x", Self.head),
                ("synchronize", ["ci"], nil, Self.other),
                ("labeled", ["ci", "ci/2"], "ci/2", Self.other),
                ("synchronize", [], nil, Self.head),
            ]
        )
        let ids = Self.ids(stage)
        #expect(
            outcomes == [
                "skipped Labels", "skipped Labels", "started Labels",
                "already-started Labels \(ids[0])",
                "skipped Labels", "started Labels",
                "already-started Labels \(Self.other) was started before: \(ids[1])",
                "skipped Labels",
            ]
        )
        #expect(stage.aws.executions.count == 2)
    }

    @Test(arguments: ["newest", "every"])
    func `is started once by the end of a draft`(order: String) throws {
        let stage = try Self.stage(#""Order":"\#(order)""#)
        stage.rule("ready", #""Events":["pull_request"],"Drafts":"skip","Order":"\#(order)""#)
        func decide(_ action: String, _ minute: Int, draft: Bool, _ head: String) throws
            -> [String?]
        {
            let record = try stage.decide(
                stage.pullRequest(action, draft: draft, head: head, at: Self.at(minute))
            )
            return ["api", "ready"].map { record.outcome(of: $0) }
        }
        #expect(try decide("opened", 0, draft: true, Self.head) == ["started", "skipped"])
        #expect(
            try decide("ready_for_review", 1, draft: false, Self.head) == [
                "already-started", "started",
            ]
        )
        #expect(
            try decide("ready_for_review", 2, draft: false, Self.head) == [
                "already-started", "already-started",
            ]
        )
        #expect(try decide("synchronize", 3, draft: true, Self.other) == ["started", "skipped"])
        #expect(
            try decide("ready_for_review", 4, draft: false, Self.other) == [
                "already-started", "started",
            ]
        )
        // Being opened again starts anew.
        #expect(try decide("reopened", 5, draft: false, Self.other) == ["started", "started"])
        #expect(stage.aws.executions.count == 6)
    }

    @Test func `is not moved by what has not started it`() throws {
        let stage = try Self.stage(#""Labels":["ci","ci/*"]"#)
        _ = try Self.outcomes(
            stage,
            [
                ("synchronize", ["ci"], nil, Self.head),
                ("labeled", ["ci", "ci/2"], "ci/2", Self.head),
            ]
        )
        let key = try #require(stage.aws.objects.keys.first { $0.hasPrefix("pointsman/heads/") })
        #expect(stage.aws.text(key)?.contains(Self.at(0)) == true)
    }

    @Test(arguments: [("newest", "skipped Order"), ("every", "started Labels")])
    func `that came before another one is started by a label where the rule starts all`(
        order: String,
        outcome: String
    ) throws {
        let stage = try Self.stage(#""Labels":["ci"],"Order":"\#(order)""#)
        try stage.decide(
            stage.pullRequest("synchronize", labels: ["ci"], head: Self.other, at: Self.at(9))
        )
        let outcomes = try Self.outcomes(stage, [("labeled", ["ci"], "ci", Self.head)])
        #expect(outcomes == [outcome])
    }

    @Test func `is started by a label once more where somebody forces it`() throws {
        let stage = try Self.stage(#""Labels":["ci"]"#)
        try stage.decide(stage.pullRequest("opened", labels: ["ci"], at: Self.at(0)))
        let event = stage.pullRequest("labeled", labels: ["ci"], added: "ci", at: Self.at(1))
        let handOver = try stage.handOver(of: event)
        guard case .change(let change) = try EvaluateRequest(handOver) else {
            Issue.record("it is no change")
            return
        }
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "already-started")
        let forced = EvaluateRequest.change(change.replayed(1)).encoded()
        #expect(try stage.evaluate(forced)[0].get().outcome(of: "api") == "started")
        #expect(stage.aws.executions.count == 2)
    }

    @Test func `is started once by deliveries that come at the same moment`() throws {
        let stage = try Self.stage(#""Labels":["ci","ci/*"]"#)
        let opened = try stage.handOver(
            of: stage.pullRequest("opened", labels: ["ci", "ci/2"], at: Self.at(0))
        )
        let labeled = try ["ci", "ci/2"].map { label in
            try stage.handOver(
                of: stage.pullRequest(
                    "labeled",
                    labels: ["ci", "ci/2"],
                    added: label,
                    delivery: "added-\(label.count)",
                    at: Self.at(0)
                )
            )
        }
        let evaluate = try #require(stage.evaluate)
        let invocations = try labeled.map { try stage.invocation($0, requestID: "other") }
        var records: [JSON] = []
        stage.atFirst("StartPipelineExecution") {
            for invocation in invocations {
                guard let record = try? evaluate(invocation) else { continue }
                records.append((try? JSON(parsing: record)) ?? .null)
            }
        }
        #expect(try stage.evaluate(opened)[0].get().outcome(of: "api") == "started")
        #expect(records.map { $0.outcome(of: "api") } == ["already-started", "already-started"])
        #expect(
            records.first?.rule("api")?["answer"]?.string
                == "delivery 72d3162e-cc78-11e3-81ab-4c9367dc0958 is starting it"
        )
        #expect(stage.aws.executions.count == 1)
        #expect(
            try stage.evaluate(labeled[0])[0].get().rule("api")?["answer"]?.string
                == Self.ids(stage)[0]
        )
    }

    @Test func `is started by the next label where the target refused it`() throws {
        let stage = try Self.stage(#""Labels":["ci","ci/*"]"#)
        stage.aws.pipelineErrors["api"] = (400, "PipelineNotFoundException")
        let first = try Self.outcomes(stage, [("labeled", ["ci"], "ci", Self.head)])
        #expect(first == ["failed Target"])
        stage.aws.pipelineErrors = [:]
        stage.wait(1)
        let next = try stage.decide(
            stage.pullRequest("labeled", labels: ["ci", "ci/2"], added: "ci/2", at: Self.at(3))
        )
        #expect(next.outcome(of: "api") == "started")
    }

    @Test func `whose start cannot be told is left to another attempt`() throws {
        let stage = try Self.stage(#""Labels":["ci"],"Order":"every""#)
        let event = stage.pullRequest("labeled", labels: ["ci"], added: "ci", at: Self.at(0))
        let handOver = try stage.handOver(of: event)
        stage.aws.fault = { _, name in name.hasPrefix("GET pointsman/heads/") ? .status503 : nil }
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(
            error?.message.contains("it could not be told whether \(Self.head) was started: s3")
                == true
        )
        #expect(stage.aws.executions.isEmpty)
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "started")
    }

    @Test func `is made a pipeline again once that was removed`() throws {
        let stage = try Stage.withTemplate(rule: #""Drafts":"skip""#)
        func decide(_ action: String, _ minute: Int, draft: Bool = false) throws -> String? {
            let event = stage.pullRequest(action, draft: draft, at: Self.at(minute))
            return try stage.decide(event).outcome(of: "pr")
        }
        #expect(try decide("opened", 0) == "started")
        #expect(try decide("closed", 1) == "started")
        #expect(try decide("reopened", 2, draft: true) == "skipped")
        #expect(try decide("ready_for_review", 3) == "started")
        #expect(
            stage.aws.pipelines.history == [
                "created \(Stage.clone)", "deleted \(Stage.clone)", "created \(Stage.clone)",
            ]
        )
    }

    @Test func `is looked up in no round trip of its own`() throws {
        var trips: [Int] = []
        for action in ["synchronize", "labeled"] {
            let stage = try Self.stage(#""Labels":["ci"],"Order":"every""#)
            let event = stage.pullRequest(action, labels: ["ci"], added: "ci", at: Self.at(0))
            let handOver = try stage.handOver(of: event)
            #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "started")
            trips.append(stage.aws.roundTrips)
        }
        #expect(trips[0] == trips[1])
    }
}

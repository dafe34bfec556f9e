import AWS
import Codec
import Platform
import Testing

@testable import Core

/// Every call about a pull request's pipeline fails in turn, in every way.
@Suite struct `When a call about a pull request's pipeline fails` {
    /// An event, what was there before it, and what must be so in the end.
    struct Case: CustomTestStringConvertible {
        var action: String
        var fault: FakeAWS.Fault
        var testDescription: String { "\(action), \(fault.rawValue)" }
    }

    /// The name that the pipeline has where the repository was called otherwise.
    static let renamed = "api@octo@was-called@7"

    static let cases = [
        "opened", "synchronize", "closed", "synchronize, renamed", "closed, renamed",
    ].flatMap { action in
        FakeAWS.Fault.allCases.map { Case(action: action, fault: $0) }
    }

    /// More than any of these evaluations makes.
    static let mostCalls = 40

    static func stage(_ action: String) throws -> (Stage, handOver: [UInt8]) {
        let stage = try Stage.withTemplate()
        if action == "opened" {
            try stage.putClone("api@octo@mono@1", claim: "octo/mono#1", idle: 31)
        } else if action.hasSuffix("renamed") {
            try stage.putClone(renamed, claim: "octo/was-called#7", of: Stage.repositoryID)
            try stage.putClone("api@other@app@7", claim: "other/app#7", of: 6)
        } else {
            try stage.putClone()
        }
        try stage.putClone("api@octo@mono@5", claim: nil, idle: 90)
        let name = String(action.prefix { $0 != "," })
        let handOver = try stage.handOver(of: stage.pullRequest(name))
        return (stage, handOver)
    }

    static func expectDone(_ action: String, _ stage: Stage, _ comment: Comment) throws {
        let pipelines = stage.aws.pipelines
        #expect(pipelines["api"] != nil && pipelines["api@octo@mono@5"] != nil, comment)
        switch action {
        case "opened":
            #expect(pipelines.history.filter { $0 == "created \(Stage.clone)" }.count == 1, comment)
            #expect(pipelines[Stage.clone]?.tags[Stage.claimTag] == "octo/mono#7", comment)
            #expect(pipelines[Stage.clone]?.tags[Stage.repositoryTag] == "github:5", comment)
            #expect(stage.aws.executions.isEmpty, comment)
        case "synchronize":
            #expect(stage.aws.executions.map(\.pipeline) == [Stage.clone], comment)
            #expect(pipelines.history.isEmpty, comment)
            let tags = pipelines[Stage.clone]?.tags
            #expect(tags?[Stage.timeTag] == "2026-09-21T14:13:20.000Z", comment)
            #expect(tags?[Stage.repositoryTag] == "github:5", comment)
        case "synchronize, renamed":
            #expect(stage.aws.executions.map(\.pipeline) == [renamed], comment)
            #expect(pipelines.history.isEmpty, comment)
        case "closed, renamed":
            #expect(pipelines.history == ["deleted \(renamed)"], comment)
        default:
            #expect(pipelines.history == ["deleted \(Stage.clone)"], comment)
        }
        let object = stage.aws.objects.first { $0.key.hasPrefix("pointsman/decisions/") }
        let body = try #require(object, comment).value.body
        let record = try JSON(parsing: body)
        let rule = try #require(record.rule("pr"), comment)
        let answer = rule["answer"]?.string ?? ""
        switch rule["outcome"]?.string {
        case "started", "already-started": break
        case "unchanged":
            // Deleted by an attempt whose answer was lost: that is said.
            #expect(action.hasPrefix("closed"), comment)
            #expect(answer.contains("may have started it before"), comment)
        case let other: Issue.record("\(other ?? "no outcome"): \(answer)")
        }
    }

    @Test(arguments: cases)
    func `once, the evaluation still does it once`(row: Case) throws {
        for number in 1...Self.mostCalls {
            let (stage, handOver) = try Self.stage(row.action)
            stage.aws.fault = { call, _ in call == number ? row.fault : nil }
            let results = try stage.evaluate(handOver)
            try Self.expectDone(row.action, stage, "call \(number)")
            #expect(results.count == 1, "call \(number) was retried within the attempt")
            if stage.aws.calls.count < number { return }
        }
        Issue.record("there are more calls")
    }

    @Test(arguments: cases)
    func `and so do all after it, another sandbox finishes the job`(row: Case) throws {
        for number in 1...Self.mostCalls {
            let (stage, handOver) = try Self.stage(row.action)
            stage.aws.fault = { call, _ in call >= number ? row.fault : nil }
            let first = try stage.evaluate(handOver, attempts: 1)[0]
            stage.aws.fault = { _, _ in nil }
            try stage.restart()
            stage.wait(Stage.timeout)
            _ = try stage.evaluate(handOver, attempts: 1)[0].get()
            try Self.expectDone(row.action, stage, "call \(number)")
            if case .success = first { return }
        }
        Issue.record("there are more calls")
    }
}

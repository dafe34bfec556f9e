import Codec
import Foundation
import Testing

@testable import AWS
@testable import Core

@Suite struct `The functions' metrics` {
    static let variables = ["AWS_LAMBDA_FUNCTION_NAME": "pointsman-f"]

    /// The metrics' lines: name and value of each.
    static func lines(_ stage: Stage) throws -> [[String: Int]] {
        try stage.logged.filter { $0.hasPrefix("{") }.map { line in
            let json = try JSON(parsing: Array(line.utf8))
            #expect(json["FunctionName"]?.string == "pointsman-f")
            let directive = json["_aws"]?["CloudWatchMetrics"]?.array?.first
            #expect(directive?["Namespace"]?.string == "Pointsman")
            let names = directive?["Metrics"]?.array?.compactMap { $0["Name"]?.string } ?? []
            return Dictionary(uniqueKeysWithValues: names.map { ($0, json[$0]?.int ?? -1) })
        }
    }

    @Test(arguments: [
        ("push", Stage.secret, ["Accepted": 1]),
        ("push", "wrong", ["Unauthorized": 1]),
        ("issues", Stage.secret, [:]),
    ])
    func `of webhook say what a delivery came to`(
        event: String,
        secret: String,
        expected: [String: Int]
    ) throws {
        let stage = try Stage(Self.variables)
        let body = Stage.payload("main", ["a"])
        try stage.send(Stage.event(body, name: event, signedWith: secret))
        #expect(try Self.lines(stage) == (expected.isEmpty ? [] : [expected]))
    }

    @Test func `of webhook tell of what cannot be read and of what cannot be taken`() throws {
        let stage = try Stage(Self.variables)
        try stage.send(Stage.event("{}"))
        stage.aws.fault = { _, _ in .refused }
        try stage.send(stage.push())
        #expect(try Self.lines(stage) == [["Malformed": 1], ["Unavailable": 1]])
    }

    static func stage() throws -> (Stage, handOver: [UInt8]) {
        let stage = try Stage(variables)
        stage.rule("api", #""Paths":["services/api/**"]"#)
        stage.rule("lib", "")
        stage.rule("bad", #""Paths":["["]"#)
        stage.rule("web", #""Paths":["services/web/**"]"#)
        let webhook = try stage.function("webhook")
        _ = try webhook(stage.invocation(stage.push(), requestID: "w"))
        return (stage, try #require(stage.takeHandOvers().first))
    }

    @Test func `of evaluate count the rules by what became of them`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.pipelineErrors["lib"] = (400, "PipelineNotFoundException")
        stage.wait(1_200)
        try stage.evaluate(handOver)
        #expect(
            try Self.lines(stage) == [
                ["Started": 1, "Skipped": 1, "Failed": 1, "InvalidRules": 1, "StartLatency": 1_200]
            ]
        )
        stage.aws.pipelineErrors = [:]
        try stage.evaluate(handOver)
        #expect(
            try Self.lines(stage).last
                == ["Started": 0, "Skipped": 1, "Failed": 1, "InvalidRules": 1]
        )
    }

    @Test func `of evaluate leave it to Lambda to count an invocation that failed`() throws {
        let (stage, handOver) = try Self.stage()
        stage.aws.pipelineErrors["lib"] = (409, "ConflictException")
        try stage.evaluate(handOver, attempts: 1)
        let lines = try Self.lines(stage)
        #expect(lines.count == 1)
        #expect(lines.first?["Started"] == 1)
        #expect(lines.first?["Failed"] == 0)
        stage.aws.fault = { _, _ in .refused }
        try stage.evaluate(handOver, attempts: 1)
        #expect(try Self.lines(stage).count == 1)
    }

    @Test(arguments: [
        // Seconds that GitHub says it was pushed before it was received.
        (2, 2_000), (0, 0), (-5, 0),
    ])
    func `of evaluate count the latency from the push`(before: Int, latency: Int) throws {
        let stage = try Stage(Self.variables)
        stage.rule("lib", "")
        let pushedAt = Stage.start.milliseconds / 1_000 - before
        let body = Stage.payload("main", ["a"]).replacing(
            #""full_name":"octo/mono","#,
            with: #""full_name":"octo/mono","pushed_at":\#(pushedAt),"#
        )
        try stage.evaluateAll(Stage.event(body))
        #expect(try Self.lines(stage).last?["StartLatency"] == latency)
    }

    @Test func `are not written outside of Lambda`() throws {
        let stage = try Stage()
        stage.rule("lib", "")
        try stage.evaluateAll(stage.push())
        #expect(!stage.log.contains("_aws"))
    }
}

import AWS
import Codec
import Platform
import Testing

@testable import Core

/// What one delivery calls, as the arithmetic in docs/operate.md has it.
@Suite struct CallCountTests {
    /// How often each kind of call is made.
    private static func counts(_ calls: [String]) -> [String: Int] {
        Dictionary(calls.map { ($0.split(separator: " ").first.map(String.init) ?? "", 1) }) {
            $0 + $1
        }
    }

    /// The calls of `webhook` and `evaluate` for a push, once both are warm.
    private static func warm(_ rules: (Stage) -> Void) throws -> (
        webhook: [String], evaluate: [String]
    ) {
        let stage = try Stage()
        rules(stage)
        try stage.evaluate(stage.handOver(of: stage.push(paths: ["a"], pushedAt: Stage.start)))
        stage.wait(60_000)
        stage.aws.forgetCalls()
        try stage.send(
            stage.push(paths: ["services/api/a"], delivery: "second", pushedAt: stage.now)
        )
        let webhook = stage.aws.calls
        stage.aws.forgetCalls()
        try stage.evaluate(#require(stage.takeHandOvers().last))
        return (webhook, stage.aws.calls)
    }

    @Test func `a push that starts a pipeline`() throws {
        let calls = try Self.warm { $0.rule("api", "") }
        #expect(Self.counts(calls.webhook) == ["Invoke": 1])
        #expect(
            Self.counts(calls.evaluate) == [
                "LIST": 2, "GET": 2, "PUT": 5, "StartPipelineExecution": 1,
            ],
            "\(calls.evaluate)"
        )
    }

    @Test func `a push that starts nothing`() throws {
        let calls = try Self.warm { $0.rule("api", #""Paths":["none/**"]"#) }
        #expect(Self.counts(calls.webhook) == ["Invoke": 1])
        #expect(
            Self.counts(calls.evaluate) == ["LIST": 2, "GET": 1, "PUT": 2],
            "\(calls.evaluate)"
        )
    }

    @Test func `functions that are cold read the secret's two versions and every rule besides`()
        throws
    {
        let stage = try Stage()
        for number in 0..<10 { stage.rule("rule-\(number)", #""Paths":["none/**"]"#) }
        try stage.send(stage.push())
        #expect(Self.counts(stage.aws.calls) == ["GetSecretValue": 2, "Invoke": 1])
        stage.aws.forgetCalls()
        try stage.evaluate(#require(stage.takeHandOvers().first))
        #expect(Self.counts(stage.aws.calls)["GET"] == 11)
    }

    /// Bytes that both functions log for a push that starts a pipeline, metrics included; Lambda's own lines come
    /// on top.
    @Test func `what is logged of a delivery is a few kilobytes`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        var logged = 0
        let clock = WallClock(now: { stage.now }, sleep: { stage.wait($0) })
        let variables = Stage.variables.merging(["AWS_LAMBDA_FUNCTION_NAME": "function"]) { $1 }
        func handler(_ name: String) throws -> RuntimeLoop.Handler {
            try Function(handler: name).handler(
                environment: Environment { variables[$0] },
                transport: stage.aws.transport,
                clock: clock,
                random: Randomness { 1 },
                log: Logger(format: .json, minimum: .info, clock: clock) { logged += $0.count }
            )
        }
        let (webhook, evaluate) = (try handler("webhook"), try handler("evaluate"))
        let event = stage.push(pushedAt: stage.now)
        _ = try webhook(stage.invocation(event, requestID: "8476a536-e9f4-11e8-9739-2dfe598c3fcd"))
        let handOver = try #require(stage.takeHandOvers().first)
        _ = try evaluate(
            stage.invocation(handOver, requestID: "8476a536-e9f4-11e8-9739-2dfe598c3fce")
        )
        print("logged for a delivery: \(logged) bytes")
        #expect((1_000...2_500).contains(logged), "\(logged) bytes")
    }
}

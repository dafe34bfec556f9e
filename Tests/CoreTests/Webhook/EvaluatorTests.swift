import Codec
import Testing

@testable import Core

@Suite struct `A change that Lambda finds too large` {
    static let paths = (0..<100).map { "services/api/\($0).go" }

    static func stage(_ variables: [String: String] = [:]) throws -> Stage {
        let stage = try Stage(variables)
        stage.rule("api", "")
        stage.aws.asynchronousLimit = 1_000
        return stage
    }

    static func expectStored(_ stage: Stage) throws {
        let payload = try #require(stage.takeHandOvers().first)
        #expect(payload.count < 1_000)
        try stage.evaluate(payload)
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
    }

    @Test func `goes by way of S3 and is evaluated`() throws {
        let stage = try Self.stage()
        #expect(try stage.send(stage.push(paths: Self.paths)).status == 202)
        #expect(
            stage.aws.calls.map { $0.replacing(/changes\/.*/, with: "changes/…") } == [
                "GetSecretValue AWSCURRENT", "GetSecretValue AWSPREVIOUS", "Invoke",
                "PUT pointsman/changes/…", "Invoke",
            ]
        )
        try Self.expectStored(stage)
    }

    @Test func `does so too after decisions that did not come`() throws {
        let stage = try Self.stage(["RESPOND_WITH_DECISIONS": "true"])
        #expect(try stage.send(stage.push(paths: Self.paths)).status == 202)
        try Self.expectStored(stage)
    }

    @Test func `is unavailable where S3 is, and the log says why`() throws {
        let stage = try Self.stage()
        stage.aws.s3Error = (403, "AccessDenied")
        let (status, answer) = try stage.send(stage.push(paths: Self.paths))
        #expect(status == 503)
        #expect(answer["reason"]?.string == "the change cannot be stored")
        #expect(
            stage.log.contains(
                "the change cannot be stored: s3:PutObject of bucket/pointsman/changes/"
            )
        )
    }

    @Test func `is unavailable where even its key is too large`() throws {
        let stage = try Self.stage()
        stage.aws.asynchronousLimit = 10
        let (status, answer) = try stage.send(stage.push(paths: Self.paths))
        #expect(status == 503)
        #expect(answer["reason"]?.string == "the evaluate function cannot be reached")
        #expect(stage.aws.calls.filter { $0 == "Invoke" }.count == 2)
    }
}

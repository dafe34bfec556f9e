import AWS
import Codec
import Platform
import Testing

@testable import Core

/// The head of a pull request is kept for the comments that may follow.
@Suite struct PullHeadStoreTests {
    private let stage: Stage
    private static let key = "pointsman/pulls/github/octo/mono/7.json"

    init() throws {
        stage = try Stage()
        stage.wait(3_600_000)
    }

    private func kept() throws -> JSON {
        try JSON(parsing: #require(stage.aws.objects[Self.key]).body)
    }

    @Test func `it is kept with each event of the pull request, also if there is no rule`() throws {
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        let head = try kept()
        #expect(head["after"]?.string == Stage.commit(1))
        #expect(head["eventTime"]?.string == "2026-09-21T14:14:20.000Z")
        #expect(head["delivery"]?.string == "pr-7-opened-1-1")
        #expect(head["fork"] == .bool(false))
        #expect(head.members?.count == 4)
        try stage.evaluateAll(stage.pullRequest(minute: 2, fork: "mallory/mono"))
        #expect(try kept()["fork"] == .bool(true))
    }

    @Test(arguments: [
        ("a later head", 4, 4, 4, 4), ("an earlier head", 2, 2, 3, 3),
        ("the same head later", 4, 3, 3, 3), ("the same head earlier", 2, 3, 3, 3),
        ("another head of the same second", 3, 9, 9, 3),
    ])
    func `an older event replaces nothing, and the same head stays as it was first seen`(
        name: String,
        minute: Int,
        commit: Int,
        expected: Int,
        since: Int
    ) throws {
        try stage.evaluateAll(stage.pullRequest(minute: 3))
        try stage.evaluateAll(stage.pullRequest("reopened", minute: minute, commit: commit))
        let head = try kept()
        #expect(head["after"]?.string == Stage.commit(expected))
        let time = Stage.start.adding(milliseconds: since * 60_000).iso8601Milliseconds
        #expect(head["eventTime"]?.string == time)
    }

    @Test func `a head that comes back is seen anew`() throws {
        for (minute, commit) in [(1, 1), (2, 2), (3, 1)] {
            try stage.evaluateAll(stage.pullRequest(minute: minute, commit: commit))
        }
        #expect(try kept()["eventTime"]?.string == "2026-09-21T14:16:20.000Z")
    }

    @Test func `it costs no round trip`() throws {
        stage.review("api")
        stage.rule("push", "")
        var trips: [Int] = []
        for event in [
            stage.push(delivery: "one", pushedAt: Stage.start),
            stage.push(paths: ["b"], delivery: "two", pushedAt: Stage.start),
            stage.pullRequest("opened", minute: 1),
        ] {
            _ = try stage.evaluate(stage.handOver(of: event))[0].get()
            trips.append(stage.aws.roundTrips)
        }
        #expect(stage.aws.objects[Self.key] != nil)
        #expect(trips[2] == trips[1])
    }

    @Test func `it is written once everything has started`() throws {
        stage.review("api")
        let pull = try stage.handOver(of: stage.pullRequest("opened", minute: 1))
        _ = try stage.evaluate(pull)[0].get()
        let start = try #require(stage.aws.calls.firstIndex { $0.hasPrefix("StartPipeline") })
        let written = try #require(stage.aws.calls.firstIndex(of: "PUT \(Self.key)"))
        #expect(start < written)
    }

    @Test func `one that cannot be read keeps nothing from starting`() throws {
        stage.review("api")
        try stage.evaluateAll(stage.pullRequest("opened", minute: 1))
        stage.aws.fault = { _, name in name == "GET \(Self.key)" ? .status503 : nil }
        let pull = try stage.handOver(of: stage.pullRequest(minute: 2))
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(pull, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.NotRecorded")
        #expect(stage.aws.executions.count == 2)
        stage.aws.fault = { _, _ in nil }
        _ = try stage.evaluate(pull)[0].get()
        #expect(try kept()["after"]?.string == Stage.commit(2))
    }

    @Test func `one that cannot be written fails the invocation once everything has started`()
        throws
    {
        stage.review("api")
        stage.aws.fault = { _, name in name == "PUT \(Self.key)" ? .status503 : nil }
        let pull = try stage.handOver(of: stage.pullRequest("opened", minute: 1))
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(pull, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.NotRecorded")
        #expect(stage.aws.executions.count == 1)
        stage.aws.fault = { _, _ in nil }
        _ = try stage.evaluate(pull)[0].get()
        #expect(try kept()["after"]?.string == Stage.commit(1))
    }

    @Test func `one that another invocation writes at the same moment is not lost`() throws {
        let older = try stage.handOver(of: stage.pullRequest("opened", minute: 1))
        let newer = try stage.handOver(of: stage.pullRequest(minute: 2))
        let other = try #require(stage.evaluate)
        let invocation = try stage.invocation(newer, requestID: "newer")
        stage.atFirst("PUT \(Self.key)") { _ = try? other(invocation) }
        _ = try stage.evaluate(older)[0].get()
        #expect(try kept()["after"]?.string == Stage.commit(2))
    }

    @Test func `one that is none is overwritten, and the log says so`() throws {
        stage.aws.put(Self.key, "no head")
        try stage.evaluateAll(stage.pullRequest(minute: 2))
        #expect(try kept()["after"]?.string == Stage.commit(2))
        #expect(stage.log.contains("\(Self.key) tells of no pull request, is overwritten"))
    }
}

import Codec
import Platform
import TestSupport
import Testing

@testable import AWS
@testable import Core

/// Events late, twice, out of order and at the same time: the last status is right, and none is set twice.
@Suite struct `Whatever the order of events` {
    /// A run that failed, was tried again and succeeded: what `report` is invoked with, and the record.
    private static func payloads(_ reporting: Reporting) throws -> [[UInt8]] {
        [
            try reporting.push(),
            reporting.event("STARTED", at: 1), reporting.event("FAILED", at: 5),
            reporting.event("RESUMED", at: 5, attempt: 2),
            reporting.event("SUCCEEDED", at: 5, attempt: 2),
        ]
    }

    private static func expectSettled(_ reporting: Reporting, _ comment: Comment) throws {
        let words = reporting.gitHub.words
        #expect(words.last == "success CodePipeline api succeeded", comment)
        #expect(Set(words).count == words.count, comment)
        #expect(try reporting.kept().isSet, comment)
    }

    private static func permutations(_ items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index in
            var rest = items
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test(.thorough)
    func `the status is that of the last attempt's end, and each is set at most once`() throws {
        for order in Self.permutations([0, 1, 2, 3, 4]) {
            let reporting = try Reporting.withRule()
            let payloads = try Self.payloads(reporting)
            for index in order { try reporting.handle(payloads[index]) }
            try Self.expectSettled(reporting, "\(order)")
        }
    }

    @Test(.thorough) func `so it is if each comes three times`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<100 {
            let reporting = try Reporting.withRule()
            let payloads = try Self.payloads(reporting)
            let order = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4].shuffled(using: &random)
            for index in order { try reporting.handle(payloads[index]) }
            try Self.expectSettled(reporting, "\(order)")
        }
    }

    @Test(arguments: [
        ("STARTED", "SUCCEEDED"), ("STARTED", "STOPPING"), ("STOPPING", "STOPPED"),
        ("SUCCEEDED", "FAILED"), ("FAILED", "SUPERSEDED"),
    ])
    func `of two states in the same second the same one stands`(one: String, other: String) throws {
        for order in [[one, other], [other, one]] {
            let reporting = try Reporting.withRule()
            try reporting.push()
            for state in order { try reporting.handle(reporting.event(state)) }
            #expect(try reporting.run().progress.state.rawValue == other)
        }
    }

    @Test func `an event before the run was written down by this clock counts`() throws {
        let reporting = try Reporting.withRule()
        reporting.stage.wait(500)
        try reporting.push()
        try reporting.handle(reporting.event("FAILED", at: -3))
        #expect(reporting.gitHub.words == ["failure CodePipeline api failed"])
    }

    /// While one invocation is at each of its calls, another one begins and ends.
    @Test(
        .thorough,
        arguments: [(0, 4), (4, 0), (1, 4), (4, 1), (2, 3), (3, 2), (0, 1), (1, 0), (4, 4)]
    )
    func `two at the same time end with the newer, set once`(outer: Int, inner: Int) throws {
        var number = 1
        while true {
            let reporting = try Reporting.withRule()
            let payloads = try Self.payloads(reporting)
            let other = try reporting.another()
            var calls = 0
            var isOver = false
            var innerResults: [Result<JSON, InvocationError>] = []
            reporting.stage.aws.before = { _ in
                calls += 1
                guard calls == number, !isOver else { return }
                isOver = true
                let results = try? reporting.handle(payloads[inner], by: other, attempts: 1)
                innerResults = results ?? []
            }
            let outerResults = try reporting.handle(payloads[outer], attempts: 1)
            reporting.stage.aws.before = { _ in }
            guard isOver else { break }
            // Lambda has those come again that have failed, a minute later.
            reporting.stage.wait(Stage.timeout)
            for (index, results) in [(outer, outerResults), (inner, innerResults)] {
                guard case .failure? = results.last else { continue }
                try reporting.handle(payloads[index])
            }
            let newest = max(outer, inner)
            let expected = [
                "pending started CodePipeline api", "pending started CodePipeline api",
                "failure CodePipeline api failed", "pending started CodePipeline api, attempt 2",
                "success CodePipeline api succeeded",
            ]
            let words = reporting.gitHub.words
            #expect(words.last == expected[newest], "call \(number)")
            #expect(Set(words).count == words.count, "call \(number): \(words)")
            #expect(try reporting.kept().isSet, "call \(number)")
            number += 1
        }
        #expect(number > 5)
    }

    /// Lambda may run an invocation twice at the same time: the second finds the claim of the first, and says so
    /// before the first has written its record.
    @Test(arguments: [[0, 1], [1, 0]])
    func `a run counts more than another attempt that met its claim`(order: [Int]) throws {
        let reporting = try Reporting.withRule()
        let stage = reporting.stage
        let handOver = try stage.handOver(of: stage.push(pushedAt: stage.now))
        let twin = try stage.function("evaluate", Reporting.variables)
        let invocation = try stage.invocation(handOver, requestID: "twin")
        var isStarted = false
        stage.aws.before = { name in
            guard isStarted else {
                isStarted = name.hasPrefix("StartPipelineExecution")
                return
            }
            stage.aws.before = { _ in }
            stage.wait(1)
            _ = try? twin(invocation)
            for payload in stage.takeReports() { _ = try? reporting.handle(payload) }
        }
        try stage.evaluate(handOver, attempts: 1)
        #expect(reporting.gitHub.words.first?.hasPrefix("error another run is starting it") == true)
        let payloads = try [#require(stage.takeReports().last), reporting.event("FAILED", at: 5)]
        for index in order { try reporting.handle(payloads[index]) }
        #expect(reporting.gitHub.words.last == "failure CodePipeline api failed")
    }
}

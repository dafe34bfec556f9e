import AWS
import Codec
import Platform
import Testing

@testable import Core

/// Pushes whose deliveries come late, overlap or fail.
@Suite struct `The last commit evaluated` {
    typealias Paths = `The paths of a CodeCommit change`

    @Test func `a start that is still to be tried again does not move it`() throws {
        let stage = try Paths.stage()
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        stage.aws.pipelineErrors["api"] = (409, "ConflictException")
        let handOver = try #require(stage.handOvers(of: stage.pushed("c2", at: 2)).first)
        #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(try stage.remembered() == ["c1", "c2?"])
        stage.aws.pipelineErrors = [:]
        // The next push looks at all since then, step by step.
        stage.aws.forgetCalls()
        let record = try #require(stage.evaluateDirect(stage.pushed("c3", at: 3)).first)
        #expect(stage.codeCommitCalls == ["GetDifferences c1..c2", "GetDifferences c2..c3"])
        #expect(
            record["change"]?["comparedWith"]?.string
                == "c1, the last commit evaluated, by way of 1 not yet evaluated"
        )
        #expect(try stage.remembered() == ["c1", "c2?", "c3"])
        // Lambda's retry of the older one is compared as before, and takes nothing away.
        stage.aws.forgetCalls()
        _ = try stage.evaluate(handOver)[0].get()
        #expect(stage.codeCommitCalls == ["GetDifferences c1..c2"])
        #expect(try stage.remembered() == ["c1", "c2", "c3"])
        #expect(
            Paths.started(stage) == ["api c1", "api c2", "api c3", "web c1", "web c3"]
        )
    }

    @Test func `a start that is refused for good moves it`() throws {
        let stage = try Paths.stage()
        stage.aws.pipelineErrors["api"] = (400, "PipelineNotFoundException")
        try stage.evaluateDirect(stage.pushed("c2", at: 1))
        #expect(try stage.remembered() == ["c2"])
    }

    @Test func `an older delivery that comes late does not move it back`() throws {
        let stage = try Paths.stage()
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        try stage.evaluateDirect(stage.pushed("c3", at: 3))
        stage.aws.forgetCalls()
        try stage.evaluateDirect(stage.pushed("c2", at: 2))
        #expect(stage.codeCommitCalls == ["GetDifferences c1..c2"])
        stage.aws.forgetCalls()
        #expect(try stage.remembered() == ["c1", "c2", "c3?"])
        // What c4 takes back is a change against c3, and none against c1.
        try stage.evaluateDirect(stage.pushed("c4", at: 4))
        #expect(stage.codeCommitCalls == ["GetDifferences c2..c3", "GetDifferences c3..c4"])
        #expect(Paths.started(stage).contains("api c4"))
        #expect(try stage.remembered() == ["c1", "c2", "c3?", "c4"])
    }

    @Test func `the same delivery again is compared with the same commit`() throws {
        let stage = try Paths.stage()
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        let handOver = try #require(stage.handOvers(of: stage.pushed("c2", at: 2)).first)
        for outcome in ["started", "already-started"] {
            stage.aws.forgetCalls()
            let record = try stage.evaluate(handOver)[0].get()
            #expect(record.outcome(of: "api") == outcome)
            #expect(stage.codeCommitCalls == ["GetDifferences c1..c2"])
        }
        #expect(try stage.remembered() == ["c1", "c2"])
    }

    /// Runs another evaluation whole at the moment of the first call of that name.
    private func interleave(
        _ stage: Stage,
        _ handOver: [UInt8],
        at name: String
    ) throws -> () -> Bool {
        let other = try stage.function("evaluate")
        let invocation = try stage.invocation(handOver, requestID: "other")
        var hasRun = false
        stage.atFirst(name) {
            hasRun = true
            #expect(throws: Never.self) { try other(invocation) }
        }
        return { hasRun }
    }

    @Test(arguments: [
        "GetDifferences", "PUT pointsman/ledger/", "StartPipelineExecution",
        "PUT pointsman/decisions/",
    ])
    func `two runs at once lose nothing, whichever is first and at whatever moment`(
        moment: String
    ) throws {
        // c2 changes api and c4 takes it back: c4 and c1 differ in web alone.
        let older = (name: "c2", at: 2)
        let newer = (name: "c4", at: 4)
        for (first, second) in [(older, newer), (newer, older)] {
            let stage = try Paths.stage()
            try stage.evaluateDirect(stage.pushed("c1", at: 1))
            let one = try #require(
                stage.handOvers(of: stage.pushed(first.name, at: first.at)).first
            )
            let other = try #require(
                stage.handOvers(of: stage.pushed(second.name, at: second.at)).first
            )
            let hasRun = try interleave(stage, other, at: moment)
            _ = try stage.evaluate(one, attempts: 1)[0].get()
            #expect(hasRun())
            let comment: Comment = "\(first.name) is overtaken by \(second.name)"
            #expect(
                Paths.started(stage) == ["api c1", "api c2", "api c4", "web c1", "web c4"],
                comment
            )
            #expect(try stage.remembered() == ["c1", "c2", "c4"], comment)
        }
    }

    @Test(arguments: ["GET pointsman/commits/", "PUT pointsman/commits/"])
    func `a run that is entered when a newer one is done is made up for by the next push`(
        moment: String
    ) throws {
        let stage = try Paths.stage()
        stage.aws.codeCommit.commit("c5", on: ["c4"], ["README": "2"])
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        let older = try #require(stage.handOvers(of: stage.pushed("c2", at: 2)).first)
        let newer = try #require(stage.handOvers(of: stage.pushed("c4", at: 4)).first)
        let hasRun = try interleave(stage, newer, at: moment)
        _ = try stage.evaluate(older, attempts: 1)[0].get()
        #expect(hasRun())
        // c4 and c1 have the same api: nobody could know yet that c2's was started meanwhile.
        #expect(Paths.started(stage) == ["api c1", "api c2", "web c1", "web c4"])
        #expect(try stage.remembered() == ["c1", "c2", "c4?"])
        try stage.evaluateDirect(stage.pushed("c5", at: 5))
        #expect(Paths.started(stage).contains("api c5"))
        #expect(try stage.remembered() == ["c1", "c2", "c4?", "c5"])
    }

    @Test func `older pushes that keep coming in fail the invocation in the end`() throws {
        let stage = try Paths.stage()
        for number in 0..<9 {
            stage.aws.codeCommit.commit("o\(number)", on: ["c1"], ["docs/\(number)": "1"])
        }
        try stage.evaluateDirect(stage.pushed("c1", at: 1))
        let handOver = try #require(stage.handOvers(of: stage.pushed("c2", at: 9)).first)
        let other = try stage.function("evaluate")
        var invocations = try (0..<9).map { number in
            let older = stage.pushed("o\(number)", at: 2)
            return try stage.invocation(stage.handOvers(of: older)[0], requestID: "o\(number)")
        }[...]
        var isNested = false
        stage.aws.before = { name in
            guard !isNested, name.hasPrefix("PUT pointsman/decisions/") else { return }
            isNested = true
            if let invocation = invocations.popFirst() { _ = try? other(invocation) }
            isNested = false
        }
        #expect(
            throws: InvocationError(
                type: "Function.Overtaken",
                message: "older pushes of the branch keep coming in while this one is evaluated"
            )
        ) { try stage.evaluate(handOver, attempts: 1)[0].get() }
        #expect(Paths.started(stage).filter { $0.hasSuffix("c2") } == ["api c2"])
        #expect(try stage.remembered().last == "c2?")
    }

    @Test func `runs that keep writing give up, and are tried again`() throws {
        let stage = try Paths.stage()
        let handOver = try #require(stage.handOvers(of: stage.pushed("c2", at: 1)).first)
        var number = 0
        stage.aws.before = { name in
            guard name.hasPrefix("PUT pointsman/commits/") else { return }
            number += 1
            stage.aws.put(
                "pointsman/commits/codecommit/my-repo/refs/heads/main.json",
                #"{"commits":[{"commit":"x\#(number)","at":"2026-09-21T00:00:00Z","#
                    + #""delivery":"d","done":true}]}"#
            )
        }
        #expect(
            throws: InvocationError(
                type: "Function.PathsUnavailable",
                message: "nothing was decided, since the changed paths cannot be read: "
                    + "s3:GetObject of bucket/pointsman/commits/codecommit/my-repo/refs/heads/"
                    + "main.json: Contended: others keep writing it"
            )
        ) { try stage.evaluate(handOver, attempts: 1)[0].get() }
    }

    @Test func `an object that lists no commits is overwritten, and the log says so`() throws {
        let stage = try Paths.stage()
        stage.aws.put("pointsman/commits/codecommit/my-repo/refs/heads/main.json", "[]")
        try stage.evaluateDirect(stage.pushed("c2", at: 1))
        #expect(try stage.remembered() == ["c2"])
        #expect(stage.log.contains("lists no commits"))
    }
}

import Codec
import Platform
import TestSupport
import Testing

@testable import AWS
@testable import Core

/// Every call that `report` makes fails in turn, in every way.
@Suite struct `When a call of report fails` {
    /// The invocations of one run, in their order.
    private static func payloads(_ reporting: Reporting) throws -> [[UInt8]] {
        [try reporting.push(), reporting.event("STARTED", at: 1), reporting.event("FAILED", at: 5)]
    }

    private static let words = [
        "pending started CodePipeline api", "failure CodePipeline api failed",
    ]

    private static func reporting() throws -> Reporting {
        let reporting = try Reporting.withRule()
        reporting.stage.aws.fault = { _, _ in nil }
        return reporting
    }

    /// What is set, without what is set again right after it: an answer of GitHub's was lost.
    private static func settled(_ reporting: Reporting) -> [String] {
        reporting.gitHub.words.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// Whether GitHub may have done what it was asked for although its answer did not come.
    private static func isLost(_ fault: FakeAWS.Fault) -> Bool {
        [.lostAnswer, .sentTwice, .lateAnswer].contains(fault)
    }

    @Test(.thorough, arguments: FakeAWS.Fault.allCases)
    func `once, the statuses are those of the run`(fault: FakeAWS.Fault) throws {
        var number = 1
        while true {
            let reporting = try Self.reporting()
            let payloads = try Self.payloads(reporting)
            reporting.stage.aws.forgetCalls()
            var failed = ""
            reporting.stage.aws.fault = { call, name in
                guard call == number else { return nil }
                failed = name
                return fault
            }
            for payload in payloads { try reporting.handle(payload) }
            guard !failed.isEmpty else { break }
            #expect(Self.settled(reporting) == Self.words, "call \(number), \(failed)")
            let isGitHubs = failed.hasPrefix("POST https://api.github.com")
            if !(isGitHubs && Self.isLost(fault)) {
                #expect(reporting.gitHub.words == Self.words, "call \(number), \(failed)")
            }
            #expect(try reporting.kept().isSet, "call \(number), \(failed)")
            number += 1
        }
        #expect(number > 12)
    }

    @Test(.thorough, arguments: FakeAWS.Fault.failures)
    func `and so do all after it, Lambda's next attempt sets what was not set`(
        fault: FakeAWS.Fault
    ) throws {
        for victim in 0..<3 {
            var number = 1
            while true {
                let reporting = try Self.reporting()
                let payloads = try Self.payloads(reporting)
                for payload in payloads[..<victim] { try reporting.handle(payload) }
                reporting.stage.aws.forgetCalls()
                var first: String?
                reporting.stage.aws.fault = { call, name in
                    guard call >= number else { return nil }
                    first = first ?? name
                    return fault
                }
                let results = try reporting.handle(payloads[victim], attempts: 1)
                reporting.stage.aws.fault = { _, _ in nil }
                guard let first else { break }
                let comment: Comment = "victim \(victim), call \(number), \(first)"
                // Which action has failed need not be known.
                if case .success = results[0], !first.hasPrefix("ListActionExecutions") {
                    Issue.record(comment)
                }
                // Others come before Lambda's next attempt.
                reporting.stage.wait(Stage.timeout)
                for payload in payloads[(victim + 1)...] { try reporting.handle(payload) }
                try reporting.handle(payloads[victim], by: reporting.another())
                let words = Self.settled(reporting)
                #expect(words.last == Self.words.last, comment)
                #expect(Set(words).count == words.count, comment)
                #expect(try reporting.kept().isSet, comment)
                number += 1
            }
            #expect(number > 3, "victim \(victim)")
        }
    }

    @Test(arguments: [404, 422, 403])
    func `a refusal of GitHub's is final, logged once, and a later status is tried again`(
        status: Int
    ) throws {
        let reporting = try Self.reporting()
        let payload = try reporting.push()
        reporting.gitHub.refusal = { _ in FakeGitHub.refusal(status, "No commit found for SHA") }
        let answer = try reporting.handle(payload)[0].get()
        #expect(answer["refused"]?.int == 1 && answer["set"]?.int == 0)
        try reporting.handle(reporting.event("STARTED", at: 1))
        #expect(reporting.gitHub.requests == 1)
        let words = "github:CreateStatus of octo/mono@\(Reporting.sha): \(status)"
        #expect(reporting.stage.log.contains("the status is refused: \(words)"))
        let kept = try reporting.kept()
        #expect(kept.isSet && kept.refusal?.hasPrefix(words) == true)
        reporting.gitHub.refusal = { _ in nil }
        try reporting.handle(reporting.event("FAILED", at: 5))
        #expect(reporting.gitHub.words == ["failure CodePipeline api failed"])
        #expect(try reporting.kept().refusal == nil)
    }

    @Test func `a limit is waited for if there is time`() throws {
        let reporting = try Self.reporting()
        let payload = try reporting.push()
        reporting.gitHub.refusal = {
            $0 == 1 ? FakeGitHub.refusal(403, "slow down", ["Retry-After": "7"]) : nil
        }
        let began = reporting.stage.now
        #expect(try reporting.handle(payload).count == 1)
        #expect(reporting.stage.now.milliseconds - began.milliseconds >= 7_000)
        #expect(reporting.gitHub.words == [Self.words[0]])
    }

    @Test func `else the invocation fails, others may set it, and Lambda tries again`() throws {
        let reporting = try Self.reporting()
        reporting.stage.rule("web", #""Status":"ci/web""#)
        let payload = try reporting.push()
        reporting.gitHub.refusal = {
            $0 == 1 ? FakeGitHub.refusal(429, "slow down", ["Retry-After": "\(Int.max)"]) : nil
        }
        let error = #expect(throws: InvocationError.self) {
            try reporting.handle(payload, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.StatusesPending")
        #expect(
            error?.message.hasPrefix(
                "2 of 2 statuses could not be set yet; ci/api of octo/mono@\(Reporting.sha): "
                    + "github:CreateStatus of octo/mono@\(Reporting.sha): 429 "
            ) == true
        )
        #expect(reporting.gitHub.requests == 1)
        try reporting.handle(payload)
        #expect(
            reporting.gitHub.words == [
                "pending started CodePipeline api", "pending started CodePipeline web",
            ]
        )
    }

    @Test func `without a token nothing is set, and the log says so`() throws {
        let reporting = try Self.reporting()
        let payload = try reporting.push()
        let handler = try reporting.stage.function("report")
        try reporting.handle(payload, by: handler)
        #expect(
            reporting.stage.log.contains(
                "the status is refused: there is no token: GITHUB_TOKEN_ARN is missing"
            )
        )
    }

    @Test func `objects that are no records are overwritten or unknown`() throws {
        let reporting = try Self.reporting()
        try reporting.push()
        let keys = reporting.stage.services.keys
        let status = keys.status(
            of: Reporting.sha,
            in: "octo/mono",
            of: .github,
            context: "ci/api"
        )
        reporting.stage.aws.put(status, "no")
        try reporting.handle(reporting.event("FAILED"))
        #expect(reporting.gitHub.words == ["failure CodePipeline api failed"])
        reporting.stage.aws.put(keys.run(.execution("e")), "no")
        let answer = try reporting.handle(reporting.event("FAILED", execution: "e"))[0].get()
        #expect(answer["reason"]?.string == "the run has no status")
    }

    @Test func `the metrics say how many were set and how long a result took`() throws {
        let reporting = try Reporting(`The functions' metrics`.variables)
        reporting.stage.rule("api", #""Status":"ci/api""#)
        let payload = try reporting.push()
        let before = try `The functions' metrics`.lines(reporting.stage).count
        try reporting.handle(payload)
        reporting.stage.wait(90_000)
        try reporting.handle(reporting.event("SUCCEEDED", at: 80))
        reporting.gitHub.refusal = { _ in FakeGitHub.refusal(404, "") }
        try reporting.handle(reporting.event("FAILED", at: 81))
        let lines = try `The functions' metrics`.lines(reporting.stage).dropFirst(before)
        #expect(
            Array(lines) == [
                ["StatusSet": 1], ["StatusSet": 1, "ResultLatency": 90_000], ["StatusRefused": 1],
            ]
        )
    }
}

import Codec
import Platform
import TestSupport
import Testing

@testable import AWS
@testable import Core

@Suite struct `The page of decisions` {
    private static let key = "pointsman/decisions/2026-09-21/d-1.json"

    private static func record(_ rules: [(name: String, outcome: String)]) -> [UInt8] {
        var counts: [String: Int] = [:]
        for rule in rules { counts[rule.outcome, default: 0] += 1 }
        let written = rules.map {
            #"{"rule":"\#($0.name)","outcome":"\#($0.outcome)","clause":"Paths","reason":"because"}"#
        }
        let totals = counts.map { "\"\($0)\":\($1)" }
        let json =
            #"{"change":{},"counts":{\#(totals.joined(separator: ","))},"#
            + #""rules":[\#(written.joined(separator: ","))],"attempts":[]}"#
        return Array(json.utf8)
    }

    private static func body(_ page: DecisionPage) throws -> JSON {
        try JSON(parsing: WebhookResponse.accepted("push", showing: page, delivery: "d-1").body)
    }

    @Test func `is written for people, the deciding clause first`() throws {
        let page = try #require(
            DecisionPage(decided: Self.record([("api.json", "started")]), key: Self.key)
        )
        let answer = WebhookResponse.accepted("push to main", showing: page, delivery: "d-1")
        #expect(answer.status == 202)
        #expect(
            String(decoding: answer.body, as: UTF8.self) == """
                {
                  "outcome": "accepted",
                  "reason": "push to main: 1 started",
                  "delivery": "d-1",
                  "record": "pointsman/decisions/2026-09-21/d-1.json",
                  "rules": [
                    {
                      "clause": "Paths",
                      "outcome": "started",
                      "rule": "api.json",
                      "reason": "because"
                    }
                  ]
                }
                """
        )
    }

    @Test func `shows what somebody looks for first`() throws {
        let record = Self.record([
            ("a", "skipped"), ("b", "unchanged"), ("c", "already-started"), ("d", "invalid"),
            ("e", "failed"), ("f", "started"), ("g", "started"),
        ])
        let body = try Self.body(#require(DecisionPage(decided: record, key: Self.key)))
        #expect(
            body["rules"]?.array?.compactMap { $0["rule"]?.string }
                == ["f", "g", "e", "d", "c", "b", "a"]
        )
        #expect(
            body["reason"]?.string
                == "push: 2 started, 1 failed, 1 invalid, 1 already-started, 1 unchanged, 1 skipped"
        )
        #expect(body["leftOut"] == nil)
    }

    @Test func `counts what it leaves out of 10,000 rules`() throws {
        let record = Self.record(
            (0..<9_998).map { ("rule-\($0)", "skipped") } + [("x", "failed"), ("y", "started")]
        )
        let page = try #require(DecisionPage(decided: record, key: Self.key))
        let answer = WebhookResponse.accepted("push", showing: page, delivery: "d-1")
        #expect(answer.encoded().count < 2 * DecisionPage.largestRules)
        let body = try Self.body(page)
        let rules = try #require(body["rules"]?.array)
        #expect(rules.prefix(2).compactMap { $0["rule"]?.string } == ["y", "x"])
        #expect(body["leftOut"]?["skipped"]?.int == 10_000 - rules.count)
        #expect(body["leftOut"]?["started"] == nil)
    }

    @Test func `counts what evaluate has left out of its answer`() throws {
        let record = #"{"change":{},"counts":{"started":1,"skipped":7},"rules":[],"attempts":[]}"#
        let body = try Self.body(
            #require(DecisionPage(decided: Array(record.utf8), key: Self.key))
        )
        #expect(body["leftOut"]?.encoded() == Array(#"{"started":1,"skipped":7}"#.utf8))
    }

    @Test func `says where no rule is about the change`() throws {
        let body = try Self.body(
            #require(DecisionPage(decided: Self.record([]), key: Self.key))
        )
        #expect(body["reason"]?.string == "push: no rule is about it")
        #expect(body["rules"]?.array == [])
    }

    @Test func `says where the record will lie`() throws {
        let page = DecisionPage(pending: "it goes on", key: Self.key)
        #expect(
            try Self.body(page).encoded()
                == Array(
                    (#"{"outcome":"accepted","reason":"push: it goes on","delivery":"d-1","#
                        + #""record":"\#(Self.key)"}"#).utf8
                )
        )
    }

    @Test(arguments: ["", "null", "[]", "{", #"{"outcome":"ignored"}"#, #"{"rules":[]}"#])
    func `is not made of what is no decision record`(answer: String) {
        #expect(DecisionPage(decided: Array(answer.utf8), key: Self.key) == nil)
    }
}

/// What a delivery is answered where `webhook` waits for the decisions.
@Suite struct `A webhook that responds with decisions` {
    static let variables = ["RESPOND_WITH_DECISIONS": "true"]
    static let record = "pointsman/decisions/2026-09-21/72d3162e-cc78-11e3-81ab-4c9367dc0958.json"
    static let push = "push to main of octo/mono, 1 path"

    static func stage(_ variables: [String: String] = [:]) throws -> Stage {
        let stage = try Stage(Self.variables.merging(variables) { $1 })
        stage.answerSynchronously()
        stage.rule("api", #""Paths":["services/api/**"]"#)
        stage.rule("web", #""Paths":["services/web/**"]"#)
        return stage
    }

    @Test func `answers with them, and hands nothing over besides`() throws {
        let stage = try Self.stage()
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 202)
        #expect(
            answer.members?.map(\.key) == ["outcome", "reason", "delivery", "record", "rules"]
        )
        #expect(answer["outcome"]?.string == "accepted")
        #expect(answer["reason"]?.string == "\(Self.push): 1 started, 1 skipped")
        #expect(answer["delivery"]?.string == "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        #expect(answer["record"]?.string == Self.record)
        #expect(stage.aws.objects[Self.record] != nil)
        #expect(answer.outcome(of: "api") == "started")
        #expect(answer.outcome(of: "web") == "skipped")
        #expect(answer.rule("web")?.members?.first?.key == "clause")
        #expect(stage.takeHandOvers().isEmpty)
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
    }

    @Test(arguments: [[:], ["RESPOND_WITH_DECISIONS": "false"]])
    func `does so only where it is told to`(variables: [String: String]) throws {
        let stage = try Stage(variables)
        #expect(try stage.send(stage.push()).answer["record"] == nil)
        #expect(stage.aws.calls.last == "Invoke")
    }

    @Test func `sends the record's place where the evaluation goes on`() throws {
        let stage = try Self.stage()
        stage.aws.before = { name in
            if name.hasPrefix("StartPipelineExecution") { stage.wait(9_000) }
        }
        let began = stage.now
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 202)
        #expect(
            answer["reason"]?.string
                == "\(Self.push): the evaluation takes longer than can be waited for"
        )
        #expect(answer["record"]?.string == Self.record)
        #expect(answer["rules"] == nil)
        #expect(stage.now.milliseconds - began.milliseconds == 7_000)
        let handOvers = stage.takeHandOvers()
        #expect(handOvers.count == 1)
        stage.aws.before = { _ in }
        try stage.evaluate(handOvers[0])
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
    }

    @Test func `says why an evaluation that failed is made again`() throws {
        let stage = try Self.stage()
        stage.aws.pipelineErrors["api"] = (400, "InternalFailure")
        stage.aws.fault = { _, name in name.hasSuffix("/web.json") ? .status503 : nil }
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 202)
        #expect(
            answer["reason"]?.string
                == "\(Self.push): the evaluation is made again, since it failed: "
                + "Function.StartsPending"
        )
        #expect(stage.takeHandOvers().count == 1)
        #expect(stage.log.contains("handed over, since no decisions came: lambda:Invoke of arn:"))
    }

    @Test func `invokes once, whatever comes of it`() throws {
        let stage = try Self.stage()
        stage.aws.fault = { _, name in name == "Invoke and wait" ? .throttled : nil }
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 202)
        #expect(
            answer["reason"]?.string
                == "\(Self.push): the evaluation is made again, since it failed: "
                + "ThrottlingException"
        )
        #expect(stage.aws.calls.count { $0 == "Invoke and wait" } == 1)
        #expect(stage.takeHandOvers().count == 1)
    }

    @Test func `answers 503 where neither way leads to evaluate`() throws {
        let stage = try Self.stage()
        stage.aws.fault = { _, name in name.hasPrefix("Invoke") ? .refused : nil }
        let (status, answer) = try stage.send(stage.push())
        #expect(status == 503)
        #expect(answer["reason"]?.string == "the evaluate function cannot be reached")
    }

    @Test func `hands over what it cannot read, without a second evaluation`() throws {
        let stage = try Self.stage()
        stage.aws.evaluated = { _, _ in HTTPResponse(status: 200, body: Array("null".utf8)) }
        let answer = try stage.send(stage.push()).answer
        #expect(
            answer["reason"]?.string == "\(Self.push): evaluated; the answer cannot be shown"
        )
        #expect(stage.takeHandOvers().isEmpty)
    }

    @Test func `waits for a change that goes by S3, too`() throws {
        let stage = try Self.stage()
        let paths = (0..<5_000).map { "services/api/\(String(repeating: "x", count: 200))/\($0)" }
        let answer = try stage.send(stage.push(paths: paths)).answer
        #expect(answer.outcome(of: "api") == "started")
        #expect(stage.aws.objects.keys.contains { $0.hasPrefix("pointsman/changes/") })
    }

    @Test func `does not wait for what AWS delivers`() throws {
        let stage = try Self.stage()
        let event = #"""
            {"Records":[{"eventSource":"aws:codecommit","eventId":"1","eventSourceARN":\#
            "arn:aws:codecommit:eu-west-1:123456789012:r","eventTime":"2026-09-21T13:33:20.000+0000",\#
            "codecommit":{"references":[{"commit":"\#(String(repeating: "b", count: 40))",\#
            "ref":"refs/heads/main"}]}}]}
            """#
        let handler = try #require(stage.webhook)
        _ = try handler(stage.invocation(Array(event.utf8), requestID: "r"))
        #expect(stage.aws.calls == ["Invoke"])
    }

    @Test(arguments: [
        (nil, 7_000), (0, 7_000), (-500, 7_000), (3_000, 4_000), (5_900, 1_100),
        // Nobody waits any longer for these: they may be recorded.
        (10_000, 7_000), (86_400_000, 7_000),
    ])
    func `counts from when the API took the request`(age: Int?, waits: Int) throws {
        let stage = try Self.stage()
        var waited: Int?
        stage.aws.evaluated = { _, deadline in
            waited = deadline.expires.milliseconds - stage.now.milliseconds
            return nil
        }
        let event = Stage.event(
            Stage.payload("main", ["a"]),
            takenAt: age.map { Stage.start.adding(milliseconds: -$0) }
        )
        #expect(try stage.send(event).status == 202)
        #expect(waited == waits)
    }

    @Test(arguments: [6_100, 7_900, 9_900])
    func `hands over at once where there is no time to wait`(age: Int) throws {
        let stage = try Self.stage()
        let event = Stage.event(
            Stage.payload("main", ["a"]),
            takenAt: Stage.start.adding(milliseconds: -age)
        )
        let answer = try stage.send(event).answer
        #expect(
            answer["reason"]?.string
                == "\(Self.push): there is no time left to wait for decisions"
        )
        #expect(answer["record"]?.string == Self.record)
        #expect(stage.takeHandOvers().count == 1)
    }

    @Test func `is one trace with evaluate, either way`() throws {
        let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        let stage = try Self.stage()
        let handler = try #require(stage.webhook)
        stage.aws.fault = { _, name in name == "Invoke and wait" ? .lostAnswer : nil }
        _ = try handler(stage.invocation(stage.push(), requestID: "r", traceID: trace))
        #expect(stage.aws.traceIDs == [trace, trace])
        let evaluate = try #require(stage.evaluate)
        let handOver = try #require(stage.takeHandOvers().first)
        _ = try evaluate(stage.invocation(handOver, requestID: "e", traceID: trace))
        #expect(stage.log.contains("traceId=1-5759e988-bd862e3fe1be46a994272793 decision="))
    }
}

/// Every call that a delivery makes where its decisions are waited for, `evaluate`'s among them,
/// fails in turn, in every way: one answer in time, nothing started twice, nothing lost.
@Suite struct `When a call fails while decisions are waited for` {
    static let faults = FakeAWS.Fault.allCases + [.lateAnswer]

    /// The calls of both functions.
    static let calls = 17

    static func stage() throws -> Stage {
        let stage = try Stage(["RESPOND_WITH_DECISIONS": "true"])
        stage.answerSynchronously()
        stage.rule("api", #""Paths":["services/api/**"]"#)
        stage.rule("lib", "")
        stage.rule("web", #""Paths":["services/web/**"]"#)
        return stage
    }

    /// Delivers, and checks that the answer comes while GitHub waits.
    static func deliver(_ stage: Stage, _ comment: Comment) throws -> Int {
        let began = stage.now
        let status = try stage.send(stage.push()).status
        #expect(stage.now.milliseconds - began.milliseconds < 10_000, comment)
        return status
    }

    @Test func `the count of calls is as these tests assume`() throws {
        let stage = try Self.stage()
        #expect(try Self.deliver(stage, "") == 202)
        #expect(stage.aws.calls.count == Self.calls)
    }

    @Test(.thorough, arguments: faults)
    func `once, the delivery is accepted and the job is done`(fault: FakeAWS.Fault) throws {
        for number in 1...Self.calls {
            let stage = try Self.stage()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            #expect(try Self.deliver(stage, "call \(number)") == 202, "call \(number)")
            for handOver in stage.takeHandOvers() { try stage.evaluate(handOver) }
            try `When a call fails`.expectDone(stage, "call \(number)")
        }
    }

    /// A request that is sent twice is no failure that could go on.
    @Test(.thorough, arguments: faults.filter { $0 != .sentTwice })
    func `and so do all after it, the job is done by Lambda or by a redelivery`(
        fault: FakeAWS.Fault
    ) throws {
        for number in 1...Self.calls {
            let stage = try Self.stage()
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            let status = try Self.deliver(stage, "call \(number)")
            #expect([202, 503].contains(status), "call \(number)")
            stage.aws.fault = { _, _ in nil }
            var handOvers = stage.takeHandOvers()
            #expect(status == 503 || !handOvers.isEmpty, "call \(number)")
            stage.wait(Stage.timeout)
            if status == 503 {
                #expect(try Self.deliver(stage, "call \(number)") == 202, "call \(number)")
                handOvers += stage.takeHandOvers()
            }
            for handOver in handOvers { try stage.evaluate(handOver) }
            try `When a call fails`.expectDone(stage, "call \(number)")
        }
    }
}

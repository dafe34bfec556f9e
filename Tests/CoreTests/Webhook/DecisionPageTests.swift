import Codec
import Testing

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

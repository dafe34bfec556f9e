import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct `A decision record` {
    static let now = Timestamp(milliseconds: 1_790_000_000_000)
    static let change = Change(
        source: .github,
        repository: "octo/mono",
        kind: .push,
        branch: "main",
        after: String(repeating: "b", count: 40),
        actor: "mona",
        receivedAt: now,
        delivery: "d1",
        bodyDigest: BodyDigest(SHA256()),
        paths: ChangedPaths(
            paths: [Path(utf8: Array("a/b".utf8))],
            incomplete: "the push was forced"
        )
    )

    @Test func `shows what an annotated tag is at beside its commit`() {
        let change = Change.tag("v1").with { $0.tagObject = "5f2c" }
        let json = change.recorded
        #expect(json["after"]?.string == change.after)
        #expect(json["tagObject"]?.string == "5f2c")
        #expect(Change.tag("v1").recorded["tagObject"] == nil)
    }

    static func rule(
        _ name: String,
        _ outcome: RuleOutcome.Outcome,
        answer: String? = nil
    ) -> RuleOutcome {
        let decision = Decision(
            ruleKey: name,
            outcome: .start,
            clause: .paths,
            path: Path(utf8: Array("a/b".utf8)),
            pattern: "a/*",
            reason: "a path matches"
        )
        return RuleOutcome(decision, outcome, answer: answer)
    }

    static func record(_ rules: [RuleOutcome], requestID: String = "r1") -> DecisionRecord {
        DecisionRecord(change: change, rules: rules, at: now, requestID: requestID)
    }

    @Test func `is written to the letter`() {
        let record = Self.record([Self.rule("api", .started, answer: "e-1")])
        let text = """
            {"change":{"source":"github","repository":"octo/mono","kind":"push","branch":"main",\
            "after":"\(String(repeating: "b", count: 40))","actor":"mona","pathCount":1,\
            "pathsIncomplete":"the push was forced","receivedAt":"2026-09-21T14:13:20.000Z",\
            "delivery":"d1","body":"\(Self.change.bodyDigest.hex)"},"counts":{"started":1},"rules":[{"rule":"api","outcome":"started",\
            "clause":"Paths","path":"a/b","pattern":"a/*","reason":"a path matches",\
            "answer":"e-1"}],"attempts":[{"at":"2026-09-21T14:13:20.000Z","requestId":"r1",\
            "started":1,"failed":0}]}
            """
        #expect(String(decoding: record.encoded(), as: UTF8.self) == text)
    }

    @Test func `knows which change it is about, whatever the delivery's id`() {
        #expect(Self.record([]).isAbout(Self.change))
        var other = Self.change
        other.bodyDigest = BodyDigest(eventID: "e", ref: "r")
        #expect(!Self.record([]).isAbout(other))
    }

    @Test func `is read as it was written`() {
        let rules = RuleOutcome.Outcome.allCases.map { Self.rule($0.rawValue, $0, answer: "x") }
        let record = Self.record(rules)
        #expect(DecisionRecord(parsing: record.encoded()) == record)
    }

    @Test func `names the key under which the change is kept, also where a later attempt has not`()
    {
        var record = Self.record([])
        record.changeKey = "p/changes/2026-09-21/a.json"
        let text = String(decoding: record.encoded(), as: UTF8.self)
        #expect(text.contains(#""changeKey":"p/changes/2026-09-21/a.json","counts""#))
        #expect(DecisionRecord(parsing: record.encoded()) == record)
        #expect(Self.record([], requestID: "r2").keeping(record).changeKey == record.changeKey)
    }

    @Test(arguments: ["", "[]", "{}", #"{"change":{},"rules":1,"attempts":[]}"#])
    func `is not made of anything else`(text: String) {
        #expect(DecisionRecord(parsing: Array(text.utf8)) == nil)
    }

    @Test(arguments: RuleOutcome.Outcome.allCases)
    func `keeps what an earlier attempt started, whatever comes of the rule now`(
        later: RuleOutcome.Outcome
    ) {
        let earlier = Self.record([Self.rule("api", .started, answer: "first")])
        let kept = Self.record([Self.rule("api", later, answer: "second")], requestID: "r2")
            .keeping(earlier)
        #expect(kept.rules.map(\.outcome) == [.started])
        #expect(kept.rules[0].answer == (later == .started ? "second" : "first"))
        #expect(kept.attempts.map(\.requestID) == ["r1", "r2"])
    }

    @Test func `keeps what was started by a rule that is gone`() {
        let earlier = Self.record([Self.rule("gone", .started), Self.rule("skipped", .skipped)])
        let kept = Self.record([Self.rule("api", .started)]).keeping(earlier)
        #expect(kept.rules.map(\.ruleKey) == ["api", "gone"])
    }

    @Test func `takes the later outcome of what was not started before`() {
        let earlier = Self.record([Self.rule("api", .failed)])
        let kept = Self.record([Self.rule("api", .started)]).keeping(earlier)
        #expect(kept.rules.map(\.outcome) == [.started])
    }

    @Test func `remembers the latest 20 attempts`() {
        var record = Self.record([], requestID: "r0")
        for number in 1...30 {
            record = Self.record([], requestID: "r\(number)").keeping(record)
        }
        #expect(record.attempts.count == 20)
        #expect(record.attempts.last?.requestID == "r30")
    }

    @Test func `is only counted where even what was not skipped would grow too long`() throws {
        let failed = (0..<2_000).map { Self.rule("r\($0)", .failed, answer: "words") }
        let line = try JSON(parsing: Self.record(failed).logLine)
        #expect(line["rules"]?.array?.isEmpty == true)
        #expect(line["counts"]?["failed"]?.int == 2_000)
        #expect(Self.record(failed).answer == Self.record(failed).encoded())
    }

    @Test func `shows of a path and of a pattern as much as a reader needs`() throws {
        let path = "services/" + String(repeating: "é", count: 2_000)
        let pattern = "{" + String(repeating: "y", count: 960) + ",**}"
        let rule = Rule(
            key: "p/rules/github/acme/app/a.json",
            prefix: "p",
            object: Array(
                #"{"Repository":"acme/app","ExcludePaths":["\#(pattern)"],\#(Rule.target)}"#.utf8
            )
        )
        let decision = try #require(RuleSet([rule]).decide(.push([path])).first)
        #expect(decision.clause == .excludePaths)
        #expect(decision.pattern == pattern.prefix(256) + "…")
        // Not in the middle of a character.
        let shown = "services/" + String(repeating: "é", count: 123) + "…"
        #expect(decision.path.map { String(decoding: $0.utf8, as: UTF8.self) } == shown)
        let exact = String(repeating: "a", count: 256)
        let whole = RuleSet([Rule.current(#""Paths": ["a*"]"#)]).decide(.push([exact])).first
        #expect(whole?.path?.utf8.count == 256)
    }

    @Test(.thorough) func `is written whole as long as another attempt can read it`() throws {
        let skipped = (0..<60_000).map { Self.rule("r\($0)", .skipped) }
        let record = Self.record(skipped + [Self.rule("api", .started)])
        #expect(record.encoded().count < 1_000)
        let read = try #require(DecisionRecord(parsing: record.encoded()))
        #expect(read.rules.map(\.ruleKey) == ["api"])
        #expect(try JSON(parsing: record.encoded())["counts"]?["skipped"]?.int == 60_000)
        #expect(Self.record(Array(skipped.prefix(10_000))).encoded().count > 1_000_000)
    }

    @Test func `is one log line, which leaves skipped rules out when it would grow too long`()
        throws
    {
        let skipped = (0..<2_000).map { Self.rule("r\($0)", .skipped) }
        let record = Self.record(skipped + [Self.rule("api", .started)])
        #expect(record.encoded().count > 200_000)
        let line = try JSON(parsing: record.logLine)
        #expect(line["rules"]?.array?.count == 1)
        #expect(line["counts"]?["skipped"]?.int == 2_000)
        #expect(Self.record([Self.rule("r", .skipped)]).logLine.contains(UInt8(ascii: "r")))
    }
}

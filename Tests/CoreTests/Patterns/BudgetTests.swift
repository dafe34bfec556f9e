import Codec
import TestSupport
import Testing

@testable import Core

@Suite struct BudgetTests {
    static let target = #""Target": {"CodePipeline": {"Name": "p"}}"#

    static func rule(_ members: String, named name: String = "a") -> Rule {
        let text = #"{"Repository": "acme/app", \#(members), \#(target)}"#
        return Rule(
            key: "p/rules/github/acme/app/\(name).json",
            prefix: "p",
            object: [UInt8](text.utf8)
        )
    }

    static func list(_ count: Int, _ text: String) -> String {
        let texts = (0..<count).map { _ in "\"\(text)\"" }
        return "[" + texts.joined(separator: ",") + "]"
    }

    static let tooDear: [(members: String, problem: String)] = [
        (
            #""Paths": \#(list(600, "a")), "SkipMessages": \#(list(401, "b"))"#,
            "the budget of the patterns of a rule is 1000 patterns, found 1001"
        ),
        (
            #""Branches": \#(list(33, String(repeating: "a", count: 1_000)))"#,
            "the budget of the patterns of a rule is 32768 bytes, found 33000"
        ),
        (
            #""Tags": ["\#(String(repeating: "a", count: 1_025))"]"#,
            "Tags[0]: the budget of one glob is 1024 bytes, found 1025: "
                + "'\(String(repeating: "a", count: 64))…'"
        ),
        (
            #""ServiceToken": "\#(String(repeating: "a", count: 65_536))""#,
            "the budget of a rule object is 65536 bytes, found 65625"
        ),
    ]

    @Test(arguments: tooDear)
    func `a rule that costs too much is invalid and says by how much`(
        members: String,
        problem: String
    ) {
        #expect(Self.rule(members).problems.map(\.description) == [problem])
    }

    @Test(arguments: [
        ("y", 1_000...4_000), ("{y,z}", 1_000...20_000), ("[xyz]", 5_000...60_000),
    ])
    func `what a glob compiles to counts as memory of its rule`(
        part: String,
        expected: ClosedRange<Int>
    ) {
        let pattern = String(repeating: part, count: 1_000 / part.utf8.count)
        let plain = Self.rule(#""Paths": ["\#(String(repeating: "y", count: 1_000))"]"#)
        let rule = Self.rule(#""Paths": ["\#(pattern)"]"#)
        #expect(expected.contains(rule.memory - plain.memory + 1_000))
    }

    @Test func `expressions are compiled only while their budget lasts`() {
        let rule = Self.rule(#""PathExpressions": \#(Self.list(900, "(?:abcdefghij@){999}"))"#)
        let problem = rule.problems.first?.description ?? ""
        #expect(
            problem.hasPrefix(
                "PathExpressions: the budget of the compiled expressions of a rule is 262144 bytes, "
                    + "found at least "
            )
        )
    }

    static let hungry = "*a" + String(repeating: "*a", count: 300) + "*[z]*b"

    @Test func `rules that need more steps than there are take none from the others`() {
        let long = String(repeating: "a", count: 1_000)
        let paths = (0..<200).map { "\(long)\($0)b" } + ["src/main.c"]
        let rules =
            (0..<100).map {
                Self.rule(
                    #""Paths": ["\#(Self.hungry)\#($0)"], "WhenPathsUnknown": "skip""#,
                    named: "a\($0)"
                )
            }
            + [Self.rule(#""Paths": ["src/**"]"#, named: "z")]
        let decisions = RuleSet(rules).decide(.push(paths))
        #expect(decisions.last?.clause == .paths)
        #expect(decisions.last?.outcome == .start)
    }

    @Test func `what shares a pattern with rules that need more steps is decided all the same`() {
        let long = String(repeating: "a", count: 1_000)
        let paths = ["a.c"] + (0..<200).map { "\(long)\($0)b" }
        let shared = #""Paths": ["[ab].?"]"#
        let evil = #""Paths": ["\#(Self.hungry)", "[ab].?"], "ExcludePaths": ["?.c"]"#
        let alone = RuleSet([Self.rule(shared, named: "z")]).decide(.push(paths))
        let both = RuleSet([Self.rule(evil), Self.rule(shared, named: "z")]).decide(.push(paths))
        #expect(both.last == alone.last)
        #expect(alone.last?.clause == .paths)
    }

    @Test(.thorough)
    func `another clause than paths that takes too many steps makes the rule invalid`() {
        var change = Change.push(["a"])
        change.branch = String(repeating: "a", count: 5_000) + "b"
        let rule = Self.rule(#""Branches": ["\#(Self.hungry)"]"#)
        let decision = RuleSet([rule]).decide(change).first
        #expect(decision?.outcome == .invalid)
        #expect(decision?.clause == .branches)
        #expect(
            decision?.reason
                == "the budget of matching one rule against one change is 2000000 steps, "
                + "found at least 2000001"
        )
        let steps = Trace(rule, change, pathLimit: 3).steps
        #expect(steps.map(\.clause) == [.branches])
        #expect(steps.map(\.has) == [decision?.reason])
    }

    @Test func `a rule whose object cannot be read is to be tried again`() {
        let key = "p/rules/github/acme/app/a.json"
        let rule = Rule(
            key: key,
            prefix: "p",
            unread: Rule.unreadReason("s3:GetObject of b/k: 403")
        )
        let decision = RuleSet([rule]).decide(.push(["a"])).first
        let outcome = decision.map { RuleOutcome($0) }
        #expect(outcome?.outcome == .failed)
        #expect(outcome?.willBeRetried == true)
        #expect(outcome?.clause == "Rule")
        #expect(outcome?.reason == "the rule cannot be read: s3:GetObject of b/k: 403")
    }
}

import Codec
import TestSupport
import Testing

@testable import Core

@Suite struct RuleTests {
    @Test(arguments: [
        ("p/rules/github/acme/app/r.json", "acme/app"),
        ("p/rules/github/acme/app/r.json", "Acme/APP"),
    ])
    func `a rule lies in its repository's folder, in lower case`(key: String, repository: String) {
        #expect(Rule.current("", repository: repository, key: key).problems == [])
    }

    @Test(arguments: [
        (
            "p/rules/github/acme/web/r.json",
            "Repository: a rule for 'acme/app' of github belongs in 'p/rules/github/acme/app/', "
                + "but it lies at 'p/rules/github/acme/web/r.json'"
        ),
        (
            "p/rules/github/acme/app/team/r.json",
            "Repository: a rule for 'acme/app' of github belongs in 'p/rules/github/acme/app/', "
                + "but it lies at 'p/rules/github/acme/app/team/r.json'"
        ),
        (
            "p/rules/dockerhub/acme/app/r.json",
            "Source: a rule for 'acme/app' of github belongs in 'p/rules/github/acme/app/', "
                + "but it lies at 'p/rules/dockerhub/acme/app/r.json'"
        ),
    ])
    func `a rule in another folder is invalid`(key: String, problem: String) {
        #expect(Rule.current("", key: key).problems.map(\.description) == [problem])
    }

    @Test func `an object that is no JSON is an invalid rule`() {
        let rule = Rule(key: "p/rules/github/a/b/r.json", prefix: "p", object: [0x7B])
        #expect(
            rule.problems.map(\.description)
                == ["invalid JSON at byte 1: expected a member's name, found the end"]
        )
    }

    @Test(arguments: ["p/rules/github/a/b/r.json", "p/app-main-x.json"])
    func `an object that is too large is an invalid rule`(key: String) {
        let rule = Rule(key: key, prefix: "p", size: 1_000_001)
        #expect(
            rule.problems.map(\.description)
                == ["the budget of a rule object is 65536 bytes, found 1000001"]
        )
    }

    @Test func `a rule of the mono-repo trigger says which of its properties are missing`() {
        let rule = Rule(key: "p/app-main-x.json", prefix: "p", object: [UInt8]("{}".utf8))
        #expect(
            rule.problems.map(\.description) == [
                "GitHubRepo: required, but missing", "GitHubBranch: required, but missing",
                "ChangeMatchExpressions: required, but missing",
                "CodePipelineName: required, but missing",
            ]
        )
    }

    @Test(arguments: [
        (
            #"{"GitHubRepo": "app", "GitHubBranch": "main", "ChangeMatchExpressions": "a, (b", "CodePipelineName": "x"}"#,
            "ChangeMatchExpressions: '(b' is not a regular expression: "
                + "missing closing parenthesis at offset 2"
        ),
        (
            #"{"GitHubRepo": "app", "GitHubBranch": "main", "ChangeMatchExpressions": "", "CodePipelineName": "a b"}"#,
            "CodePipelineName: expected a pipeline's name (1 to 100 letters, digits or . @ - _), "
                + "found 'a b'"
        ),
        (
            #"{"GitHubRepo": "app", "GitHubBranch": "main", "ChangeMatchExpressions": 1, "CodePipelineName": "x"}"#,
            "ChangeMatchExpressions: expected a string, found the number 1"
        ),
        (
            #"[]"#,
            "expected a JSON object, found a list"
        ),
    ])
    func `an invalid rule of the mono-repo trigger says why`(object: String, problem: String) {
        let rule = Rule(key: "p/app-main-x.json", prefix: "p", object: [UInt8](object.utf8))
        #expect(rule.problems.map(\.description) == [problem])
    }

    @Test func `a rule of the mono-repo trigger may have properties that it never looked at`() {
        let object =
            #"{"GitHubRepo":"app","GitHubBranch":"main","ChangeMatchExpressions":"","CodePipelineName":"x","Note":1}"#
        #expect(
            Rule(key: "p/app-main-x.json", prefix: "p", object: [UInt8](object.utf8)).problems
                .isEmpty
        )
    }

    @Test func `expressions of the mono-repo trigger are split at commas and trimmed`() throws {
        guard case .monoRepo(let rule) = Rule.monoRepo(" a/.* ,\tb ,, c").content else {
            Issue.record("not a rule of the mono-repo trigger")
            return
        }
        #expect(rule.expressions.map(\.pattern) == ["a/.*", "b", "", "c"])
    }

    @Test(.thorough) func `any object is a rule, valid or not, never a crash`() {
        var random = SeededRandom(seed: 77)
        let names = [
            "Repository", "Paths", "Events", "Target", "CodePipeline", "Name", "Variables", "X",
        ]
        func value(_ depth: Int) -> JSON {
            switch random.below(depth > 3 ? 5 : 8) {
            case 0: return .null
            case 1: return .bool(true)
            case 2: return .number("1e9")
            case 3:
                return .string(random.text(of: ["#{", "}", "after", "[", "{", "*", "é"], upTo: 5))
            case 4: return .string("acme/app")
            case 5: return .array((0..<random.below(4)).map { _ in value(depth + 1) })
            default:
                return .object(
                    (0..<random.below(6)).map { _ in
                        JSON.Member(key: random.pick(names), value: value(depth + 1))
                    }
                )
            }
        }
        for _ in 0..<20_000 {
            let object = value(0).encoded()
            let key = random.pick(["p/rules/github/acme/app/r.json", "p/app-main-x.json", "", "p"])
            let rule = Rule(key: key, prefix: "p", object: object)
            _ = RuleSet([rule]).decide(.push(["a"]))
        }
    }
}

@testable import Core
import Testing

@testable import pointsman

/// Texts that are hard to read, or are nothing that is checked.
struct FileContentTests {
    static let rows: [(name: String, text: String, line: String)] = [
        (
            "a.json", "{\n  \"Repository\": 1,\n  x",
            "3:3-4 error invalid-syntax invalid JSON: expected a member's name, found 'x'"
        ),
        (
            "a.json", "[]",
            "1:1-2 error not-a-rule expected an object, a rule or a template, found another value"
        ),
        (
            "a.json", #"{"name": "x"}"#,
            "1:1-2 error not-a-rule neither a rule, which has Repository and Target, nor a template, which has Resources"
        ),
        ("a.yaml", "a: 1", "1:1-2 error not-a-rule no template: it has no Resources"),
        (
            "a.yaml", "Repository: a/b\nTarget: {}",
            "1:1-2 error not-a-rule a rule that is not JSON: rules in S3 are JSON objects"
        ),
        (
            "a.yaml", "Resources: {\n a: b",
            "2:6-7 error invalid-syntax invalid YAML: while parsing a flow mapping did not find expected ',' or '}'"
        ),
        (
            "a.yaml", "a: 1\nb:\n  c: 1\n  c: 2",
            "3:3-4 error duplicate-name 'c' stands in one map more than once"
        ),
        (
            "a.yaml", "a: \u{1}",
            "1:4-5 error invalid-syntax invalid YAML: control characters are not allowed"
        ),
        ("a.yaml", "a: *b", "1:4-5 error invalid-syntax invalid YAML: found undefined alias"),
        ("a.yaml", "", "1:1-2 error not-a-rule no template: it has no Resources"),
    ]

    @Test(arguments: rows)
    func `what is no rule says why`(name: String, text: String, line: String) {
        #expect(Checked.lines(text, name: name) == [line])
    }

    private static let template = """
        Resources:
          T:
            Type: Custom::PipelineTrigger
            Properties: {ServiceToken: x, Repository: a/b, Paths: [A, "["], Target: {CodePipeline: {Name: p}}}
        """
    private static let finding =
        "4:64-65 error invalid-pattern Paths[1]: unclosed '[' at column 1 of '[': a ']' is missing (a plain '[' is written '\\\\[')"

    @Test(arguments: [
        template,
        "\u{FEFF}" + template,
        template.replacing("\n", with: "\r\n"),
        template.replacing("\n", with: "\r"),
        template + "\n---\nother: document\n",
    ])
    func `positions are those that editors show`(text: String) {
        #expect(Checked.lines(text, name: "template.yaml") == [Self.finding])
    }

    @Test func `what only YAML takes for the end of a line does not count as one`() {
        let text = Self.template.replacing("Resources:", with: "D: \"a\u{2028}b\"\nResources:")
        #expect(
            Checked.lines(text, name: "template.yaml") == [Self.finding.replacing("4:", with: "5:")]
        )
    }

    @Test func `aliases cannot make a file endless`() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let list = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        let lines = Checked.lines(text, name: "a.yaml")
        #expect(lines.count == 1)
        #expect(lines[0].contains("invalid-syntax expected fewer values: aliases repeat too many"))
    }

    @Test func `bytes that are not UTF-8 are told`() {
        var checker = Checker(ownSecrets: .none)
        checker.check(CheckedFile(name: "a.json", bytes: [0x7B, 0x0A, 0xFF], isNamed: true))
        #expect(
            checker.report.findings.map(\.oneLine)
                == ["2:1-2 error invalid-syntax expected UTF-8, found byte 0xFF"]
        )
    }
}

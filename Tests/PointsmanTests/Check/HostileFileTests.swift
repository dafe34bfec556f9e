import Foundation
import TestSupport
import Testing

@testable import pointsman

/// `check` looks at files of strangers: it ends on every one, and says why there is nothing to check.
struct HostileFileTests {
    /// Lists of lists, each ten times the one before it, as a value or within a name.
    static func bomb(_ levels: Int) -> String {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...levels {
            let list = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        return text
    }

    static let tooMany = "invalid-syntax expected fewer values: aliases repeat too many"

    @Test(arguments: ["", "? [*a9, x]\n: 1\n", "? {*a9: 1}\n: 1\n", "*a9 : 1\n", "{*a9 : 1}: 2\n"])
    func `aliases in a name repeat no more than those in a value`(name: String) {
        let lines = Checked.lines(Self.bomb(9) + name, name: "a.yaml")
        #expect(lines.count == 1)
        #expect(lines.first?.contains(Self.tooMany) == true)
    }

    @Test func `aliases within the names of maps repeat no more`() {
        var text = "a0: &a0 {x: 1}\n"
        for level in 1...60 {
            text += "a\(level): &a\(level) {? [*a\(level - 1), *a\(level - 1)] : 1}\n"
        }
        #expect(Checked.lines(text, name: "a.yaml").count == 1)
    }

    @Test(arguments: [
        ("a: &a 1\nb: *a", "1:1-2 error not-a-rule no template: it has no Resources"),
        ("a: [*b]", "1:5-6 error invalid-syntax invalid YAML: found undefined alias"),
        (
            "a: *b c",
            "1:4-5 error invalid-syntax invalid YAML: while scanning an alias did not find expected alphabetic or numeric character"
        ),
        (
            "- *.md",
            "1:3-4 error invalid-syntax invalid YAML: while scanning an alias did not find expected alphabetic or numeric character"
        ),
        (
            "\"*\": 1\n\u{E000}: 2\n'*': 3",
            "3:1-2 error duplicate-name '*' stands in one map more than once"
        ),
    ])
    func `an asterisk is what it was`(text: String, line: String) {
        let lines = Checked.lines(text, name: "a.yaml")
        #expect(lines.count == 1)
        // Which of two equal names is pointed at is not said.
        #expect(
            lines.first?.split(separator: " ", maxSplits: 1).last
                == line.split(separator: " ", maxSplits: 1).last
        )
    }

    @Test func `a rule with aliases is read as ever`() {
        let text = """
            Resources:
              T:
                Type: Custom::PipelineTrigger
                Properties:
                  ServiceToken: x
                  <<: &all {Repository: a/b, Paths: &paths ['**/*.md', "["]}
                  ExcludePaths: *paths
                  Target: {CodePipeline: {Name: p}}
            """
        let lines = Checked.lines(text, name: "a.yaml")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.contains("error invalid-pattern") })
    }

    @Test func `a text that has every character for private use is refused`() {
        let all = (0xE000...0xF8FF).compactMap { Unicode.Scalar($0) }.map(String.init).joined()
        let lines = Checked.lines("a: \(all)", name: "a.yaml")
        #expect(lines == ["1:1-2 error invalid-syntax expected fewer characters for private use"])
    }

    @Test(.thorough) func `names that are merged are looked up, not searched`() {
        let own = (0..<10_000).map { "k\($0): 1" }.joined(separator: ", ")
        let text = "a: &a {\(own)}\nb: {<<: *a, \(own)}\n"
        let line = "1:1-2 error not-a-rule no template: it has no Resources"
        #expect(Checked.lines(text, name: "a.yaml") == [line])
    }

    @Test(.thorough) func `a long line is no longer than its parts`() {
        let text =
            "a: [" + [String](repeating: "é", count: 50_000).joined(separator: ",") + ", *b]"
        let lines = Checked.lines(text, name: "a.yaml")
        let column = 4 + 2 * 50_000 + 2
        #expect(lines.map { $0.prefix { $0 != " " } } == ["1:\(column)-\(column + 1)"])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "a: {"])
    func `YAML is nested so deep and no deeper`(open: String) {
        let lines = Checked.lines(String(repeating: open, count: 20_000), name: "a.yaml")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("invalid-syntax invalid YAML: ") == true)
    }

    @Test(arguments: ["[", "{\"a\":"])
    func `JSON is nested so deep and no deeper`(open: String) {
        let lines = Checked.lines(String(repeating: open, count: 100_000), name: "a.json")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("invalid-syntax invalid JSON: ") == true)
    }

    /// A template whose only resource has some properties beside those that it needs.
    static func template(_ properties: String) -> String {
        #"{"Resources":{"T":{"Type":"Custom::PipelineTrigger","Properties":{"ServiceToken":"x","#
            + #""Repository":"a/b","Target":{"CodePipeline":{"Name":"p"}},"# + properties + "}}}}"
    }

    @Test func `thousands of unknown properties are told as a number`() {
        let unknown = (0..<5_000).map { "\"Branchs\($0)\": 1" }.joined(separator: ",")
        let lines = Checked.lines(Self.template(unknown), name: "a.json")
        #expect(lines.count == 11)
    }

    @Test(.thorough) func `thousands of names that stand there twice are told as a number`() {
        let twice = (0..<5_000).map { _ in #""Paths": []"# }.joined(separator: ",")
        let report = Checked.report(Self.template(twice), name: "a.json")
        #expect(report.findings.count == 1_001)
        let last = report.findings.last
        #expect(last?.message.hasSuffix(" more findings in this file are not told") == true)
        #expect(report.findings.allSatisfy { $0.line.utf8.count <= 2_100 })
        for format in ReportFormat.allCases {
            #expect(report.written(format, for: .none).utf8.count < 5_000_000)
        }
    }

    @Test func `functions within functions are read once`() {
        var value = "\"x\""
        for _ in 0..<100 { value = "{\"Fn::If\": [\"C\", \(value), {\"Ref\": \"AWS::NoValue\"}]}" }
        let lines = Checked.lines(Self.template("\"Branches\": [\(value)]"), name: "a.json")
        #expect(lines.allSatisfy { !$0.contains(" error ") })
    }

    @Test func `conditions are not tried in every combination`() {
        let branches = (0..<200).map { "{\"Fn::If\": [\"C\($0)\", \"a\($0)\", \"b\($0)\"]}" }
        let text = Self.template("\"Branches\": [\(branches.joined(separator: ","))]")
        #expect(Checked.lines(text, name: "a.json").allSatisfy { !$0.contains(" error ") })
    }

    @Test(.thorough)
    func `thousands of rules are compared with those of their repository, and not with all`() {
        let resources = (0..<3_000).map { index in
            #""T\#(index)":{"Type":"Custom::PipelineTrigger","Properties":{"ServiceToken":"x","#
                + #""Repository":"a/b\#(index / 3)","Branches":["\#(index)"],"#
                + #""Target":{"CodePipeline":{"Name":"p"}}}}"#
        }
        let text = "{\"Resources\":{\(resources.joined(separator: ","))}}"
        #expect(Checked.report(text, name: "a.json").rules == 3_000)
    }

    @Test func `documents, one after another`() {
        let text = String(repeating: "---\na: 1\n", count: 5_000)
        let line = "1:1-2 error not-a-rule no template: it has no Resources"
        #expect(Checked.lines(text, name: "a.yaml") == [line])
    }

    @Test func `a pipe and a device in a folder are no files`() throws {
        let folder = try TemporaryFolder()
        for (name, target) in [("zero.json", "/dev/zero"), ("loop", ".")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + name,
                withDestinationPath: target
            )
        }
        try #require(unsafe mkfifo(folder.path + "/pipe.yaml", 0o600) == 0)
        let (report, failures) = Checked.walk([folder.path])
        #expect(report.files == 0)
        #expect(failures == [])
        let rules = try RuleFolder(folder.path)
        #expect(rules.entries.isEmpty)
        #expect(rules.unplaced == [])
    }

    @Test func `what never ends is not read to its end`() {
        let (report, failures) = Checked.walk(["/dev/zero"])
        #expect(report.files == 0)
        let size = "it is larger than 4000000 bytes, which no rule and no template is"
        #expect(failures == ["'/dev/zero' is not read: \(size)"])
        let endless = String(repeating: " ", count: 5_000_000)
        #expect(Checked.walk(["-"], standardInput: endless).1 == ["'<stdin>' is not read: \(size)"])
    }
}

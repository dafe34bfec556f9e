import Foundation
import TestSupport
import Testing

@testable import pointsman

struct FileWalkTests {
    private static let bad = #"{"Repository":"a/b","Target":{}}"#

    private static func files(_ report: Report, in folder: TemporaryFolder) -> [String] {
        report.findings.map { String($0.file.dropFirst(folder.path.count + 1)) }
    }

    @Test func `a folder is walked in order, without what tools keep`() throws {
        let folder = try TemporaryFolder([
            "b.json": Self.bad, "a/z.json": Self.bad, "a/Z.json": Self.bad, "C.json": Self.bad,
            ".git/a.json": Self.bad, ".build/a.json": Self.bad, "x/node_modules/a.json": Self.bad,
            "notes.md": "x", "other.json": "{}", "values.yaml": "{{ x }}", "env/pyvenv.cfg": "",
            "env/a.json": Self.bad,
        ])
        let (report, failures) = Checked.walk([folder.path + "/"])
        #expect(Self.files(report, in: folder) == ["C.json", "a/Z.json", "a/z.json", "b.json"])
        #expect(failures == [])
        #expect(report.summary == "4 errors in 4 rules of 4 files (6 others passed over)")
        #expect(
            report.passedOver.map { folder.naming("\($0.file): \($0.reason)") }
                .filter { $0.contains("/: ") } == [
                    "DIR/.build/: a tool fills this folder; name it to have it read",
                    "DIR/env/: a tool fills this folder; name it to have it read",
                    "DIR/x/node_modules/: a tool fills this folder; name it to have it read",
                ]
        )
        #expect(Checked.walk(["\(folder.path)/x/node_modules"]).0.rules == 1)
    }

    private static let clone = """
        git init -q . && mkdir -p .venv/lib sub && echo .venv >.gitignore
        for file in new.json tracked.json .venv/lib/a.json sub/a.json gone.json sub-a.json; do
            printf '{"Repository":"a/b","Target":{}}' >$file
        done
        git add tracked.json gone.json && git commit -qm one && rm gone.json
        git init -q other && cp tracked.json other
        """

    @Test func `in a clone the files are looked at that git tracks or would track`() throws {
        let folder = try TemporaryFolder(running: Self.clone)
        let (report, failures) = Checked.walk([folder.path])
        #expect(failures == [])
        #expect(
            Self.files(report, in: folder)
                == ["new.json", "other/tracked.json", "sub/a.json", "sub-a.json", "tracked.json"]
        )
        #expect(
            report.passedOver.map { folder.naming("\($0.file): \($0.reason)") } == [
                "DIR/.gitignore: its name is not that of a JSON or YAML file",
                "DIR/.venv/: git ignores it",
            ]
        )
    }

    @Test(arguments: ["/.venv", "/.venv/lib", "/.venv/lib/a.json", "/sub"])
    func `what is named is looked at, though git ignores it`(below: String) throws {
        let folder = try TemporaryFolder(running: Self.clone)
        #expect(Checked.walk([folder.path + below]).0.rules == 1)
    }

    @Test(.thorough)
    func `a folder of dependencies takes no time`() throws {
        let folder = try TemporaryFolder(running: Self.clone)
        let start = ContinuousClock.now
        for number in 0..<5_000 {
            try folder.write("{}", to: ".venv/\(number % 10)/\(number).json")
        }
        let written = ContinuousClock.now
        #expect(Checked.walk([folder.path]).0.rules == 5)
        #expect(ContinuousClock.now - written < (written - start) / 2 + .seconds(1))
    }

    @Test(arguments: [
        ("secret", "TOKEN=abc\n", "link.json"), ("secret.yaml", "token: abc\n", "link.yaml"),
        ("secret.json", #"{"token": "abc"}"#, "link.json"), ("secret", "token abc", "link"),
    ])
    func `nothing is shown of a file that a link leads to and that is no rule`(
        target: String,
        text: String,
        link: String
    ) throws {
        let outside = try TemporaryFolder([target: text])
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/\(link)"
        try FileManager.default.createSymbolicLink(
            atPath: path,
            withDestinationPath: "\(outside.path)/\(target)"
        )
        let report = Checked.walk([path]).0
        #expect(report.count(.error) == 1)
        for format in ReportFormat.allCases {
            let lines = report.written(format, for: .none)
            #expect(!lines.contains("abc") && !lines.contains("TOKEN"))
        }
        // What is named without a link is the user's own.
        let own = Checked.walk(["\(outside.path)/\(target)"]).0
        #expect(own.written(.text, for: .none).contains("abc"))
    }

    private static let good = #"{"Repository":"a/b","Target":{"CodePipeline":{"Name":"p"}}}"#

    /// A file beside a good rule, and the finding about it.
    static let beside = [
        (
            #"{"Repository":"a/b","Target":{"CodePipeline":{"Name":"q"},}}"#,
            "1:59-60 error invalid-syntax invalid JSON: expected a member's name, found '}', take out the comma before it"
        ),
        (
            #"{"Repository":"a/b","Tar"#,
            "1:25-26 error invalid-syntax invalid JSON: expected '\"', found the end"
        ),
        (
            "{'Repository': 'a/b'}",
            "1:2-3 error invalid-syntax invalid JSON: expected a member's name, found '\u{27}', JSON's texts stand in double quotes"
        ),
        (
            "{ // the shop\n}",
            "1:3-4 error invalid-syntax invalid JSON: expected a member's name, found '/', JSON has no comments: take it out"
        ),
        (
            "",
            "1:1-2 error invalid-syntax invalid JSON: expected a value, found the end"
        ),
        ("[\(good)]", "1:2-3 error not-a-rule a list of rules: each rule is a file of its own"),
        (
            "Repository: a/b\nTarget: {CodePipeline: {Name: p}}\n",
            "1:1-2 error invalid-syntax invalid JSON: expected a value, found 'R', write it as JSON: this is YAML"
        ),
        (
            #"{"Repository":"a/b","target":{"CodePipeline":{"Name":"q"}}}"#,
            "1:21-29 error unknown-property target: unknown property, did you mean `Target`?"
        ),
        (
            #"{"repository":"a/b","Target":{"CodePipeline":{"Name":"q"}}}"#,
            "1:2-14 error unknown-property repository: unknown property, did you mean `Repository`?"
        ),
        (
            #"{"Repo":"a/b","Branches":["main"]}"#,
            "1:1-2 error missing-property Repository: required, but missing"
        ),
        (
            #"{"Repository":"a/b"}"#,
            "1:1-2 error missing-property Target: required, but missing"
        ),
        (
            #"{"targt":{"codepipeline":{}}}"#,
            "1:1-2 error missing-property Repository: required, but missing"
        ),
        (
            #"{"Branches":["main"],"Paths":["src/**"]}"#,
            "1:1-2 error missing-property Repository: required, but missing"
        ),
        (
            "\u{FEFF}" + #"{"Repository":"a/b","Target":{"CodePipeline":{"Name":"q"}}}"#,
            "1:1-2 error invalid-syntax the file begins with a byte order mark, which no rule may, save it as UTF-8 without one"
        ),
    ]

    @Test(arguments: beside)
    func `a rule that is none is not passed over`(text: String, line: String) throws {
        let folder = try TemporaryFolder(["cart.json": Self.good, "web.json": text])
        let lines = Checked.walk([folder.path]).0.findings.map(\.oneLine)
        #expect(lines.contains(line), "\(lines)")
    }

    @Test func `a rule in YAML is not passed over`() throws {
        let folder = try TemporaryFolder(["web.yaml": "# a\nRepository: a/b\nTarget: {}\n"])
        #expect(
            Checked.walk([folder.path]).0.findings.map(\.oneLine) == [
                "2:1-2 error not-a-rule a rule that is not JSON: rules in S3 are JSON objects"
            ]
        )
    }

    @Test(arguments: [
        ("package.json", #"{"name":"x","version":"1.0.0","repository":"acme/app","files":["a"]}"#),
        ("package.json", #"{"repository":{"type":"git","url":"https://a.test"},"name":"x"}"#),
        ("edge.json", #"{"source":"a","target":"b"}"#),
        ("project.json", #"{"name":"app","targets":{"build":{},"deploy":{}}}"#),
        ("image.json", #"{"Repository":"nginx","Tag":"1","ID":"a","Size":"2","Digest":"x"}"#),
        ("list.json", #"["a",{"b":1}]"#),
        ("tsconfig.app.json", "{ // strict\n}"),
        (".vscode/settings.json", "{ // strict\n}"),
    ])
    func `what is clearly no rule is passed over`(name: String, text: String) throws {
        let folder = try TemporaryFolder(["cart.json": Self.good, name: text])
        let report = Checked.walk([folder.path]).0
        #expect(report.findings == [])
        #expect(report.passedOver.map(\.file).map(folder.naming) == ["DIR/\(name)"])
    }

    @Test func `what is not JSON and lies beside no rule is a warning`() throws {
        let folder = try TemporaryFolder(["cart.json": Self.good, "test/broken.json": "{"])
        #expect(
            Checked.walk([folder.path]).0.findings.map(\.oneLine) == [
                "1:2-3 warning invalid-syntax invalid JSON: expected a member's name, found the end"
            ]
        )
    }

    @Test func `links are not followed`() throws {
        let outside = try TemporaryFolder(["a.json": Self.bad])
        let folder = try TemporaryFolder(["b.json": Self.bad])
        for (link, target) in [
            ("out", outside.path), ("a.json", outside.path + "/a.json"), ("loop", "."),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/\(link)",
                withDestinationPath: target
            )
        }
        #expect(Self.files(Checked.walk([folder.path]).0, in: folder) == ["b.json"])
    }

    @Test func `a file is checked once, however often it is named`() throws {
        let folder = try TemporaryFolder(["b.json": Self.bad])
        let file = "\(folder.path)/b.json"
        #expect(Checked.walk([file, folder.path, file]).0.findings.count == 1)
    }

    @Test func `two spellings of one name are two files`() throws {
        // A dictionary would take both for one.
        let folder = try TemporaryFolder(["\u{E9}.json": Self.bad])
        try folder.write(Self.bad, to: "e\u{301}.json")
        #expect(Checked.walk([folder.path]).0.findings.count == 2)
    }

    @Test func `what cannot be read is told, and the rest is checked`() throws {
        let folder = try TemporaryFolder(["b.json": Self.bad])
        let (report, failures) = Checked.walk(["\(folder.path)/none.json", folder.path])
        #expect(report.findings.count == 1)
        #expect(
            failures.map(folder.naming) == [
                "'DIR/none.json' cannot be read: no such file or directory"
            ]
        )
    }

    @Test func `standard input is a file like others`() {
        let (report, _) = Checked.walk(["-"], standardInput: Self.bad)
        #expect(report.findings.map(\.file) == ["<stdin>"])
    }

    @Test(arguments: ["examples", "events", "docs", "template.yaml"])
    func `nothing is wrong with what this project ships`(name: String) {
        let (report, failures) = Checked.walk([Checked.packageFile(name).path])
        #expect(failures == [])
        #expect(report.findings.filter { $0.severity > .note } == [])
    }
}

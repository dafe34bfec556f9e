import Codec
@testable import Core
import Foundation
import Platform
import Testing

@testable import pointsman

/// Every format of one report.
struct ReportTests {
    private static var report: Report {
        let root = "\(Golden.folder)/check/input"
        var checker = Checker(ownSecrets: .none)
        FileWalk().visit([root]) { step in
            switch step {
            case .file(var file):
                file.name = String(file.name.dropFirst(root.count + 1))
                checker.check(file)
            case .passedOver(let name, let reason): checker.passOver(name, reason)
            case .unreadable(let name, let reason): Issue.record("'\(name)' \(reason)")
            }
        }
        return checker.report
    }

    @Test(arguments: [
        ("report.txt", ReportFormat.text, Terminal(width: 80, hasColor: false)),
        ("report.ansi", .text, Terminal(width: 80, hasColor: true)),
        ("report.json", .json, .none),
        ("report.github", .github, .none),
        ("report.sarif", .sarif, .none),
    ])
    func `a report is written to the letter`(
        name: String,
        format: ReportFormat,
        terminal: Terminal
    ) throws {
        // The versions of SARIF's driver, the one thing that changes with every release.
        let text = Self.report.written(format, for: terminal)
            .replacing(
                #""version":"\#(Version.number)","semanticVersion":"\#(Version.withCommit)""#,
                with: #""version":"VERSION","semanticVersion":"VERSION+COMMIT""#
            )
        try Golden.expect(text, "check/\(name)")
    }

    @Test func `no format holds what a terminal would obey, and programs read what was written`()
        throws
    {
        let evil = "a\u{1B}[31m\u{9B}31m\u{202E}\u{E0001}"
        let name = String(decoding: JSON.string(evil).encoded(), as: UTF8.self)
        let report = Checked.report(
            #"{"Repository":"acme/app","Target":{"CodePipeline":{"Name":"a"}},\#(name):1}"#,
            name: "\(evil).json"
        )
        for format in ReportFormat.allCases {
            let text = report.written(format, for: .none)
            #expect(text.unicodeScalars.allSatisfy { $0.isPrintable || $0 == "\n" }, "\(format)")
        }
        let finding = try JSON(parsing: [UInt8](report.json.utf8))["findings"]?.array?.first
        #expect(finding?["file"]?.string == "\(evil).json")
        #expect(report.github().contains(#"\u{1B}[31m\u{009B}31m\u{202E}"#))
    }

    @Test func `GitHub's commands are escaped`() {
        let text = Checked.report(
            #"{"Repository":"acme/app","Target":{"CodePipeline":{"Name":"100%\r\n"}}}"#,
            name: "a,b:c%.json"
        ).github()
        #expect(
            text == """
                ::error file=a%2Cb%3Ac%25.json,line=1,endLine=1,col=59,endColumn=68,title=invalid-value::\
                Target.CodePipeline.Name: expected a pipeline's name (1 to 100 letters, digits or . @ - _), \
                found '100%25%0D%0A'
                1 error in 1 rule of 1 file

                """
        )
    }

    @Test(arguments: [
        (#"{"Repository":"a/b","Target":{"CodePipeline":{"Name":"p"}}}"#, false, false),
        (#"{"Repository":"a/b","Tags":["v"],"Target":{"CodePipeline":{"Name":"p"}}}"#, false, true),
        (#"{"Repository":"a/b"}"#, true, true),
    ])
    func `errors fail, and warnings where that is asked for`(
        rule: String,
        fails: Bool,
        failsStrictly: Bool
    ) {
        let report = Checked.report(rule, name: "rule.json")
        #expect(report.fails(strictly: false) == fails)
        #expect(report.fails(strictly: true) == failsStrictly)
    }

    @Test func `the summary counts`() {
        var report = Report()
        #expect(report.summary == "No problems found (0 rules in 0 files)")
        (report.rules, report.files) = (12, 1)
        report.passedOver = [.init(file: "a", reason: "b")]
        #expect(report.summary == "No problems found (12 rules in 1 file; 1 other passed over)")
    }

    private static let asides = Checked.report(
        #"{"Repository":"a/b","Events":["tag"],"Target":{"CodePipeline":{"Name":"p"}}}"#,
        name: "a.json"
    )

    @Test func `what nobody could write otherwise is told if that is asked for`() {
        #expect(Self.asides.findings.map(\.id) == [.providerLimit])
        let report = Self.asides.withoutAsides
        #expect(report.findings == [])
        #expect(report.summary == "No problems found (1 rule in 1 file; 1 note with --notes)")
        #expect(FindingID.allCases.filter(\.isAside) == [.knownAtDeployment, .providerLimit])
    }

    @Test func `a report may have no summary, or the names of what was passed over`() {
        var report = Self.asides.withoutAsides
        report.passedOver = [.init(file: "package.json", reason: "no rule")]
        #expect(report.written(.text, .findings, for: .none) == "")
        #expect(report.written(.github, .findings, for: .none) == "")
        #expect(
            report.written(.text, .everything, for: .none) == """
                passed over: package.json: no rule

                No problems found (1 rule in 1 file; 1 other passed over; 1 note with --notes)

                """
        )
    }

    @Test(arguments: [70, 80, 120])
    func `no line is wider than the terminal`(width: Int) {
        let terminal = Terminal(width: width, hasColor: false)
        let text = Self.report.text(.findings, for: terminal)
        #expect(text.split(separator: "\n").filter { $0.count > width } == [])
    }

    @Test func `every kind of finding is described in the documentation`() throws {
        let url = Checked.packageFile("docs/command-line.md")
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        for id in FindingID.allCases { #expect(text.contains("| `\(id.rawValue)` |")) }
    }
}

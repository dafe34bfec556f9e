import Codec
@testable import Core
import Foundation
import Testing

@testable import pointsman

struct ExplainReportTests {
    private func report(
        rule: String? = nil,
        paths: [String]? = nil,
        event: String = "github-push-services-api"
    ) throws -> ExplainReport {
        try ExplainReport(
            EventFile(
                InputFile("\(EventFileTests.folder)/\(event).json"),
                receivedAt: Timestamp(milliseconds: 0)
            ),
            paths: paths?.map { Path(utf8: [UInt8]($0.utf8)) },
            rule: rule,
            rules: .folder(RuleFolder("\(Golden.folder)/rules"))
        )
    }

    private func expect(_ report: ExplainReport, _ name: String) throws {
        for (end, terminal) in Terminal.kept {
            let lines = report.lines(terminal, all: false)
            try Golden.expect(lines.joined(separator: "\n") + "\n", "\(name)-\(end)")
            // What is printed on a terminal fits, but for the names of files.
            if let width = terminal.width, !terminal.hasColor {
                #expect(lines.allSatisfy { $0.count <= width || $0.contains(Golden.folder) })
            }
        }
        let json = String(decoding: report.json.encoded(), as: UTF8.self)
        try Golden.expect(json + "\n", "\(name).json")
    }

    @Test func `all rules are explained`() throws {
        try expect(report(), "explain")
    }

    @Test func `one rule is explained clause by clause`() throws {
        try expect(report(rule: "services-api"), "explain-rule")
    }

    @Test func `a rule that is skipped is explained clause by clause`() throws {
        try expect(report(rule: "master.json"), "explain-skipped-rule")
    }

    @Test func `changed paths can be given by hand`() throws {
        let report = try report(rule: "services-web", paths: ["services/web/a.js"])
        #expect(
            report.lines(.none, all: false).contains(
                "starts by Paths: changed path 'services/web/a.js' matches 'services/web/**'"
            )
        )
    }

    @Test(arguments: [
        (#""Paths": ["services/**"]"#, "pending: started CodePipeline api" as String?),
        (#""Paths": ["none"]"#, nil),
        (#""Branchs": []"#, "error: Branchs: unknown property, did you mean `Branches`?"),
    ])
    func `the status that is set at first is named`(properties: String, words: String?) throws {
        let rule =
            #"{"Repository": "octo-org/monorepo", "Status": "ci/api", \#(properties), "#
            + #""Target": {"CodePipeline": {"Name": "api"}}}"#
        let folder = try TemporaryFolder(["api.json": rule])
        let event = try EventFile(
            InputFile("\(EventFileTests.folder)/github-push-services-api.json"),
            receivedAt: Timestamp(milliseconds: 0)
        )
        for name in ["api", nil] {
            let report = try ExplainReport(
                event,
                rule: name,
                rules: .folder(RuleFolder(folder.path))
            )
            let line = report.lines(.none, all: true).first { $0.contains("sets the status") }
            #expect(
                line.map { $0.trimmingCharacters(in: .whitespaces) }
                    == words.map { "sets the status ci/api to \($0)" }
            )
        }
    }

    /// Of one rule about pull requests of `Codertocat/Hello-World`, for an event.
    private func lines(_ event: String, _ properties: String, rule: String? = nil) throws
        -> [String]
    {
        let text =
            #"{"Repository": "Codertocat/Hello-World", "Events": ["pull_request"], \#(properties), "#
            + #""Target": {"CodePipeline": {"Name": "api"}}}"#
        let folder = try TemporaryFolder(["api.json": text])
        let report = try ExplainReport(
            EventFile(
                InputFile("\(EventFileTests.folder)/\(event).json"),
                receivedAt: Timestamp(milliseconds: 0)
            ),
            rule: rule,
            rules: .folder(RuleFolder(folder.path))
        )
        return report.lines(.none, all: true).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test(arguments: [
        ("github-pull-request-synchronize", "stops this rule's earlier runs for the pull request"),
        ("github-pull-request-closed", "stops what runs for the pull request"),
    ])
    func `what Supersede stops is named`(event: String, words: String) throws {
        for name in ["api", nil] {
            #expect(try lines(event, #""Supersede": true"#, rule: name).contains(words))
            #expect(try !lines(event, #""Supersede": false"#, rule: name).contains(words))
        }
    }

    @Test func `a comment is explained as far as it can be without GitHub`() throws {
        let named = try lines(
            "github-issue-comment-created",
            #""Status": "ci/api", "Branches": ["x"]"#
        )
        #expect(named.contains { $0.hasPrefix("starts") })
        #expect(
            named.contains(
                "note: the function asks GitHub whether the commenter may push, and which commit the "
                    + "pull request is at; /retest starts only what has failed on that"
            )
        )
        let other = try lines(
            "github-issue-comment-created",
            #""Status": "ci/web", "Branches": ["x"]"#
        )
        #expect(
            other.contains {
                $0.contains("'/test ci/api' names neither this rule nor its Status")
            }
        )
        let rule = try lines(
            "github-issue-comment-created",
            #""Status": "ci/web", "Paths": ["x"], "Actors": ["y"]"#,
            rule: "api"
        )
        #expect(rule.contains { $0.hasPrefix("skipped by Comment: '/test ci/api'") })
    }

    @Test func `an event that starts nothing says why`() throws {
        let report = try report(event: "github-push-tag-deleted")
        #expect(
            report.lines(.none, all: false).first
                == "starts nothing: refs/tags/simple-tag was deleted"
        )
    }

    @Test(arguments: [
        ("github-push-tag", #"d86031c by Codertocat "Count requests per client""#),
        (
            "github-push-annotated-tag",
            #"d86031c (tagged by 9f1c0a4) by Codertocat "Count requests per client""#
        ),
        ("github-push-tag-of-tree", "(tagged by 4b825dc) by Codertocat"),
    ])
    func `a tag is named by its commit, and by its object where that is another`(
        event: String,
        line: String
    ) throws {
        #expect(try report(event: event).lines(.none, all: false)[1] == line)
    }

    @Test func `an invalid rule and a file that is no rule are problems`() throws {
        #expect(try report().count(.invalid) > 0)
        #expect(try report().unplaced.count > 0)
        #expect(try report(rule: "broken").count(.invalid) == 1)
    }

    @Test(arguments: [
        ("servces-api", "none of 12 rules is called 'servces-api', did you mean 'services-api'?"),
        ("zzzzzzzzzz", "none of 12 rules is called 'zzzzzzzzzz'"),
    ])
    func `a rule that is not there is an error`(name: String, message: String) {
        #expect(throws: Failure(message)) { try report(rule: name) }
    }

    /// What a push to the services' API comes to by the rules in a folder.
    private func report(on folder: TemporaryFolder) throws -> ExplainReport {
        try ExplainReport(
            EventFile(
                InputFile("\(EventFileTests.folder)/github-push-services-api.json"),
                receivedAt: Timestamp(milliseconds: 0)
            ),
            rules: .folder(RuleFolder(folder.path))
        )
    }

    @Test func `of many skipped rules the nearest are shown`() throws {
        let folder = try TemporaryFolder()
        for number in 0..<30 {
            try folder.write(
                #"{"Repository": "octo-org/monorepo", "Branches": ["b\#(number)"], "#
                    + #""Target": {"CodePipeline": {"Name": "a"}}}"#,
                to: "r\(number).json"
            )
        }
        let report = try report(on: folder)
        let some = report.lines(.none, all: false)
        #expect(some.count { $0.hasPrefix("skipped") } == 20)
        #expect(some.contains("… and 10 more that are skipped (--all shows them)"))
        #expect(report.lines(.none, all: true).count { $0.hasPrefix("skipped") } == 30)
    }

    /// Meant as a rule, which lacks what it is about.
    private static let noRule = #"{"Branches": ["main"], "Paths": ["a"]}"#

    @Test func `for a comment what is skipped is folded, and every name is only text`() throws {
        let folder = try TemporaryFolder([
            "api.json": #"{"Repository": "octo-org/monorepo", "Paths": ["services/**"], "#
                + #""Target": {"CodePipeline": {"Name": "a"}}}"#,
            "web.json": #"{"Repository": "octo-org/monorepo", "Branches": ["`![x](y)|\\u001b`"], "#
                + #""Target": {"CodePipeline": {"Name": "w"}}}"#,
            "[x](y) @mona.json": Self.noRule,
        ])
        let report = try report(on: folder)
        #expect(
            report.markdown(all: false).map(folder.naming) == [
                "### 1 starts, 1 is skipped", "", "`push to main of octo-org/monorepo, 3 paths`",
                "",
                "- **starts** `api` (Paths): `changed path 'services/api/requirements.txt' matches "
                    + "'services/**'`; `starts CodePipeline a`",
                "", "<details><summary>1 skipped</summary>", "",
                "- **skipped** `web` (Branches): `branch 'main' matches none of Branches`; "
                    + #"``Branches wants '`![x](y)|\u001b`', the push is to 'main'``"#,
                "", "</details>", "",
                "- `no rule: DIR/[x](y) @mona.json: Repository: required, but missing; "
                    + "Target: required, but missing`",
            ]
        )
    }

    @Test func `for a comment one rule is a block of code`() throws {
        let lines = try report(rule: "services-api").markdown(all: false)
        #expect(lines.first == "```text")
        #expect(lines[1] == "push to main of octo-org/monorepo, 3 paths")
        #expect(lines.last?.hasPrefix("- `no rule: ") == true)
    }

    @Test func `of many files that are no rules some are named`() throws {
        let folder = try TemporaryFolder()
        for number in 0..<30 { try folder.write(Self.noRule, to: "n\(number).json") }
        let report = try report(on: folder)
        let some = report.lines(.none, all: false)
        #expect(some.count { $0.hasPrefix("no rule: ") } == 20)
        #expect(some.last == "… and 10 more that are no rules (--all shows them)")
        #expect(report.lines(.none, all: true).count { $0.hasPrefix("no rule: ") } == 30)
    }

    @Test(arguments: [
        ("octo-org/monorep", "; did you mean 'octo-org/monorep'?"), ("acme/web", ""),
    ])
    func `that no rule is about the repository is said`(repository: String, hint: String) throws {
        let folder = try TemporaryFolder([
            "a.json": #"{"Repository": "\#(repository)", "Target": {"EventBridge": {}}}"#
        ])
        let report = try report(on: folder)
        let words =
            "no rule is about github/octo-org/monorepo; the rules are about github/\(repository)\(hint)"
        #expect(report.lines(.none, all: false).last == words)
        #expect(report.markdown(all: false).contains("`\(words)`"))
        #expect(report.json["changes"]?.array?[0]["hint"]?.string == words)
    }
}

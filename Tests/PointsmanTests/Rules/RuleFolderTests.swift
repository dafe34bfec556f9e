@testable import Core
import Foundation
import Testing

@testable import pointsman

struct RuleFolderTests {
    /// A rule of this design.
    static let rule = #"{"Repository": "Acme/App", "Target": {"CodePipeline": {"Name": "p"}}}"#
    /// A rule of TrainingPeaks' mono-repo trigger.
    static let monoRepo = """
        {"GitHubRepo": "app", "GitHubBranch": "main", "ChangeMatchExpressions": "a",
         "CodePipelineName": "p1"}
        """

    /// What a folder's files come to: `file -> key` and `file: reason`.
    private func summary(_ files: [String: String], _ below: String = "") throws -> [String] {
        let folder = try TemporaryFolder(files)
        let read = try RuleFolder(folder.path + below)
        return
            (read.entries.map { "\($0.file) -> \($0.rule.key)" }
            + read.unplaced.map { "\($0.file): \($0.reason)" })
            .map(folder.naming)
    }

    @Test func `two spellings of one name are two rules`() throws {
        let folder = try TemporaryFolder([
            "a/\u{E9}.json": Self.rule, "b/e\u{301}.json": Self.rule,
        ])
        let read = try RuleFolder(folder.path)
        #expect(read.entries.count == 2)
        #expect(read.unplaced == [])
    }

    @Test func `laid out as the bucket is, a rule's place is its key`() throws {
        let files = [
            "rules/github/acme/app/api.json": Self.rule,
            "rules/codecommit/app/broken.json": "{",
            "app-main-p1-68099E47.json": Self.monoRepo,
            "decisions/2026-01-01/a.json": "{}",
            "rules/github/acme/app/README.md": "", "package.json": #"{"name": "x"}"#,
            "template.yaml":
                "Resources: {Api: {Type: Custom::PipelineTrigger, Properties: \(Self.rule)}}",
        ]
        #expect(
            try summary(files) == [
                "DIR/app-main-p1-68099E47.json -> mono-repo/config/app-main-p1-68099E47.json",
                "DIR/rules/codecommit/app/broken.json -> "
                    + "mono-repo/config/rules/codecommit/app/broken.json",
                "DIR/rules/github/acme/app/api.json -> "
                    + "mono-repo/config/rules/github/acme/app/api.json",
                "DIR/template.yaml -> mono-repo/config/rules/github/acme/app/Api.json",
            ]
        )
    }

    @Test func `in a plain tree, what a rule says is its key`() throws {
        let files = [
            "team/api.json": Self.rule, "old.json": Self.monoRepo, ".git/x.json": "{",
            "package.json": #"{"name": "x", "repository": "acme/app"}"#, "node_modules/a.json": "{",
            "values.yaml": "{{ x }}", "test/broken.json": "{",
        ]
        #expect(
            try summary(files) == [
                "DIR/old.json -> mono-repo/config/app-main-p1-68099E47.json",
                "DIR/team/api.json -> mono-repo/config/rules/github/acme/app/api.json",
            ]
        )
    }

    @Test func `one file is a tree of one`() throws {
        #expect(
            try summary(["api.json": Self.rule], "/api.json") == [
                "DIR/api.json -> mono-repo/config/rules/github/acme/app/api.json"
            ]
        )
    }

    @Test(arguments: [
        ("{", "invalid JSON at line 1, column 2: expected a member's name, found the end"),
        ("\u{FEFF}\(rule)", "invalid JSON at line 1, column 1: expected a value, found byte 0xEF"),
        ("[\(rule)]", "line 1, column 2: a list of rules: each rule is a file of its own"),
        (
            #"{"Repository": "a"}"#,
            "Repository: expected owner/name, found 'a'; Target: required, but missing"
        ),
    ])
    func `what is no rule is reported`(text: String, reason: String) throws {
        let found = try summary(["a.json": text, "rule.json": Self.rule])
        #expect(found.last == "DIR/a.json: \(reason)")
        #expect(try summary(["a.json": text], "/a.json") == ["DIR/a.json: \(reason)"])
    }

    private static let template = """
        Parameters: {Name: {Type: String}, Branch: {Type: String}}
        Conditions: {IsProd: !Equals [a, b]}
        Resources:
          Api:
            Type: Custom::PipelineTrigger
            Properties:
              ServiceToken: !ImportValue x
              Repository: Acme/App
              Events: [pull_request]
              Supersede: true
              Target: {CodePipeline: {Name: !Ref Name}}
          Old:
            Type: Custom::MonoRepoTrigger
            Properties:
              {ServiceToken: x, GitHubRepo: app, GitHubBranch: main, ChangeMatchExpressions: a, CodePipelineName: p1}
          Later:
            Type: Custom::PipelineTrigger
            Properties:
              {ServiceToken: x, Repository: Acme/App, Branches: [!Ref Branch], Target: {EventBridge: {}}}
          Either:
            Type: Custom::PipelineTrigger
            Properties:
              {ServiceToken: x, Repository: Acme/App, Branches: !If [IsProd, [a], [b]], Target: {EventBridge: {}}}
          Bad:
            Type: Custom::PipelineTrigger
            Properties: {ServiceToken: x, Repository: Acme/App, Branchs: [], Target: {EventBridge: {}}}
          Bucket: {Type: AWS::S3::Bucket}
        """

    @Test func `what a template declares is a rule as its stack would keep it`() throws {
        let folder = try TemporaryFolder(["a/t.yaml": Self.template, "api.json": Self.rule])
        let read = try RuleFolder(folder.path)
        let place = "mono-repo/config/rules/github/acme/app"
        #expect(
            read.entries.map { folder.naming("\($0.file) \($0.rule.key) \($0.later)") } == [
                #"DIR/a/t.yaml \#(place)/Api.json ["Target.CodePipeline.Name"]"#,
                "DIR/a/t.yaml mono-repo/config/app-main-p1-68099E47.json []",
                "DIR/api.json \(place)/api.json []",
            ]
        )
        #expect(read.entries.map(\.rule.problems.count) == [0, 0, 0])
        #expect(
            read.undecided.map { folder.naming("\($0.file): \($0.reason)") } == [
                "DIR/a/t.yaml: Later: Branches[0] is known at deployment only",
                "DIR/a/t.yaml: Either: Branches depends on the template's conditions",
            ]
        )
        #expect(
            read.unplaced.map { folder.naming("\($0.file): \($0.reason)") } == [
                "DIR/a/t.yaml: Bad: Branchs: unknown property, did you mean `Branches`?"
            ]
        )
    }

    @Test func `two templates may call their resources the same`() throws {
        let found = try summary(["a.yaml": Self.template, "b.yaml": Self.template])
        let names = found.filter { $0.contains("-> ") }.map { $0.split(separator: "/").last }
        #expect(
            names == [
                "Api.json", "app-main-p1-68099E47.json", "Api-2.json",
                "app-main-p1-68099E47-2.json",
            ]
        )
    }

    @Test func `a rule and the template beside it that declares it are one`() throws {
        let template = "Resources: {Api: {Type: Custom::PipelineTrigger, Properties: \(Self.rule)}}"
        let files = ["r/api.json": Self.rule, "r/api.yaml": template, "other.yaml": template]
        #expect(
            try summary(files) == [
                "DIR/other.yaml -> mono-repo/config/rules/github/acme/app/Api.json",
                "DIR/r/api.json -> mono-repo/config/rules/github/acme/app/api.json",
            ]
        )
    }

    @Test(arguments: [
        (
            "package.json", "{}",
            "neither a rule, which has Repository and Target, nor a template, which has Resources"
        ),
        ("t.yaml", "Resources: {}", "a template that declares no rule"),
        ("t.yaml", "a: 1", "no template: it has no Resources"),
        ("t.yaml", "a: *b", "line 1, column 4: invalid YAML: found undefined alias"),
    ])
    func `what is named has to be a rule or a template`(name: String, text: String, reason: String)
        throws
    {
        #expect(try summary([name: text], "/\(name)") == ["DIR/\(name): \(reason)"])
        #expect(try summary([name: text]) == [])
    }

    @Test func `a file of gigabytes is not read`() throws {
        let folder = try TemporaryFolder(["rule.json": Self.rule, "big.json": ""])
        let big = "\(folder.path)/big.json"
        #expect(unsafe truncate(big, 3_000_000_000) == 0)
        #expect(try RuleFolder(folder.path).entries.count == 1)
        #expect(
            try RuleFolder(big).unplaced.map(\.reason)
                == [
                    "it is not read: it is larger than 4000000 bytes, which no rule and no template is"
                ]
        )
    }

    @Test func `what check accepts is decided, and nothing else is named`() throws {
        for name in ["examples", "events", "docs"] {
            #expect(try RuleFolder(Checked.packageFile(name).path).unplaced == [], "\(name)")
        }
    }

    @Test func `two rules with one key are reported`() throws {
        #expect(
            try summary(["a/r.json": Self.rule, "b/r.json": Self.rule]) == [
                "DIR/a/r.json -> mono-repo/config/rules/github/acme/app/r.json",
                "DIR/b/r.json: it has the same key as 'DIR/a/r.json': "
                    + "mono-repo/config/rules/github/acme/app/r.json",
            ]
        )
    }

    @Test(arguments: ["", "rules/github/acme/app/"])
    func `a link in a folder is not followed, but that which is named is`(place: String) throws {
        let outside = try TemporaryFolder(["other.json": Self.rule])
        let folder = try TemporaryFolder(["\(place)api.json": Self.rule])
        let named = "\(outside.path)/named"
        for (link, target) in [
            ("\(folder.path)/\(place)loop", folder.path),
            ("\(folder.path)/\(place)out", outside.path),
            ("\(folder.path)/\(place)file.json", "\(outside.path)/other.json"),
            (named, folder.path),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: link,
                withDestinationPath: target
            )
        }
        let read = try RuleFolder(named)
        #expect(read.unplaced == [])
        #expect(read.entries.map(\.file) == ["\(named)/\(place)api.json"])
    }

    @Test func `a folder that is not there is an error`() {
        #expect(throws: Failure("reading rules: there is no 'no/such'")) {
            try RuleFolder("no/such")
        }
    }
}

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
            "rules/github/acme/app/README.md": "",
        ]
        #expect(
            try summary(files) == [
                "DIR/rules/codecommit/app/broken.json -> "
                    + "mono-repo/config/rules/codecommit/app/broken.json",
                "DIR/rules/github/acme/app/api.json -> "
                    + "mono-repo/config/rules/github/acme/app/api.json",
                "DIR/app-main-p1-68099E47.json -> mono-repo/config/app-main-p1-68099E47.json",
            ]
        )
    }

    @Test func `in a plain tree, what a rule says is its key`() throws {
        let files = ["team/api.json": Self.rule, "old.json": Self.monoRepo, ".git/x.json": "{"]
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
        ("\u{FEFF}{}", "invalid JSON at line 1, column 1: expected a value, found byte 0xEF"),
        ("[]", "expected a JSON object, found a list"),
        ("{}", "Repository: required, but missing; Target: required, but missing"),
        (
            #"{"Repository": "a"}"#,
            "Repository: expected owner/name, found 'a'; Target: required, but missing"
        ),
    ])
    func `what is no rule is reported`(text: String, reason: String) throws {
        let found = try summary(["a.json": text])
        #expect(found == ["DIR/a.json: \(reason)"])
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
    func `a link to a folder is not followed, but that which is named is`(place: String) throws {
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
        #expect(
            read.entries.map(\.file)
                == ["api", "file"].map { "\(named)/\(place)\($0).json" }
        )
    }

    @Test func `a file that cannot be read is reported`() throws {
        let folder = try TemporaryFolder(["a.json/b": ""])
        let read = try RuleFolder(folder.path)
        #expect(
            read.unplaced.map { folder.naming("\($0.file): \($0.reason)") }
                == ["DIR/a.json: it cannot be read: is a directory"]
        )
    }

    @Test func `a folder that is not there is an error`() {
        #expect(throws: Failure("reading rules: there is no 'no/such'")) {
            try RuleFolder("no/such")
        }
    }
}

import Codec
import Core
import Foundation
import Testing

@testable import pointsman

struct CoverageMapTests {
    private func child(_ node: JSON?, _ names: String...) -> JSON? {
        names.reduce(node) { node, name in
            node?["children"]?.array?.first { $0["name"]?.string == name }
        }
    }

    @Test func `files count in their folder, by the rules that cover them`() {
        var map = CoverageMap("github/octo/mono")
        map.add("a/b/one", coveredBy: ["x"])
        map.add("a/b/two", coveredBy: ["x", "y"])
        map.add("a/three", coveredBy: [])
        map.add("four", coveredBy: [])
        let root = map.json["root"]
        #expect(root?["files"]?.int == 1)
        #expect(root?["uncovered"]?.int == 1)
        #expect(child(root, "a")?["uncovered"]?.int == 1)
        #expect(child(root, "a", "b")?["files"]?.int == 2)
        #expect(child(root, "a", "b")?["rules"] == .array([0, 2, 1, 1].map(JSON.int)))
        #expect(map.json["rules"] == .array([.string("x"), .string("y")]))
    }

    @Test func `there are no more folders than there is room for`() {
        var map = CoverageMap("r")
        for number in 0..<(CoverageMap.mostFolders + 100) { map.add("d\(number)/f", coveredBy: []) }
        #expect(map.json["root"]?["children"]?.array?.count == CoverageMap.mostFolders - 1)
        #expect(map.json["root"]?["files"]?.int == 101)
    }

    @Test func `without a clone the paths of records tell`() throws {
        let folder = try SampleRecords.folder()
        var library = try SampleRecords.library(folder)
        _ = try library.all()
        let json = library.paths.json
        #expect(json["basis"]?.string == "records")
        let root = json["maps"]?.array?.first?["root"]
        #expect(child(root, "api")?["uncovered"]?.int == 0)
        #expect(child(root, "docs")?["uncovered"]?.int == 1)
    }

    @Test func `of a clone every file tells`() throws {
        let folder = try SampleRecords.folder([
            "rules/github/octo/mono/all.json":
                #"{"Repository":"octo/mono","Branches":["main"],"Target":{"CodePipeline":{"Name":"all"}}}"#
        ])
        let clone = try TemporaryFolder(["api/a": "", "api/b": "", "docs/c": "", "web/x/d": ""])
        for arguments in [
            ["init", "-q", "-b", "main"],
            ["remote", "add", "origin", "https://github.example/octo/mono.git"], ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "m"],
        ] {
            _ = try ProgramRun("/usr/bin/env", ["git", "-C", clone.path] + arguments)
        }
        let source = try ObjectSource.folder(folder.path, prefix: SampleRecords.prefix)
        let json = try ClonedFiles(path: clone.path).json(RuleOverview(source), keys: source.keys)
        let map = json["maps"]?.array?.first
        #expect(map?["repository"]?.string == "github/octo/mono")
        #expect(child(map?["root"], "api")?["rules"]?.array?.count == 2)
        #expect(child(map?["root"], "docs")?["uncovered"]?.int == 1)
        #expect(child(map?["root"], "web", "x")?["uncovered"]?.int == 0)
        #expect(json["coveringAll"] == .array([.string("github/octo/mono/all")]))
    }

    @Test func `a folder that is no clone is named`() throws {
        let folder = try SampleRecords.folder()
        let source = try ObjectSource.folder(folder.path + "/", prefix: "p")
        let overview = try RuleOverview(source)
        let error = #expect(throws: Failure.self) {
            try ClonedFiles(path: "/nowhere").json(overview, keys: source.keys)
        }
        #expect(error?.description.hasPrefix("reading the git repository '/nowhere': ") == true)
    }

    @Test func `rules are listed with what is wrong with them`() throws {
        let folder = try SampleRecords.folder(["rules/github/octo/mono/bad.json": "{}"])
        let source = try ObjectSource.folder(folder.path, prefix: SampleRecords.prefix)
        let rules = try RuleOverview(source).json["rules"]?.array ?? []
        #expect(
            rules.compactMap { $0["rule"]?.string }
                == ["api", "bad", "web"].map { "github/octo/mono/\($0)" }
        )
        #expect(rules[0]["target"]?.string == "CodePipeline api")
        #expect(rules[0]["paths"] == .array([.string("api/**")]))
        #expect(rules[1]["problems"]?.array?.isEmpty == false)
    }
}

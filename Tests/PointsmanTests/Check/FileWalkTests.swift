import Foundation
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
            "notes.md": "x", "other.json": "{}", "broken.json": "{", "values.yaml": "{{ x }}",
        ])
        let (report, failures) = Checked.walk([folder.path + "/"])
        #expect(Self.files(report, in: folder) == ["C.json", "a/Z.json", "a/z.json", "b.json"])
        #expect(failures == [])
        #expect(report.summary == "4 errors in 4 rules of 4 files (4 other passed over)")
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

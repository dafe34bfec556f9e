import Codec
@testable import Core
import Testing

@testable import pointsman

struct CoverageTests {
    /// A commit of January that changed some paths.
    private func push(_ day: Int, _ paths: [String]) -> CommitPush {
        CommitPush(
            commit: GitRepository.Commit(
                id: String(repeating: "\(day)", count: 40),
                time: Timestamp(milliseconds: (day - 1) * 86_400_000),
                message: "Change a thing",
                paths: paths
            ),
            source: .github,
            repository: "octo-org/monorepo",
            branch: "main"
        )
    }

    private func expect(_ coverage: Coverage, _ name: String) throws {
        for (end, terminal) in Terminal.kept {
            try Golden.expect(
                coverage.lines(terminal).joined(separator: "\n") + "\n",
                "\(name)-\(end)"
            )
        }
        let json = String(decoding: coverage.json.encoded(), as: UTF8.self)
        try Golden.expect(json + "\n", "\(name).json")
    }

    @Test func `the history of a clone says what would have started`() throws {
        let coverage = try Coverage(
            RuleFolder("\(Golden.folder)/rules"),
            [
                push(3, ["services/api/src/app.py", "lib/a.go"]),
                push(2, ["tools/x/y", "Makefile"]), push(1, ["services/api/README.md"]),
            ],
            files: [
                "Makefile", "lib/a.go", "services/api/src/app.py", "services/web/a.js",
                "tools/x/y", "tools/z", "README.md",
            ]
        )
        try expect(coverage, "coverage")
    }

    @Test func `decision records say what did start, and not which paths changed`() throws {
        let path = "\(Golden.folder)/records/started.json"
        let records = try SavedRecord.all(in: InputFile(path))
        let coverage = Coverage(
            records,
            try RuleFolder("\(Golden.folder)/rules"),
            prefix: "mono-repo/config",
            place: "decisions/"
        )
        try expect(coverage, "coverage-records")
    }

    @Test func `two spellings of one name are two folders`() {
        var tree = FolderTree()
        tree.add("\u{E9}/a", isCovered: true)
        tree.add("e\u{301}/a", isCovered: false)
        #expect(tree.gaps.map { Array($0.folder.utf8) } == [Array("e\u{301}/".utf8)])
    }

    @Test func `a folder of which nothing is covered is named alone`() {
        var tree = FolderTree()
        tree.add("a/b/c", isCovered: false)
        tree.add("a/d", isCovered: false)
        tree.add("e/f", isCovered: true)
        tree.add("e/g", isCovered: false)
        tree.add("h", isCovered: false)
        #expect(
            tree.gaps == [
                Coverage.Gap(folder: "", files: 1, isPartly: true, changes: 0),
                Coverage.Gap(folder: "a/", files: 2, isPartly: false, changes: 0),
                Coverage.Gap(folder: "e/", files: 1, isPartly: true, changes: 0),
            ]
        )
    }

    @Test(
        arguments: [
            (nil, "octo-org/monorepo", "github octo-org/monorepo"),
            ("a/b", nil, "github a/b"),
            ("octo-org/else", "octo-org/monorepo", "github octo-org/else"),
        ] as [(String?, String?, String)]
    )
    func `the repository is the one asked for, else the remote's`(
        asked: String?,
        origin: String?,
        found: String
    ) throws {
        let choice = RepositoryChoice(try RuleFolder("\(Golden.folder)/rules"))
        let (source, repository) = try choice.repository(named: asked, origin: origin)
        #expect("\(source.rawValue) \(repository)" == found)
    }

    @Test func `of several repositories one is to be named`() throws {
        let choice = RepositoryChoice(try RuleFolder("\(Golden.folder)/rules"))
        #expect(
            throws: Failure(
                "the rules are about 2 repositories (github/octo-org/else, "
                    + "github/octo-org/monorepo): --repository says which"
            )
        ) {
            _ = try choice.repository(named: nil, origin: "x/y")
        }
    }
}

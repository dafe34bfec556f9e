import Codec
@testable import Core
import Testing

@testable import pointsman

struct CoverageTests {
    /// A commit of January that changed some paths.
    private func push(
        _ day: Int,
        _ paths: [String],
        message: String = "Change a thing"
    ) -> CommitPush {
        CommitPush(
            commit: GitRepository.Commit(
                id: String(repeating: "\(day)", count: 40),
                time: Timestamp(milliseconds: (day - 1) * 86_400_000),
                message: message,
                paths: paths
            ),
            source: .github,
            repository: "octo-org/monorepo",
            branch: "main"
        )
    }

    private func coverage(
        _ folder: RuleFolder,
        _ pushes: [CommitPush],
        files: [String] = []
    ) throws -> Coverage {
        let sample = try #require(try pushes.first?.change())
        return try Coverage(
            ListedRules(folder, for: sample),
            pushes,
            sample: sample,
            files: files
        )
    }

    /// A folder of rules about the repository, each named and with some properties.
    private func rules(_ properties: [(name: String, properties: String)]) throws -> RuleFolder {
        let folder = try TemporaryFolder()
        for (name, properties) in properties {
            try folder.write(
                #"{"Repository": "octo-org/monorepo", \#(properties), "#
                    + #""Target": {"CodePipeline": {"Name": "a"}}}"#,
                to: "\(name).json"
            )
        }
        return try RuleFolder(folder.path)
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
        let coverage = try coverage(
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
            names: try RuleFolder("\(Golden.folder)/rules").entries.map {
                $0.name(prefix: RuleFolder.prefix)
            },
            prefix: "mono-repo/config",
            place: "decisions/"
        )
        try expect(coverage, "coverage-records")
    }

    @Test func `what is counted is what each push by itself would have started`() throws {
        let folder = try rules([
            ("all", #""Branches": ["main"]"#), ("api", #""Paths": ["services/api/**"]"#),
            ("but", #""Paths": ["services/**"], "ExcludePaths": ["**/*.md", "services/web/**"]"#),
            ("expression", #""PathExpressions": ["^lib/.*\\.go$"], "Paths": ["x/**"]"#),
            ("except", #""ExcludePaths": ["docs/**"]"#), ("other", #""Branches": ["x"]"#),
            ("plain", #""Paths": ["Makefile", "lib/a.go"]"#), ("tag", #""Events": ["tag"]"#),
            ("quiet", #""Paths": ["**/*.go"], "SkipMessages": ["[skip ci]"]"#),
            ("silent", #""SkipMessages": ["[skip ci]", "wip"]"#),
            ("wide", #""Paths": ["**/api/**", "{a,b}/*", "**"]"#), ("bad", #""Branchs": []"#),
        ])
        let lists = [
            [], ["Makefile"], ["docs/a.md"], ["docs/a.md", "lib/a.go"], ["services/api/x.md"],
            ["services/web/x", "services/api/x.md"], ["services/web/x", "services/api/x.go"],
            ["a/b", "b/c/d"], ["é/\u{1}", "lib/b.go"], ["services"], ["services/apis/x"],
            (0..<5_001).map { "lib/\($0).go" },
        ]
        let messages = ["Change", "Change [skip ci]", "wip\n\nmore"]
        let pushes = lists.flatMap { paths in
            messages.map { push(paths.count % 28 + 1, paths, message: $0) }
        }
        let coverage = try coverage(folder, pushes)
        let set = RuleSet(folder.entries.map(\.rule))
        var uses: [String: Coverage.RuleUse] = [:]
        for push in pushes {
            for decision in set.decide(try #require(try push.change())) {
                let name = RuleName.short(decision.ruleKey, prefix: RuleFolder.prefix)
                uses[name, default: Coverage.RuleUse(name: name)]
                    .count(decision, on: push.commit.time.day)
            }
        }
        #expect(coverage.rules.count == 12)
        for rule in coverage.rules {
            let alone = try #require(uses[rule.name])
            #expect(rule.starts == alone.starts, "\(rule.name)")
            #expect(rule.last == alone.last, "\(rule.name)")
            #expect(rule.misses == alone.misses, "\(rule.name)")
        }
    }

    @Test(
        arguments: [
            (#""Events": ["tag"]"#, "it is about tag, which no history holds"),
            (
                #""Events": ["tag", "pull_request"]"#,
                "it is about tag or pull_request, which no history holds"
            ),
            (#""Actors": ["mona"]"#, "it asks who pushed, which no history holds"),
            (#""ExcludeActors": ["mona"]"#, "it asks who pushed, which no history holds"),
            (#""Actors": ["mona"], "Branches": ["x"]"#, nil), (#""Paths": ["x"]"#, nil),
            (#""Events": ["push", "tag"], "Paths": ["x"]"#, nil),
        ] as [(String, String?)]
    )
    func `a rule of which no history can tell is not one that never starts`(
        properties: String,
        untold: String?
    ) throws {
        let coverage = try coverage(rules([("r", properties)]), [push(1, ["a"])])
        let rule = try #require(coverage.rules.first)
        #expect(rule.untold == untold)
        #expect(rule.isIdle == (untold == nil))
        let lines = coverage.lines(.none)
        if let untold {
            #expect(lines[3] == "     ?  unknown     github/octo-org/monorepo/r")
            #expect(lines[4] == "                    \(untold)")
            #expect(
                lines.contains(
                    "0 of 0 rules start, of 1 a history cannot tell, 0 places are covered by none"
                )
            )
            #expect(coverage.json["rules"]?.array?.first?["unknown"]?.string == untold)
        }
    }

    @Test func `changes of a folder that no rule covers are those of uncovered files`() throws {
        let folder = try rules([("r", #""Paths": ["a/x", "b/**"]"#)])
        let coverage = try coverage(
            folder,
            [
                push(3, ["a/x", "b/1"]), push(2, ["a/y", "a/gone"]),
                push(1, ["c/d/e", "c/f", "top"]),
            ],
            files: ["a/x", "a/y", "b/1", "c/d/e"]
        )
        #expect(
            coverage.gaps == [
                Coverage.Gap(folder: "a/", files: 1, isPartly: true, changes: 1),
                Coverage.Gap(folder: "c/", files: 1, isPartly: false, changes: 1),
            ]
        )
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

    @Test func `of one thing it is said as of one`() throws {
        let folder = try rules([("all", #""Branches": ["x"]"#), ("a", #""Paths": ["a/**"]"#)])
        let coverage = try coverage(folder, [push(1, ["a/b"])], files: ["a/b", "c"])
        let lines = coverage.lines(.none)
        #expect(lines.contains("1 of 2 rules start, 1 place is covered by none"))
        #expect(lines.contains("note: 1 of the rules looks at no path and covers every folder"))
        #expect(
            coverage.noteOnBranch("main")
                == "1 rule is about other branches than 'main', the one checked out: "
                + "--branch NAME counts its commits as pushes to another one"
        )
    }
}

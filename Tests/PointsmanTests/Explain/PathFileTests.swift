import Testing

@testable import pointsman

struct PathFileTests {
    @Test(arguments: [
        ("a/b\nc d\n", ["a/b", "c d"]), ("a\r\nb", ["a", "b"]), ("a\u{0}b\nc\u{0}", ["a", "b\nc"]),
        ("", []), ("\n\n", []), (#""a\303\251\"\\\t""# + "\n", ["aé\"\\\t"]),
        (#""a"# + "\n", [#""a"#]), ("\"\n", ["\""]), ("\"a\u{22}\u{0}", ["\"a\""]),
    ])
    func `paths are read as programs print them`(text: String, paths: [String]) throws {
        let folder = try TemporaryFolder(["paths": text])
        let file = try PathFile(InputFile("\(folder.path)/paths"))
        #expect(file.paths.map(\.text) == paths)
    }

    @Test(arguments: [
        ("M\ta/b\nR100\tc\td\n", "--name-status"), ("M\u{0}a\u{0}D\u{0}b\u{0}", "--name-status"),
        ("1\t2\ta\n-\t-\tb\n", "--numstat"), (" M a\n?? b\n", "git status --short"),
        (":100644 100644 1 2 M\ta\n", "--raw"),
    ])
    func `lines with more than a path are refused`(text: String, format: String) throws {
        let folder = try TemporaryFolder(["paths": text])
        let failure = #expect(throws: Failure.self) {
            try PathFile(InputFile("\(folder.path)/paths"))
        }
        #expect(
            failure.map { folder.naming($0.description) }
                == "reading DIR/paths: expected paths alone, found the lines of \(format): "
                + "use git diff --name-only"
        )
    }
}

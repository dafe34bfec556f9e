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
}

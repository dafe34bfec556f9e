import Testing

struct FenceTests {
    @Test(arguments: [
        ("unsafe a", ["unsafe"]),
        ("a.unsafe", ["unsafe"]),
        ("a.unsafe.b", ["unsafe"]),
        ("a?.unsafe()", ["unsafe"]),
        ("(unsafe:unsafe)", ["unsafe"]),
        ("unsafely", []),
        ("notunsafe", []),
        ("_unsafe", []),
        ("unsafe1", []),
    ])
    func `a word is found whatever stands beside it, and as a whole`(text: String, found: [String])
    {
        #expect(Fence.words(#/\bunsafe\b/#, in: text) == found)
    }

    @Test(arguments: [
        ("pointers stand in Platform alone", "a.withUnsafeBytes(b)", "withUnsafeBytes"),
        ("pointers stand in Platform alone", "unsafe a", "unsafe"),
        ("pointers stand in Platform alone", "Swift.OpaquePointer(a)", "OpaquePointer"),
        (
            "what the product decides does no input or output", "Platform.Transport.none",
            "Transport"
        ),
        ("nothing is forced, and every error has a type", "Swift.fatalError()", "fatalError"),
    ])
    func `a fence stops what is a member, too`(fence: String, code: String, word: String) throws {
        let fence = try #require(
            ArchitectureTests.fences.first { $0.testDescription == fence },
            "there is no such fence"
        )
        let file = SourceFile(path: "Sources/Core/Match/A.swift", text: code)
        #expect(fence.breaches(file) == ["says \(word)"])
    }

    @Test func `the tool writes its output in one place, which sees where that fails`() throws {
        let files = try SourceFile.ofPackage.get().filter { $0.target == "pointsman" }
        #expect(files.count > 40)
        let writing = files.filter { file in
            !Fence.words(#/\bprint\b|\bputs\b|\bFileHandle\.standardOutput\b/#, in: file.code)
                .isEmpty
        }
        #expect(writing.map(\.path) == ["Sources/pointsman/Terminal/Output.swift"])
    }
}

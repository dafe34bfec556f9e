import Testing

/// The folders of a target need each other in one direction.
struct FolderTests {
    @Test(arguments: ["Core", "pointsman"])
    func `no folder needs one that needs it`(target: String) throws {
        let files = try SourceFile.ofPackage.get()
        let arrows = FolderArrows(
            files.filter { $0.target == target },
            others: files.filter { $0.target != target }
        )
        #expect(arrows.arrows.count > 10, "the folders are not where they are looked for")
        for arrow in arrows.cycle { Issue.record("\(arrow)") }
    }

    private static func arrows(_ files: [(folder: String, text: String)]) -> FolderArrows {
        FolderArrows(
            files.map { SourceFile(path: "Sources/Core/\($0.folder)/a.swift", text: $0.text) }
        )
    }

    @Test func `folders that need each other are found, each with a place that shows it`() {
        let arrows = Self.arrows([
            ("A", "struct A { var b: B }"), ("B", "struct B {}\nextension C { var a: A }"),
            ("C", "struct C { var a: A }"), ("D", "struct D { var c: C }"),
        ])
        #expect(
            arrows.cycle.map(\.description) == [
                "A needs B: Sources/Core/A/a.swift says B",
                "B needs A: Sources/Core/B/a.swift says A",
            ]
        )
    }

    @Test(arguments: [
        ("struct A {}", "let a: A", "a type"),
        ("enum E {\n    struct A {}\n}", "let a: E.A", "a type inside another one"),
        ("typealias A = Int", "let a: A", "another name for a type"),
        ("package func made() {}", "let a = made()", "a function"),
        ("extension [String] {\n    var made: Int { 1 }\n}", "let a = [].made", "a member"),
    ])
    func `a folder needs the one that declares what it says`(
        declared: String,
        use: String,
        what: String
    ) {
        let arrows = Self.arrows([("A", declared), ("B", use)]).arrows
        #expect(arrows.map { [$0.from, $0.to] } == [["B", "A"]], "\(what)")
    }

    @Test(arguments: [
        ("private struct A {}", "let a: A", "what is private"),
        ("struct A {}", "struct A {}\nlet a: A", "what both declare"),
        ("struct A {\n    var made: Int\n}", "let a = b.made", "a member of a type of its own"),
        ("struct A {}", "// A\nlet a = \"A\"", "a comment or a text"),
    ])
    func `nothing else makes a folder need another`(declared: String, use: String, what: String) {
        #expect(Self.arrows([("A", declared), ("B", use)]).arrows.isEmpty, "\(what)")
    }
}

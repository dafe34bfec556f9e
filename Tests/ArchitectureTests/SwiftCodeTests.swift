import Testing

struct SwiftCodeTests {
    @Test(arguments: [
        ("let a = 1 // unsafe", "let a = 1 "),
        ("/* try! */ let a = 1", " let a = 1"),
        ("/* a * b */c", "c"),
        (#"let a = "https://unsafe" + b"#, #"let a = "" + b"#),
        (#"let a = "\"//" + b"#, #"let a = "" + b"#),
        ("let a = \"\"\"\n  \"unsafe\" //\n  \"\"\" + b", "let a = \"\" + b"),
        (##"let a = #""unsafe" \"# + b"##, #"let a = "" + b"#),
        ("a / b / c", "a / b / c"),
    ])
    func `comments and the text of literals are left out`(text: String, bare: String) {
        #expect(SwiftCode.bare(text) == bare)
    }

    @Test(arguments: [
        ("import Codec", "Codec", false),
        ("public import Platform", "Platform", true),
        ("package import Platform", "Platform", true),
        ("@testable internal import AWS", "AWS", false),
        ("import struct Codec.Timestamp", "Codec", false),
        ("    import Glibc", "Glibc", false),
    ])
    func `an import is found however it is written`(text: String, module: String, isPublic: Bool) {
        let imports = Import.all(of: SourceFile(path: "Sources/AWS/A.swift", text: text + "\n"))
        #expect(imports.map(\.module) == [module])
        #expect(imports.map(\.isPublic) == [isPublic])
    }

    @Test(arguments: ["// import AWS", "let text = \"import AWS\"", "func imports() {}"])
    func `what is no import is not found`(text: String) {
        #expect(Import.all(of: SourceFile(path: "Sources/AWS/A.swift", text: text)).isEmpty)
    }
}

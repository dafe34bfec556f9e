import Platform
import Testing

@testable import Core

@Suite struct ExpressionLiteralsTests {
    static let rows: [(pattern: String, prefix: String, needed: [String])] = [
        ("", "", []),
        ("services/api/", "services/api/", []),
        ("^services/", "services/", []),
        ("services/.*\\.swift$", "services/", [".swift"]),
        (".*/main/.*", "", ["/main/"]),
        ("ab+cde", "ab", ["cde"]),
        ("abc*def", "ab", ["def"]),
        ("abc?def", "ab", ["def"]),
        ("abc{0,2}def", "ab", ["def"]),
        ("abc{def", "ab", []),
        ("abé?def", "ab", ["def"]),
        ("a(b|c)def", "a", ["def"]),
        ("a(b|c)?def", "a", ["def"]),
        ("abc|def", "", []),
        ("a[bc]def", "a", ["def"]),
        ("a[]|]def", "a", ["def"]),
        ("a[[:alpha:]]def", "a", []),
        ("a[[:alpha:]]def|x", "", []),
        ("a\\.b\\/c", "a.b/c", []),
        ("a\\d+def", "a", ["def"]),
        ("abc\\x41def", "ab", []),
        ("abc\\Q.*\\E", "ab", []),
        ("(?i)abc", "", []),
        ("abc(?i)def", "abc", []),
        ("ab(?:c|d)efg", "ab", ["efg"]),
        ("ab(?!c)efg", "ab", ["efg"]),
        ("ab(?#c)?efg", "ab", []),
        ("abc(*ACCEPT)def", "abc", []),
        ("(a(b|c)|d)efg", "", ["efg"]),
        ("caf\u{E9}/", "caf\u{E9}/", []),
    ]

    @Test(arguments: rows)
    func `what an expression's matches hold`(pattern: String, prefix: String, needed: [String]) {
        let literals = ExpressionLiterals(pattern)
        #expect(String(decoding: literals.prefix, as: UTF8.self) == prefix)
        #expect(literals.needed.map { String(decoding: $0, as: UTF8.self) } == needed)
    }

    @Test func `no match lacks what is said of it`() {
        var random = SeededRandom(seed: 2)
        var matches = 0
        for _ in 0..<40_000 {
            let pattern = random.text(
                of: [
                    "a", "b", "c", "abc", "(", ")", "|", "?", "*", "+", "{2}", "{,1}", "[ab]",
                    "[^c]",
                    "\\.", "\\d", "\\E", "\\Q", "(?:", "(?i)", "(?#", "(?x)", "#", " ", ".", "^",
                    "$",
                    "(?=", "(?|", "{", "}", "\\b", "\\x61",
                ],
                upTo: 6
            )
            guard let expression = try? Expression(pattern) else { continue }
            let literals = ExpressionLiterals(pattern)
            for _ in 0..<4 {
                let text = random.text(
                    of: ["a", "b", "c", "abc", ".", "A", "|", " ", "#"],
                    upTo: 5
                )
                let subject = [UInt8](text.utf8)
                guard expression.match(subject) == .match else { continue }
                matches += 1
                if subject.starts(with: literals.prefix),
                    literals.needed.allSatisfy({ subject[...].holds($0) })
                {
                    continue
                }
                Issue.record("'\(pattern)' matches '\(text)', but \(literals)")
            }
        }
        #expect(matches > 5_000)
    }
}

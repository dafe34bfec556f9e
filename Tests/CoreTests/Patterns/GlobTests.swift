import TestSupport
import Testing

@testable import Core

/// One row: a pattern, what it matches and what it does not.
struct GlobRow: CustomTestStringConvertible, Sendable {
    var pattern: String
    var yes: [String]
    var no: [String]

    var testDescription: String { "'\(pattern)'" }

    init(_ pattern: String, yes: [String] = [], no: [String] = []) {
        self.pattern = pattern
        self.yes = yes
        self.no = no
    }
}

@Suite struct GlobTests {
    static let rows: [GlobRow] = [
        // Plain: the whole string, case-sensitive.
        GlobRow("main", yes: ["main"], no: ["release/main", "main2", "Main", "mai", ""]),
        GlobRow("", yes: [""], no: ["a"]),
        GlobRow("a,b]c}d", yes: ["a,b]c}d"]),
        // `*`: any run within a segment.
        GlobRow("*", yes: ["", "a", ".env", "main.tf"], no: ["a/b", "/"]),
        GlobRow(
            "src/*.c",
            yes: ["src/a.c", "src/.c"],
            no: ["src/a/b.c", "src/a.h", "lib/src/a.c"]
        ),
        GlobRow("*/*", yes: ["a/b", "/"], no: ["a", "a/b/c"]),
        GlobRow("a*b*c", yes: ["abc", "axxbxxc", "abbcc"], no: ["ab/c", "acb"]),
        // `**`: any run across segments.
        GlobRow("**", yes: ["", "a", "a/b/c", ".git/config"]),
        GlobRow("a/**", yes: ["a/b", "a/b/c", "a/.b"], no: ["a", "ab", "b/a/c"]),
        GlobRow("a/**/b", yes: ["a/b", "a/x/b", "a/x/y/b"], no: ["a/xb", "ab", "a/b/c", "xa/b"]),
        GlobRow("**/b", yes: ["b", "a/b", "a/x/b"], no: ["ab", "a/bb"]),
        GlobRow(
            "docs/**.md",
            yes: ["docs/a.md", "docs/a/b.md", "docs/.md"],
            no: ["docs/a.txt", "a.md"]
        ),
        GlobRow("**/*.tf", yes: ["a.tf", "x/a.tf", "x/y/.tf"], no: ["a.tf/x", "a.tfx"]),
        GlobRow("a**b", yes: ["ab", "a/b", "axx/yyb"]),
        GlobRow("a**/b", yes: ["a/b", "ax/b", "a/x/b"], no: ["ab"]),
        GlobRow("a/**b", yes: ["a/b", "a/x/b", "a/xb"], no: ["ab"]),
        GlobRow("a/***/b", yes: ["a/b", "a/x/b"]),
        GlobRow("a/**/**/b", yes: ["a/b", "a/x/b", "a/x/y/b"]),
        GlobRow("**/a/**/b/**", yes: ["a/b/c", "x/a/y/b/z/c"], no: ["a/b", "x/a/y/b"]),
        GlobRow("**/", yes: ["", "a/", "a/b/"], no: ["a"]),
        GlobRow("/**/", yes: ["/", "/a/"]),
        // `?`: one code point of a segment.
        GlobRow("?", yes: ["a", "é", "日", "😀"], no: ["", "/", "ab", "e\u{301}"]),
        GlobRow("a?c", yes: ["abc", "a😀c"], no: ["a/c", "ac"]),
        // Classes.
        GlobRow("[abc]", yes: ["a", "b", "c"], no: ["d", "", "ab", "A"]),
        GlobRow("[a-z]x", yes: ["ax", "mx", "zx"], no: ["Ax", "x", "éx"]),
        GlobRow("[!a]", yes: ["b", "é", "-"]),
        GlobRow("[^a]", yes: ["b", "é", "!"]),
        GlobRow("[!a]", no: ["a", "/", "", "bb"]),
        GlobRow("[^a]", no: ["a", "/"]),
        GlobRow("[]]", yes: ["]"]),
        GlobRow("[]a]", yes: ["]", "a"]),
        GlobRow("[!]a]", yes: ["b"], no: ["]", "a"]),
        GlobRow("[a-]", yes: ["a", "-"]),
        GlobRow("[-a]", yes: ["-", "a"]),
        GlobRow("[a!]", yes: ["a", "!"]),
        GlobRow("[a-c-e]", yes: ["b", "-", "e"], no: ["d"]),
        GlobRow("[/]", no: ["/"]),
        GlobRow("[.-0]", no: ["/"]),
        GlobRow("[.-0]", yes: [".", "0"]),
        GlobRow("[\\]]", yes: ["]"]),
        GlobRow("[a\\-z]", yes: ["a", "-", "z"], no: ["m"]),
        GlobRow("[[]", yes: ["["]),
        GlobRow("[*?{,}]", yes: ["*", "?", "{", ",", "}"]),
        GlobRow("[α-ω]", yes: ["λ"], no: ["a"]),
        // Alternatives.
        GlobRow("{a,b}", yes: ["a", "b"], no: ["", "ab", "c"]),
        GlobRow("{a}", yes: ["a"]),
        GlobRow("{}", yes: [""]),
        GlobRow("a{,b}", yes: ["a", "ab"]),
        GlobRow("*.{ts,tsx}", yes: ["a.ts", "a.tsx"], no: ["a.t", "a.tsxx", "x/a.ts"]),
        GlobRow(
            "{src,lib}/**/*.{c,h}",
            yes: ["src/a.c", "lib/x/y/b.h"],
            no: ["app/a.c", "src/a.o"]
        ),
        GlobRow("{[,],b}", yes: [",", "b"]),
        GlobRow("{a\\,b,c}", yes: ["a,b", "c"]),
        GlobRow("{a\\},b}", yes: ["a}", "b"]),
        GlobRow("{a*,?b}c", yes: ["ac", "axxc", "xbc"]),
        GlobRow("a/{**,b}/c", yes: ["a/c", "a/x/y/c", "a/b/c"]),
        GlobRow("{**,src}/main.tf", yes: ["main.tf", "src/main.tf", "x/y/main.tf"]),
        GlobRow("a/**{/b,c}", yes: ["a/b", "a/x/b", "a/c", "a/xc"]),
        GlobRow("a/{x/,}**/b", yes: ["a/x/b", "a/b", "a/x/y/b"]),
        GlobRow("x*{*,a}", yes: ["x/y", "xya"]),
        GlobRow("x*{,a}", no: ["x/y"]),
        // Escapes.
        GlobRow("\\*", yes: ["*"], no: ["a"]),
        GlobRow("dependabot\\[bot\\]", yes: ["dependabot[bot]"]),
        GlobRow("dependabot[bot]", no: ["dependabot[bot]"]),
        GlobRow("dependabot[bot]", yes: ["dependaboto"]),
        GlobRow("\\\\", yes: ["\\"]),
        GlobRow("\\a\\é", yes: ["aé"]),
        GlobRow("a\\/b", yes: ["a/b"]),
        GlobRow("a/**\\/b", yes: ["a/b", "a/x/b"]),
        GlobRow("{a\\{b,c}", yes: ["a{b"]),
        // Bytes: two spellings of one letter are two strings.
        GlobRow("caf\u{E9}", yes: ["caf\u{E9}"], no: ["cafe\u{301}"]),
    ]

    @Test(arguments: rows)
    func `a glob matches`(row: GlobRow) throws {
        let glob = try Glob(row.pattern)
        for subject in row.yes {
            #expect(glob.matches(subject), "\(subject)")
            #expect(ReferenceGlob.matches(row.pattern, subject), "reference: \(subject)")
        }
        for subject in row.no {
            #expect(!glob.matches(subject), "\(subject)")
            #expect(!ReferenceGlob.matches(row.pattern, subject), "reference: \(subject)")
        }
    }

    @Test(arguments: [
        (
            "src/[a",
            "unclosed '[' at column 5 of 'src/[a': a ']' is missing (a plain '[' is written '\\[')"
        ),
        ("[]", "unclosed '[' at column 1 of '[]': a ']' is missing (a plain '[' is written '\\[')"),
        (
            "é[!]",
            "unclosed '[' at column 2 of 'é[!]': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (
            "{[a,b}",
            "unclosed '[' at column 2 of '{[a,b}': a ']' is missing (a plain '[' is written '\\[')"
        ),
        (
            "a{b,c",
            "unclosed '{' at column 2 of 'a{b,c': a '}' is missing (a plain '{' is written '\\{')"
        ),
        ("{", "unclosed '{' at column 1 of '{': a '}' is missing (a plain '{' is written '\\{')"),
        (
            "{a,\\}",
            "unclosed '{' at column 1 of '{a,\\}': a '}' is missing (a plain '{' is written '\\{')"
        ),
        (
            "{a,{b}}",
            "'{' inside braces at column 4 of '{a,{b}}': braces do not nest (a plain '{' is written '\\{')"
        ),
        ("x[z-a]", "range 'z-a' at column 3 of 'x[z-a]' is the wrong way round"),
        ("[a-\\!]", "range 'a-\\!' at column 2 of '[a-\\!]' is the wrong way round"),
        ("a\\", "'\\' at column 2 of 'a\\' has nothing behind it (a plain '\\' is written '\\\\')"),
        (
            "[a\\",
            "'\\' at column 3 of '[a\\' has nothing behind it (a plain '\\' is written '\\\\')"
        ),
        (
            String(repeating: "a", count: 4_097),
            "the budget of one glob is 1024 bytes, found 4097: '\(String(repeating: "a", count: 64))…'"
        ),
    ])
    func `an invalid glob says where and why`(pattern: String, message: String) {
        let error = #expect(throws: GlobError.self) { try Glob(pattern) }
        #expect(error?.description == message)
    }

    @Test func `a byte that is no UTF-8 counts as one code point`() throws {
        #expect(try Glob("a?b").matches([0x61, 0xFF, 0x62]))
        #expect(try Glob("a??b").matches([0x61, 0xE2, 0x82, 0x62]))
        #expect(try Glob("a*b").matches([0x61, 0xED, 0xA0, 0x80, 0x62]))
        #expect(try !Glob("[é]").matches([0xC3]))
        #expect(try Glob("[!a]").matches([0xC3]))
    }

    @Test(arguments: [
        String(repeating: "*a", count: 500) + "b",
        String(repeating: "**/", count: 340) + "b",
        String(repeating: "**a", count: 340) + "b",
        String(repeating: "{a,*}", count: 200) + "b",
        String(repeating: "{a,aa,aaa}", count: 100) + "b",
        String(repeating: "{,a}", count: 250) + "b",
        String(repeating: "{**,*}", count: 170) + "b",
        "{" + String(repeating: "*,", count: 500) + "}b",
        String(repeating: "?*", count: 500) + "b",
    ])
    func `no pattern makes a match explode`(pattern: String) throws {
        let glob = try Glob(pattern)
        #expect(!glob.matches(String(repeating: "a", count: 4_000)))
        #expect(!glob.matches(String(repeating: "a/", count: 2_000)))
    }

    @Test(.thorough) func `matches as the reference does, whatever the pattern`() {
        var random = SeededRandom(seed: 20_190_515)
        var matches = 0
        for _ in 0..<60_000 {
            let pattern = random.text(
                of: [
                    "a", "b", "/", "*", "**", "?", "{", "}", ",", "[ab]", "[!a]", "\\", "é", "**/",
                ],
                upTo: 7
            )
            guard let glob = try? Glob(pattern) else { continue }
            for _ in 0..<4 {
                let subject = random.text(of: ["a", "b", "/", "é", ","], upTo: 6)
                let expected = ReferenceGlob.matches(pattern, subject)
                matches += expected ? 1 : 0
                guard glob.matches(subject) != expected else { continue }
                Issue.record("'\(pattern)' on '\(subject)' is to be \(expected)")
            }
        }
        #expect(matches > 1_000)
    }

    @Test(.thorough) func `any text is a glob or an error, never a crash`() {
        var random = SeededRandom(seed: 3_070)
        for _ in 0..<50_000 {
            let pattern = random.text(
                of: [
                    "[", "]", "{", "}", "\\", "-", "!", "^", "*", "?", ",", "a", "/", "\u{0}", "😀",
                ],
                upTo: 12
            )
            let subject = random.bytes(upTo: 12)
            _ = try? Glob(pattern).matches(subject)
        }
    }
}

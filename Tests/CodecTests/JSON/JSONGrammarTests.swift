@testable import Codec
import Foundation
import Testing

/// The whole grammar, through each of the ways that read it.
@Suite struct JSONGrammarTests {
    @Test(arguments: JSONGrammarCases.valid)
    func `a text of RFC 8259 is accepted`(text: JSONGrammarCases.Text) throws {
        var skipping = JSONReader(text.bytes)
        try skipping.skip()
        try skipping.end()
        let tree = try JSON(parsing: text.bytes)
        #expect(try JSON(parsing: tree.encoded()) == tree)
        #expect(
            try JSON(parsing: wrapped(text.bytes))
                == .array([.object([.init(key: "k", value: tree)])])
        )
        var nested = JSONReader(wrapped(text.bytes))
        try nested.skip()
        try nested.end()
    }

    @Test(arguments: JSONGrammarCases.invalid)
    func `any other text is refused, read or skipped`(text: JSONGrammarCases.Text) {
        #expect(throws: JSONError.self) { try JSON(parsing: text.bytes) }
        #expect(throws: JSONError.self) {
            var reader = JSONReader(text.bytes)
            try reader.skip()
            try reader.end()
        }
    }

    @Test(arguments: JSONGrammarCases.invalid)
    func `what is refused alone is refused inside of what is skipped`(text: JSONGrammarCases.Text) {
        // A piece such as `1,2` or `] []` would be valid between brackets of another kind.
        guard (try? JSONSerialization.jsonObject(with: Data(wrapped(text.bytes)))) == nil else {
            return
        }
        #expect(throws: JSONError.self) {
            var reader = JSONReader(wrapped(text.bytes))
            try reader.skip()
            try reader.end()
        }
        #expect(throws: JSONError.self) { try JSON(parsing: wrapped(text.bytes)) }
    }

    @Test(arguments: JSONGrammarCases.valid + JSONGrammarCases.invalid)
    func `reading and skipping agree on the error`(text: JSONGrammarCases.Text) {
        func error(_ body: (inout JSONReader) throws(JSONError) -> Void) -> JSONError? {
            var reader = JSONReader(text.bytes)
            do throws(JSONError) {
                try body(&reader)
                try reader.end()
                return nil
            } catch {
                return error
            }
        }
        let read = error { (reader) throws(JSONError) in _ = try reader.value() }
        #expect(read == error { (reader) throws(JSONError) in try reader.skip() })
    }

    private func wrapped(_ bytes: [UInt8]) -> [UInt8] {
        Array("[{\"k\":".utf8) + bytes + Array("}]".utf8)
    }
}

/// What RFC 8259 says about small texts, in the spirit of JSONTestSuite: its names' first
/// letter is here the list that a text stands in.
enum JSONGrammarCases {
    /// A text of bytes, shown as text.
    struct Text: CustomTestStringConvertible, Sendable {
        let bytes: [UInt8]

        var testDescription: String {
            String(decoding: bytes.prefix(60), as: UTF8.self)
        }
    }

    private static func texts(_ lines: [String]) -> [Text] {
        lines.map { Text(bytes: Array($0.utf8)) }
    }

    private static func quoted(_ contents: [[UInt8]]) -> [Text] {
        contents.map { Text(bytes: [0x22] + $0 + [0x22]) }
    }

    /// Texts that must be accepted.
    static let valid: [Text] =
        texts([
            // values alone, white space
            "null", "true", "false", "0", "-0", "1", "-1", "\"\"", "[]", "{}", " null ", "\t1\r\n",
            "\n[\n]\n", "\r{\r}\r", " [ ] ", " { } ",
            // numbers
            "10", "123456789", "-123", "0.0", "0.5", "-0.0", "1.25", "1e0", "1E0", "1e+0", "1e-0",
            "1E+2", "1E-2", "0e1", "0e+1", "0E0", "1.5e10", "-1.5E-10", "123e65", "123e45",
            "123.456e78", "-0.000000000000000000000000000000000000000000000000000000000000000001",
            "100000000000000000000000000000000000000000", "1e400", "-1e400", "1e-400", "[0]",
            "[-0]",
            "[1 ]", "[ 1]", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
            "0.1e1", "20e1", "1.0",
        ])
        + texts([
            // strings
            "\"a\"", "\" \"", "\"/\"", "\"\\/\"", "\"\\\\\"", "\"\\\"\"", "\"\\b\\f\\n\\r\\t\"",
            "\"\\u0061\"", "\"\\u00e9\"", "\"\\u00E9\"", "\"\\u0000\"", "\"\\u001f\"",
            "\"\\uFFFF\"", "\"\\uFFFE\"", "\"\\uFDD0\"", "\"\\ud83d\\ude00\"",
            "\"\\uD834\\uDD1E\"",
            "\"\\\\u0000\"", "\"\\\\\\\"\"", "\"\\\\\\\\\"", "\"\u{7F}\"", "\"\u{80}\"", "\"é\"",
            "\"€\"", "\"😀\"", "\"\u{2028}\"", "\"\u{2029}\"", "\"\u{FEFF}\"", "\"\u{FFFF}\"",
            "\"\u{10FFFF}\"", "\"\u{D7FF}\u{E000}\"", "\"\\u2028\"", "\"\\u0022\"", "\"\\u005C\"",
            "\"new\\u000Aline\"", "\"a/*b*/c/*d//e\"", "\"'\"", "\"{}[],:\"",
            "\"0123456789012345678901234567890\"", "\"01234567890123456789012345678901\"",
            "\"012345678901234567890123456789012\"",
            "\"0123456789012345678901234567890\\n\"", "\"0123456789012345678901234567890é\"",
            // arrays
            "[null]", "[1,2]", "[1, 2]", "[1 ,2]", "[[]]", "[[],[]]", "[[[]]]", "[\"a\",\"b\"]",
            "[\"a\", \"b\"]", "[\"a\" ,\"b\"]", "[\"a\",1,\"b\"]", "[true,false,null]", "[{}]",
            "[{},{}]", "[[1],[2]]", "[\"\",\"\"]", "[1,null,null,null,2]", "[\n1\n,\n2\n]",
            // objects
            "{\"\":0}", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{ \"a\" : 1 , \"b\" : 2 }",
            "{\"a\":{}}", "{\"a\":[]}", "{\"a\":{\"b\":{\"c\":[{}]}}}", "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"a\":1}", "{\"\\u0061\":1}", "{\"a\\nb\":1}", "{\"é\":1}", "{\"😀\":1}",
            "{\"a\":\"b\",\"c\":\"d\"}", "{\"a\":null,\"b\":true,\"c\":false}",
            "{\"a\":[\"b\",\"c\"],\"d\":[\"e\"]}", "{\"title\":\"\\u041f\\u043e\"}",
            // what the RFC leaves open and this reader accepts: surrogates that stand alone
            "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800a\"", "\"\\ud800\\n\"",
            "\"\\ud800\\u0041\"", "\"\\udbff\"", "\"\\uDFFF\\uD800\"", "\"a\\ud83d\"",
            "{\"\\ud800\":1}",
        ])

    /// Texts that must be refused.
    static let invalid: [Text] =
        texts([
            // nothing, or not a value
            "", " ", "\n", "nul", "nulll", "tru", "truE", "True", "TRUE", "fals", "falsee", "n",
            "t",
            "f", "nan", "NaN", "Infinity", "-Infinity", "undefined", "a", "'a'", "*", "<null>",
            "&", "#", "\\u0061", ",", ":", "]", "}", "[", "{", "\"", "\u{2060}null", "\u{A0}1",
            "\u{0C}1", "\u{0B}1", "\u{0}", "null\u{0}", "1\u{0}", "\u{85}1", "\u{3000}1",
            "nu ll", "null,", "nullx", "truefalse",
            // more than one value
            "1 2", "1,2", "\"a\" \"b\"", "[] []", "[]]", "{}}", "{} {}", "[][", "1]", "\"a\"x",
            "{}x", "[]/", "{}/**/", "{}//", "{}#", "// a\n1", "/**/1", "[1]x",
            // numbers
            "+1", "++1", "01", "-01", "00", "-", "--1", "-a", "- 1", "1.", "-1.", ".5", "-.5",
            "1..2",
            "1.e1", "1e", "1E", "1e+", "1e-", "1ea", "1e1.5", "1e1e1", "0e", "0e+", "1.5e",
            "0x1", "0X1F", "1_000", "1,000", "1a", "1.a", "0.1.2", "1 000", "\u{FF11}", "1+2",
            "-Inf", "+Inf", "1f", "1L", "0b1", "0o7", "012", "-012", "[1.]", "[-]", "[01]", "[+1]",
            "[.1]", "[1e]", "{\"a\":01}", "{\"a\":-}",
            // strings
            "\"a", "\"\\\"", "\"\\\\\\\"", "\"\\", "\"\\u", "\"\\u0", "\"\\u00", "\"\\u000",
            "\"\\u000\"", "\"\\u00g0\"", "\"\\u00 0\"", "\"\\u+000\"", "\"\\U0061\"", "\"\\x61\"",
            "\"\\a\"", "\"\\v\"", "\"\\0\"", "\"\\1\"", "\"\\'\"", "\"\\ \"", "\"\\é\"", "\"\\😀\"",
            "\"\\\n\"", "\"\\ud800\\u\"", "\"\\ud800\\u00\"", "\"\\ud800\\", "\"\\ud800\\x\"",
            "\"a\nb\"", "\"a\tb\"", "\"a\rb\"", "\"\u{0}\"", "\"\u{1}\"", "\"\u{1F}\"",
            "'single'", "`back`", "\"a\"b\"", "\"a\\\"", "[\"a", "[\"a\"", "[\"a\\\"]",
            "[\"a\nb\"]",
            "\"0123456789012345678901234567890\n\"", "\"01234567890123456789012345678901",
            // arrays
            "[1", "[1,", "[1,]", "[,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "[1;2]", "[}", "[1}",
            "[\"a\",]", "[\"a\",,\"b\"]", "[\"a\" \"b\"]", "[\"a\",\"b\"", "[\"a\":1]", "[\"a\",\"",
            "[[", "[[]", "[]]", "[null", "[nul]", "[a]", "[*]", "[1,\n1\n,1", "[\"x\"", "[x",
            "[\u{0C}]", "[,", "[\"\",", "[1,2,3,]", "[[1],]", "[{},]", "['a']", "(1)", "[1)",
            // objects
            "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\" 1}",
            "{\"a\",1}", "{\"a\"::1}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{a:1}",
            "{'a':1}",
            "{1:1}", "{null:1}", "{true:1}", "{[]:1}", "{{}:1}", "{\"a\":1]", "{]", "{\"a\"",
            "{\"a",
            "{\"a\":", "{\"", "{\"a\":\"b", "{\"a\":\"b\"", "{\"a\":1}}", "{\"a\":1:2}", "{:1}",
            "{\"a\":a}", "{\"a\":'b'}", "{\"a\\x\":1}", "{\"a\nb\":1}", "{\"a\"=1}", "{\"a\":1;}",
            "{\"a\"/**/:1}", "{...}", "{\"a\":1,\"b\"}", "{\"a\":1,\"b\":}", "{\"a\":1,1}",
            "{\"a\":1,null}", "{ ,\"a\":1}", "{\"a\":tru}", "{\"a\":{}", "{\"a\":[}", "{\"a\":[]",
            // a byte order mark (section 8.1)
            "\u{FEFF}", "\u{FEFF}{}", "\u{FEFF}[]", "\u{FEFF}null",
        ])
        // what is not UTF-8 (section 8.1)
        + quoted([
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF0, 0x9F], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC], [0xFE], [0xFF],
            [0x61, 0xFF, 0x61], [0xE9], [0xF0, 0x28, 0x8C, 0xBC], [0xF0, 0x90, 0x28, 0xBC],
            [0xF0, 0x90, 0x8C, 0x28],
        ])
        + [
            [0xFF], [0x5B, 0xFF, 0x5D], [0x31, 0xE5], [0xEF, 0xBB], [0x22, 0xC3],
            [0x22, 0xE2, 0x82],
        ]
        .map { Text(bytes: $0) }
        + [
            Text(bytes: [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00]),
            Text(bytes: [0x00, 0x5B, 0x00, 0x5D]),
        ]
}

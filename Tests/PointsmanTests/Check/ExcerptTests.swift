import Testing

@testable import pointsman

struct ExcerptTests {
    static let rows:
        [(
            line: String, column: Int, length: Int, width: Int, shown: String, indent: Int,
            caret: Int
        )] = [
            ("abcdef", 3, 2, 40, "abcdef", 2, 2),
            ("\tab", 2, 1, 40, "    ab", 4, 1),
            ("日本ab", 3, 1, 40, "日本ab", 4, 1),
            ("日本ab", 1, 2, 40, "日本ab", 0, 4),
            ("e\u{301}a", 3, 1, 40, "e\u{301}a", 1, 1),
            ("a\u{1B}[31mb", 1, 1, 40, "a\u{FFFD}[31mb", 0, 1),
            ("a\u{202E}b", 3, 1, 40, "a\u{FFFD}b", 2, 1),
            ("abc", 4, 1, 40, "abc", 3, 1),
            ("abc", 1, .max, 40, "abc", 0, 3),
            ("", 1, 1, 40, "", 0, 1),
            ("0123456789abcdefghij", 2, 2, 12, "0123456789a…", 1, 2),
            ("0123456789abcdefghij", 19, 2, 12, "…efghij", 5, 2),
            ("0123456789abcdefghij", 13, 2, 12, "…89abcdefgh…", 5, 2),
        ]

    @Test(arguments: rows.indices)
    func `a line is shown as a terminal can`(row: Int) {
        let row = Self.rows[row]
        let excerpt = Excerpt(
            of: row.line,
            column: row.column,
            length: row.length,
            width: row.width
        )
        #expect(excerpt.line == row.shown)
        #expect(excerpt.indent == row.indent)
        #expect(excerpt.length == row.caret)
    }
}

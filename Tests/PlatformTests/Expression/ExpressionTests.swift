import Platform
import Testing

/// A pattern, a subject, and what becomes of the two.
struct ExpressionCase: CustomTestStringConvertible, Sendable {
    var pattern: String
    var subject: String
    var result: Expression.Result

    var testDescription: String { "\(pattern) on \(subject.prefix(40))" }

    init(_ pattern: String, _ subject: String, _ result: Expression.Result) {
        self.pattern = pattern
        self.subject = subject
        self.result = result
    }
}

@Suite struct ExpressionTests {
    @Test(arguments: [
        // As Python's re.match: at the start, and nothing is said about the end.
        ExpressionCase("services/api", "services/api/main.swift", .match),
        ExpressionCase("api", "services/api/main.swift", .noMatch),
        ExpressionCase(".*api", "services/api/main.swift", .match),
        ExpressionCase("", "anything", .match),
        ExpressionCase("", "", .match),
        ExpressionCase("a", "", .noMatch),
        ExpressionCase("a|bc", "bcd", .match),
        ExpressionCase("a|bc", "xbc", .noMatch),
        ExpressionCase("docs/.*\\.md$", "docs/a/b.md", .match),
        ExpressionCase("docs/.*\\.md$", "docs/a/b.mdx", .noMatch),
        ExpressionCase("a$", "a\n", .match),
        ExpressionCase("a.b", "a\nb", .noMatch),
        ExpressionCase("(?P<name>x)(?P=name)", "xx", .match),
        ExpressionCase("(?i)readme", "README.md", .match),
        ExpressionCase("(?!docs/)", "src/a", .match),
        ExpressionCase("(?!docs/)", "docs/a", .noMatch),
        ExpressionCase("\\bsrc\\b", "src/a", .match),
        // Code points and Unicode's classes, not bytes and ASCII's.
        ExpressionCase("^.$", "é", .match),
        ExpressionCase("\\w+$", "straße", .match),
        ExpressionCase("(?i)STRASSE|ÉTÉ", "été", .match),
        ExpressionCase("\\d", "٣", .match),
        ExpressionCase("[^/]+/ü", "日本/ü", .match),
    ])
    func `an expression matches at the start as Python's does`(_ testCase: ExpressionCase) throws {
        let expression = try Expression(testCase.pattern)
        #expect(expression.match(Array(testCase.subject.utf8)) == testCase.result)
        #expect(expression.match(testCase.subject.utf8.span) == testCase.result)
    }

    @Test(arguments: [
        ("(", "missing closing parenthesis at offset 1"),
        ("a[b", "missing terminating ] for character class at offset 3"),
        ("*", "quantifier does not follow a repeatable item at offset 0"),
        ("a{3,1}", "numbers out of order in {} quantifier at offset 5"),
        ("\\", "\\ at end of pattern at offset 1"),
        ("a\\Cb", "using \\C is disabled by the application at offset 3"),
        ("\\u00e9", "PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u at offset 2"),
        ("(?<=a*)b", "lookbehind assertion is not fixed length at offset 0"),
        ("é(", "missing closing parenthesis at offset 3"),
    ])
    func `a malformed pattern is refused with its place`(pattern: String, message: String) {
        let error = #expect(throws: ExpressionError.self) { try Expression(pattern) }
        #expect(error?.description == message)
    }

    @Test func `a subject that is not UTF-8 matches nothing`() throws {
        #expect(try Expression(".*").match([0x61, 0xff]) == .noMatch)
        #expect(try Expression("a").match([0x61, 0xc3]) == .noMatch)
    }

    @Test(arguments: [
        ("(([a-z])+.)+[A-Z]([a-z])+$", 4_000),
        ("(([a-z])+.)+[A-Z]([a-z])+$", 40),
        ("(a?){30}a{30}", 30),
        ("(a|aa)+$b|(a|aa)+$|(x+x+)+y", 4_000),
    ])
    func `a search that would not end is given up`(pattern: String, length: Int) throws {
        let subject = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        #expect(try Expression(pattern).match(subject) == .limitExceeded)
    }

    @Test(arguments: ["(a|b)*$", "(a+)+$", "(?:[a-z]/?)+$", ".*a.*a$"])
    func `a plain expression is within the limits on the longest path`(pattern: String) throws {
        let subject = [UInt8](repeating: UInt8(ascii: "a"), count: 4_096)
        #expect(try Expression(pattern).match(subject) == .match)
    }
}

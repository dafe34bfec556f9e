import Testing

@testable import pointsman

struct MarkdownTests {
    @Test(arguments: [
        ("a", "`a`"), ("", ""), ("`", "`` ` ``"), ("a``b", "```a``b```"), ("`a", "`` `a ``"),
        (" a", "`  a `"), ("<b>@mona #1 [x](y)", "`<b>@mona #1 [x](y)`"), ("a\nb", #"`a\nb`"#),
        ("x`\u{301}<img>", "``x`\u{301}<img>``"), ("`\u{200D}", "`` `\u{200D} ``"),
    ])
    func `a text is code whatever is in it`(text: String, code: String) {
        #expect(Markdown.code(text) == code)
    }

    @Test func `a block has a fence that is in none of its lines`() {
        #expect(Markdown.block(["a", "````"]) == ["`````text", "a", "````", "`````"])
    }
}

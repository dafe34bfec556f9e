import Testing

@testable import pointsman

struct RuleTableTests {
    @Test func `a column is as wide as its heading at least`() {
        let row = RuleTable.Row(
            outcome: "starts",
            style: .green,
            rule: "a",
            clause: "Tags",
            reason: "tag 'v1' matches 'v*'"
        )
        #expect(
            RuleTable(rows: [row]).lines(.none) == [
                "outcome  rule  clause  why",
                "starts   a     Tags    tag 'v1' matches 'v*'",
            ]
        )
    }

    @Test(arguments: [nil, 30]) func `no column holds what a terminal would obey`(width: Int?) {
        let evil = "a\u{1B}]0;b\u{7}\u{9B}31m\r\n\u{202E}"
        let row = RuleTable.Row(
            outcome: "starts",
            style: .green,
            rule: evil,
            clause: evil,
            reason: evil,
            notes: [evil]
        )
        let lines = RuleTable(rows: [row]).lines(Terminal(width: width, hasColor: false))
        #expect(lines.joined().unicodeScalars.allSatisfy { $0.isPrintable })
        #expect(lines.joined().contains(#"\u{1B}]0;b\u{07}"#))
    }
}

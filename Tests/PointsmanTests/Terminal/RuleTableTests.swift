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
}

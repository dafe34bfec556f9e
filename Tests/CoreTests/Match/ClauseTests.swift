import Foundation
import TestSupport
import Testing

@testable import Core

@Suite struct ClauseTests {
    @Test func `the documents list the clauses in their order`() throws {
        let page = Conformance.packageRoot.appending(path: "docs/rules.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.split(separator: "## How a change is matched").last)
        let rows = section.prefix { $0 != "#" }.split(separator: "\n").filter {
            $0.hasPrefix("| `")
        }
        let names = rows.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.output.1) }
        }
        #expect(names == Clause.allCases.map(\.rawValue))
    }
}

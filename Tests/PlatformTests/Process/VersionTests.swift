import Foundation
@testable import Platform
import TestSupport
import Testing

@Suite struct VersionTests {
    @Test func `the version is the newest of the changelog`() throws {
        let changelog = try String(
            contentsOf: Conformance.packageRoot.appending(path: "CHANGELOG.md"),
            encoding: .utf8
        )
        let heading = try #require(changelog.firstMatch(of: #/\n## \[(\S+)\] - /#))
        #expect(heading.1 == Version.number)
    }

    @Test func `what was built without a commit says so`() {
        #expect(Version.commit == nil)
        #expect(Version.line(of: "x") == "x \(Version.number) (commit unknown)")
        #expect(Version.withCommit == Version.number)
    }

    @Test func `requests name the product and its version`() {
        #expect(Version.userAgent == "pointsman/\(Version.number)")
    }
}

import Foundation
import Testing

@testable import Platform

@Suite struct CABundleTests {
    @Test func `the first bundle that is there is taken`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(CABundle.firstReadable(of: ["/no/such", file.path, "/etc/passwd"]) == file.path)
        #expect(CABundle.firstReadable(of: ["/no/such"]) == nil)
        #expect(CABundle.firstReadable(of: []) == nil)
    }
}

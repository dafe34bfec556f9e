import Foundation
import TestSupport
import Testing

/// Output that was looked at and kept: compared byte by byte (CONTRIBUTING.md says how to write it anew).
enum Golden {
    static let folder = Conformance.packageRoot.appending(path: "Tests/PointsmanTests/Golden").path

    /// Compares output, which ends with a line feed, with a file; one that is missing is a failure.
    static func expect(_ output: String, _ name: String) throws {
        let file = URL(filePath: "\(folder)/\(name)")
        let output = output.replacing(Conformance.packageRoot.path + "/", with: "")
        if ProcessInfo.processInfo.environment["POINTSMAN_GOLDEN"] == "write" {
            try Data(output.utf8).write(to: file)
        }
        let kept = try? String(contentsOf: file, encoding: .utf8)
        #expect(kept == output, "\(name) differs; POINTSMAN_GOLDEN=write writes it anew")
    }
}

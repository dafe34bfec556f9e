import Foundation

/// Where the package and the published test data in it are.
package enum Conformance {
    /// The package's own folder.
    package static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A folder of `Tests/Conformance`.
    package static func folder(_ name: String) -> URL {
        packageRoot.appending(path: "Tests/Conformance/\(name)")
    }
}

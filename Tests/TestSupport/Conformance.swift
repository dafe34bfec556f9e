import Foundation

/// Where the package and the published test data in it are.
public enum Conformance {
    /// The package's own folder.
    public static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A folder of `Tests/Conformance`.
    public static func folder(_ name: String) -> URL {
        packageRoot.appending(path: "Tests/Conformance/\(name)")
    }
}

import Foundation

/// Where the package and the public conformance data beside it lie.
public enum Conformance {
    /// The package's own folder.
    public static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A folder of the conformance data, or `nil` where it is not there; a line says so then.
    public static func folder(_ name: String) -> URL? {
        let folder = packageRoot.deletingLastPathComponent()
            .appending(path: "shared/conformance/\(name)")
        if FileManager.default.fileExists(atPath: folder.path) { return folder }
        print("skipped: no conformance data for \(name) beside this clone")
        return nil
    }
}

import Foundation
import TestSupport

/// A file of the package as the fences see it.
struct SourceFile: Sendable {
    /// The path below the package's folder: `Sources/Codec/Hex.swift`.
    let path: String
    /// Swift without its comments and what stands in its string literals; of other files nothing.
    let code: String
    /// The names that the code declares and says.
    let names: DeclaredNames

    init(path: String, text: String) {
        self.path = path
        self.code = path.hasSuffix(".swift") ? SwiftCode.bare(text) : ""
        self.names = DeclaredNames(code)
    }

    /// Every file below `Sources`, and of what is deployed beside it: read once for all tests.
    static let ofPackage = Result {
        try all(below: "Sources", of: Conformance.packageRoot)
            + all(below: "Benchmarks/Echo", of: Conformance.packageRoot)
    }

    /// The target: the folder below `Sources`.
    var target: String {
        path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }

    /// The folder below the target's; empty for a file of the target's own.
    var folder: String {
        let parts = path.split(separator: "/")
        return parts.count > 3 ? String(parts[2]) : ""
    }

    /// Every file of a folder of the package.
    private static func all(below folder: String, of root: URL) throws -> [SourceFile] {
        let files = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        var found: [SourceFile] = []
        while let name = files?.nextObject() as? String {
            let file = root.appending(path: folder).appending(path: name)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            else { continue }
            let text = try String(decoding: Data(contentsOf: file), as: UTF8.self)
            found.append(SourceFile(path: "\(folder)/\(name)", text: text))
        }
        return found.sorted { $0.path < $1.path }
    }
}

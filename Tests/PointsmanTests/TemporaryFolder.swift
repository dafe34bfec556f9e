import Foundation

/// A folder that is gone with the object.
final class TemporaryFolder {
    let path: String

    /// Makes a folder with files: their names below it and what is in them.
    init(_ files: [String: String] = [:]) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "pointsman-\(UUID().uuidString)")
        path = folder.path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, and the folders that it lies in.
    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// A text with the folder's path replaced by `DIR`.
    func naming(_ text: String) -> String {
        text.replacing(path, with: "DIR")
    }
}

import Foundation

/// The JSON files of a folder, by their names below it.
struct FileTree {
    private let root: String

    init(_ root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// The path of a name below the folder.
    func path(_ name: String) -> String {
        name.isEmpty ? root : root == "/" ? "/\(name)" : "\(root)/\(name)"
    }

    /// The JSON files in a folder and all below it, sorted; hidden ones are left out, and links to
    /// folders are not followed.
    func files(below folder: String) throws(Failure) -> [String] {
        let entries = try entries(of: folder)
        var files = entries.files
        for folder in entries.folders { files += try self.files(below: folder) }
        return files
    }

    /// The JSON files in a folder, sorted.
    func files(directlyIn folder: String) throws(Failure) -> [String] {
        try entries(of: folder).files
    }

    private func entries(of folder: String) throws(Failure) -> (files: [String], folders: [String])
    {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
        } catch {
            throw Failure("reading folder '\(path(folder))': \(error.reason)")
        }
        var files: [String] = []
        var folders: [String] = []
        for name in names where !name.hasPrefix(".") {
            let name = folder.isEmpty ? name : "\(folder)/\(name)"
            if name.hasSuffix(".json") {
                files.append(name)
            } else if isFolder(path(name)) {
                folders.append(name)
            }
        }
        return (files, folders)
    }

    /// A link to a folder is none, as in `FileWalk`: it could lead back to where it lies.
    private func isFolder(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeDirectory
    }
}

import Foundation

/// Puts new content into the place of a file in one step: who reads it sees the old or the new.
struct FileReplacement {
    var path: String

    /// Writes the content beside the file and renames it, with the file's permissions and owner.
    ///
    /// A symbolic link is left alone, and so is what is no file.
    func write(_ bytes: [UInt8]) throws(Failure) {
        let type = FileAttributeType(at: path)
        guard type == .typeRegular else {
            let what = type == .typeSymbolicLink ? "a symbolic link" : "no ordinary file"
            throw Failure("'\(path)' is not changed: it is \(what)")
        }
        let files = FileManager.default
        // A rename would get round that nobody is to write it.
        guard files.isWritableFile(atPath: path) else {
            throw Failure("'\(path)' cannot be written: permission denied")
        }
        let folder = URL(filePath: path).deletingLastPathComponent()
        let new = folder.appending(path: ".pointsman-\(UUID().uuidString)")
        do {
            try Data().write(to: new, options: .withoutOverwriting)
            let kept = try files.attributesOfItem(atPath: path)
            try files.setAttributes(kept.only([.posixPermissions]), ofItemAtPath: new.path)
            // Only root may give a file away.
            let owner = kept.only([.ownerAccountID, .groupOwnerAccountID])
            try? files.setAttributes(owner, ofItemAtPath: new.path)
            let file = try FileHandle(forWritingTo: new)
            try file.write(contentsOf: Data(bytes))
            try file.synchronize()
            try file.close()
        } catch {
            try? files.removeItem(at: new)
            throw Failure("'\(path)' cannot be written: \(error.reason)")
        }
        guard unsafe rename(new.path, path) == 0 else {
            let reason = unsafe String(cString: strerror(errno)).lowercased()
            try? files.removeItem(at: new)
            throw Failure("'\(path)' cannot be written: \(reason)")
        }
    }
}

extension [FileAttributeKey: Any] {
    fileprivate func only(_ keys: Set<FileAttributeKey>) -> Self {
        filter { keys.contains($0.key) }
    }
}

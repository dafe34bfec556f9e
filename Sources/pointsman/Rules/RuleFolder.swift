import Codec
import Foundation
import Trigger

/// Rules that lie in files on this machine.
///
/// A folder is read in one of two ways. One that holds `rules/github`, `rules/codecommit` or
/// `rules/dockerhub` is laid out as the bucket is, below its prefix: a rule's key follows from
/// where it lies. Any other is a plain tree of rule files, and a rule's key follows from what it
/// says: its source, its repository, and the file's name. A single file is a tree of one.
struct RuleFolder {
    /// A rule and the file that it is in.
    struct Entry {
        /// The path, beginning as the folder was named.
        var file: String
        var rule: Rule
    }

    /// A file that is no rule, and why.
    struct Unplaced: Equatable {
        /// The path, beginning as the folder was named.
        var file: String
        /// What is wrong, in words.
        var reason: String
    }

    /// What the keys of rules in files begin with: the bucket's prefix is not known, so it is
    /// the one that `template.yaml` has.
    static let prefix = "mono-repo/config"

    /// The rules, in the order of their files.
    private(set) var entries: [Entry] = []
    /// The files that could not be read or placed.
    private(set) var unplaced: [Unplaced] = []
    private var files: [ByteKey: String] = [:]

    /// The rules alone.
    var rules: [Rule] { entries.map(\.rule) }

    /// Reads a folder or one file.
    init(_ path: String) throws(Failure) {
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard isThere else { throw Failure("reading rules: there is no '\(path)'") }
        let tree = FileTree(path)
        if !isFolder.boolValue {
            readByContent(path)
        } else if Self.isLaidOutAsBucket(path) {
            let names = try tree.files(below: "rules") + tree.files(directlyIn: "")
            for name in names where isFile(tree.path(name)) { readByPlace(tree.path(name), name) }
        } else {
            for name in try tree.files(below: "") where isFile(tree.path(name)) {
                readByContent(tree.path(name))
            }
        }
    }

    private static func isLaidOutAsBucket(_ path: String) -> Bool {
        ["github", "codecommit", "dockerhub"].contains { source in
            FileManager.default.fileExists(atPath: "\(path)/rules/\(source)/")
        }
    }

    /// Reads a file whose place below the prefix is its key.
    private mutating func readByPlace(_ file: String, _ name: String) {
        guard let bytes = read(file) else { return }
        let key = "\(Self.prefix)/\(name)"
        entries.append(
            Entry(file: file, rule: Rule(key: key, prefix: Self.prefix, object: bytes))
        )
    }

    /// Reads a file whose content says what its key is.
    private mutating func readByContent(_ file: String) {
        guard let bytes = read(file) else { return }
        do throws(Failure) {
            let key = try RuleFileKey(file: file, object: bytes).key(prefix: Self.prefix)
            if let other = files.updateValue(file, forKey: ByteKey(key)) {
                throw Failure("it has the same key as '\(other)': \(key)")
            }
            entries.append(
                Entry(file: file, rule: Rule(key: key, prefix: Self.prefix, object: bytes))
            )
        } catch {
            unplaced.append(Unplaced(file: file, reason: error.description))
        }
    }

    /// Whether what was found is a file: nobody may ever write into a pipe, and a device never ends.
    private mutating func isFile(_ path: String) -> Bool {
        let file = URL(filePath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        let type = attributes?[.type] as? FileAttributeType
        if [nil, .typeRegular, .typeDirectory].contains(type) { return true }
        unplaced.append(Unplaced(file: path, reason: "it cannot be read: it is no file"))
        return false
    }

    private mutating func read(_ file: String) -> [UInt8]? {
        // Faster for thousands of files, but says nothing of what is wrong.
        if let data = FileManager.default.contents(atPath: file) { return [UInt8](data) }
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: file)))
        } catch {
            unplaced.append(Unplaced(file: file, reason: "it cannot be read: \(error.reason)"))
            return nil
        }
    }
}

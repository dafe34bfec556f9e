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

    /// What the keys of rules in files begin with: the stack's own prefix is not known.
    static let prefix = Bucket.usualPrefix

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

/// The S3 key of a rule in a file, by what the rule says.
struct RuleFileKey {
    /// The file's name without `.json`.
    private let name: String
    private let properties: JSON

    /// Reads a file's content; throws why it is no rule.
    init(file: String, object: [UInt8]) throws(Failure) {
        if let breach = Budget.object.breach(by: object.count) { throw Failure(breach) }
        do throws(JSONError) {
            properties = try JSON(parsing: object)
        } catch {
            throw Failure(error.description)
        }
        let name = file.split(separator: "/").last ?? ""
        self.name = String(name.hasSuffix(".json") ? name.dropLast(5) : name)
    }

    /// The key; throws where the rule does not say what it is about.
    func key(prefix: String) throws(Failure) -> String {
        if let earlier = earlierKey(prefix: prefix) { return earlier }
        guard let place = RuleDefinition.place(properties) else { throw Failure(problems) }
        return RuleKey.current(
            prefix: prefix,
            source: place.source,
            repository: place.repository,
            name: name
        )
    }

    /// The key of a rule of TrainingPeaks' mono-repo trigger, whose properties have other names.
    private func earlierKey(prefix: String) -> String? {
        guard let repository = properties["GitHubRepo"]?.string,
            let branch = properties["GitHubBranch"]?.string,
            let pipeline = properties["CodePipelineName"]?.string
        else { return nil }
        return RuleKey.earlier(
            prefix: prefix,
            repository: repository,
            branch: branch,
            pipeline: pipeline
        )
    }

    private var problems: String {
        do throws(InvalidRule) {
            _ = try RuleDefinition.read(properties)
            return "it does not say what it is about"
        } catch {
            return error.description
        }
    }
}

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

import Codec
import Core
import Foundation

/// Rules in files on this machine.
///
/// A folder is read in one of two ways. One that holds `rules/github`, `rules/codecommit` or
/// `rules/dockerhub` is laid out as the bucket is, below its prefix: a rule's key follows from
/// where its file lies. Any other is a plain tree of rule files, and a rule's key follows from its
/// content: its source, its repository, and the file's name. A single file is a tree of one.
struct RuleFolder {
    /// A rule and the file, or the object, that it is in.
    struct Entry {
        /// The path, beginning as the folder was named.
        var file: String
        var rule: Rule

        /// The rule's key without the prefix and `.json`: `github/acme/app/api`.
        func name(prefix: String) -> String { RuleName.short(rule.key, prefix: prefix) }
    }

    struct Unplaced: Equatable {
        /// The path, beginning as the folder was named.
        var file: String
        var reason: String
    }

    /// What the keys of rules in files begin with: the stack's own prefix is not known.
    static let prefix = Bucket.usualPrefix
    static let keys = BucketKeys(prefix: prefix)

    /// The rules, in the order of their files.
    private(set) var entries: [Entry] = []
    /// The files that could not be read or placed.
    private(set) var unplaced: [Unplaced] = []
    private var files: [ByteKey: String] = [:]

    /// Reads a folder or one file.
    init(_ path: String) throws(Failure) {
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard isThere else { throw Failure("reading rules: there is no '\(path)'") }
        let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        func below(_ name: String) -> String { root == "/" ? "/\(name)" : "\(root)/\(name)" }
        if !isFolder.boolValue {
            // What is named may be a pipe, which is read once.
            place(path, try InputFile(path).bytes)
        } else if Self.isLaidOutAsBucket(path) {
            let files = try Self.files(in: below("rules"), deep: true) + Self.files(in: root)
            for file in files where isFile(file) {
                let name = file.dropFirst(below("").count)
                add(file, "\(Self.prefix)/\(name)", read(file))
            }
        } else {
            for file in try Self.files(in: root, deep: true) where isFile(file) {
                readByContent(file)
            }
        }
    }

    /// The same, unless there is neither a rule nor anything that might have been one.
    func holdingSomething(_ path: String) throws(Failure) -> RuleFolder {
        guard !entries.isEmpty || !unplaced.isEmpty else {
            throw Failure("there is no rule in '\(path)'")
        }
        return self
    }

    private static func isLaidOutAsBucket(_ path: String) -> Bool {
        Change.Source.names.contains { source in
            FileManager.default.fileExists(atPath: BucketKeys(prefix: path).rules + "\(source)/")
        }
    }

    /// The JSON files in a folder, sorted, and those in the folders below if asked for.
    ///
    /// Hidden ones are left out; links to folders are not followed, since they could lead back.
    private static func files(in folder: String, deep: Bool = false) throws(Failure) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw Failure("reading folder '\(folder)': \(error.reason)")
        }
        let paths = names.filter { !$0.hasPrefix(".") }
            .map { folder == "/" ? "/\($0)" : "\(folder)/\($0)" }
        var files = paths.filter { $0.hasSuffix(".json") }
        guard deep else { return files }
        for path in paths where !path.hasSuffix(".json") {
            guard FileAttributeType(at: path) == .typeDirectory else { continue }
            files += try self.files(in: path, deep: true)
        }
        return files
    }

    /// Reads a file whose content says what its key is.
    private mutating func readByContent(_ file: String) {
        if let bytes = read(file) { place(file, bytes) }
    }

    private mutating func place(_ file: String, _ bytes: [UInt8]) {
        do throws(Failure) {
            let key = try Self.key(of: bytes, in: file)
            if let other = files.updateValue(file, forKey: ByteKey(key)) {
                throw Failure("it has the same key as '\(other)': \(key)")
            }
            add(file, key, bytes)
        } catch {
            unplaced.append(Unplaced(file: file, reason: error.description))
        }
    }

    private mutating func add(_ file: String, _ key: String, _ object: [UInt8]?) {
        guard let object else { return }
        entries.append(Entry(file: file, rule: Rule(key: key, prefix: Self.prefix, object: object)))
    }

    /// Whether it is a regular file: reading a pipe might never end, nor would reading a device.
    private mutating func isFile(_ path: String) -> Bool {
        let type = FileAttributeType(at: URL(filePath: path).resolvingSymlinksInPath().path)
        if [nil, .typeRegular, .typeDirectory].contains(type) { return true }
        unplaced.append(Unplaced(file: path, reason: "it cannot be read: it is no file"))
        return false
    }

    private mutating func read(_ file: String) -> [UInt8]? {
        // Faster for thousands of files, but does not say what is wrong.
        if let data = FileManager.default.contents(atPath: file) { return [UInt8](data) }
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: file)))
        } catch {
            unplaced.append(Unplaced(file: file, reason: "it cannot be read: \(error.reason)"))
            return nil
        }
    }
}

extension RuleFolder {
    /// The key of a rule by its content; throws why it is no rule.
    private static func key(of object: [UInt8], in file: String) throws(Failure) -> String {
        if let breach = Budget.object.breach(by: object.count) { throw Failure(breach) }
        let properties: JSON
        do throws(JSONError) {
            properties = try JSON(parsing: object)
        } catch {
            throw Failure(error.description(in: object))
        }
        if let key = MonoRepoRule.key(properties, keys: keys) { return key }
        guard let place = RuleDefinition.place(properties) else {
            throw Failure(problems(properties))
        }
        let name = file.split(separator: "/").last ?? ""
        return keys.rule(
            String(name.hasSuffix(".json") ? name.dropLast(5) : name),
            of: place.source,
            place.repository
        )
    }

    private static func problems(_ properties: JSON) -> String {
        do throws(InvalidRule) {
            _ = try RuleDefinition.read(properties)
            return "it does not say what it is about"
        } catch {
            return error.description
        }
    }
}

extension RuleFolder {
    /// How many files that are no rules are named unless all are asked for.
    private static let maximumUnplaced = 20

    /// The files that are no rules, a line for each.
    static func lines(_ unplaced: [Unplaced], all: Bool) -> [String] {
        let shown = unplaced.prefix(all ? unplaced.count : maximumUnplaced)
        let more = unplaced.count - shown.count
        return shown.map { "no rule: \($0.file): \($0.reason)" }
            + (more > 0 ? ["… \(andMore(more)) that are no rules (--all shows them)"] : [])
    }
}

/// How a rule is named for people.
enum RuleName {
    /// A key without the prefix and `.json`: `github/acme/app/api`.
    static func short(_ key: String, prefix: String) -> String {
        var name = Substring(key)
        for beginning in [BucketKeys(prefix: prefix).rules, "\(prefix)/"]
        where name.hasPrefix(beginning) {
            name = name.dropFirst(beginning.count)
            break
        }
        return String(name.hasSuffix(".json") ? name.dropLast(5) : name)
    }

    /// The same without the source and the repository, where they are those of a change.
    static func short(_ key: String, prefix: String, in repository: String) -> String {
        let name = short(key, prefix: prefix)
        let folder = repository.lowercased() + "/"
        return name.hasPrefix(folder) ? String(name.dropFirst(folder.count)) : name
    }
}

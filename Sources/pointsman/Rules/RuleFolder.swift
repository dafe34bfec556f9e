import Codec
import Core
import Foundation

/// Rules in files on this machine: as files of their own, and declared in templates.
///
/// The files are those that `check` looks at. A folder is read in one of two ways. In one that holds
/// `rules/github`, `rules/codecommit` or `rules/dockerhub` these are laid out as the bucket is, below its
/// prefix: a rule's key follows from where its file lies. Elsewhere a rule's key follows from its
/// content: its source, its repository, and the name of the file or of the resource.
struct RuleFolder {
    /// A rule and the file, or the object, that it is in.
    struct Entry {
        /// The path, beginning as the folder was named.
        var file: String
        var rule: Rule
        /// The rule's object, of one in a folder.
        var object: [UInt8] = []
        /// The properties of the target that are known at deployment only.
        var later: [String] = []
        /// A template declares it.
        var isDeclared = false

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
    /// The rules of templates of which too little is known to decide about them.
    private(set) var undecided: [Unplaced] = []
    private var files: [ByteKey: String] = [:]

    /// Reads a folder or one file.
    ///
    /// - Parameter asksGit: Whether git tells which files of a clone count.
    init(_ path: String, asksGit: Bool = true) throws(Failure) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure("reading rules: there is no '\(path)'")
        }
        let bucket = Self.isLaidOutAsBucket(path) ? FileWalk.relative(path) : nil
        // Files that are not JSON, which are meant as rules only if some lie beside them.
        var doubtful: [Unplaced] = []
        var folders: Set<ByteKey> = []
        FileWalk(asksGit: asksGit).visit([path]) { step in
            switch step {
            case .file(let file):
                let content = file.content()
                if case .rule = content { folders.insert(CheckedFile.folder(of: file.name)) }
                if let key = bucket.flatMap({ Self.key(of: file.name, in: $0, content) }) {
                    add(file.name, key, file.bytes)
                } else if case .unreadable(let found) = content, found[0].severity < .error {
                    doubtful.append(Unplaced(file: file.name, reason: Self.reason(file, found[0])))
                } else {
                    add(file, content)
                }
            case .passedOver: break
            case .unreadable(let name, let reason):
                unplaced.append(Unplaced(file: name, reason: "it \(reason)"))
            }
        }
        dropRepeated()
        let meant = doubtful.filter { folders.contains(CheckedFile.folder(of: $0.file)) }
        unplaced = (unplaced + meant).sorted { ByteKey($0.file) < ByteKey($1.file) }
    }

    /// Keeps one of a rule that lies beside the template that declares it, as `init` writes them.
    private mutating func dropRepeated() {
        let files = Dictionary(grouping: entries.filter { !$0.isDeclared }) {
            CheckedFile.folder(of: $0.file)
        }
        entries.removeAll { entry in
            guard entry.isDeclared, entry.later.isEmpty else { return false }
            let beside = files[CheckedFile.folder(of: entry.file)] ?? []
            return beside.contains { $0.rule.saysTheSame(as: entry.rule) }
        }
    }

    /// The same, unless there is neither a rule nor anything that might have been one.
    func holdingSomething(_ path: String) throws(Failure) -> RuleFolder {
        guard !entries.isEmpty || !unplaced.isEmpty || !undecided.isEmpty else {
            throw Failure("there is no rule in '\(path)'")
        }
        return self
    }

    private static func isLaidOutAsBucket(_ path: String) -> Bool {
        Change.Source.names.contains { source in
            FileManager.default.fileExists(atPath: BucketKeys(prefix: path).rules + "\(source)/")
        }
    }

    /// The key of a file where the bucket has rules: below `rules/`, and, of TrainingPeaks' mono-repo
    /// trigger, directly in the folder.
    private static func key(of file: String, in root: String, _ content: FileContent) -> String? {
        guard file.hasSuffix(".json") else { return nil }
        let name = root == "." ? file[...] : file.dropFirst(root == "/" ? 1 : root.count + 1)
        if name.hasPrefix("rules/") { return "\(prefix)/\(name)" }
        guard !name.contains("/") else { return nil }
        switch content {
        case .rule, .unreadable: return "\(prefix)/\(name)"
        case .template, .neither: return nil
        }
    }

    private mutating func add(_ file: CheckedFile, _ content: FileContent) {
        switch content {
        case .rule: place(file.name, file.bytes)
        case .template(let declarations):
            for declaration in declarations { add(declaration, in: file) }
            if declarations.isEmpty, file.isNamed {
                unplaced.append(
                    Unplaced(file: file.name, reason: "a template that declares no rule")
                )
            }
        case .neither(let reason):
            if file.isNamed { unplaced.append(Unplaced(file: file.name, reason: reason)) }
        case .unreadable(let findings):
            for finding in findings {
                unplaced.append(Unplaced(file: file.name, reason: Self.reason(file, finding)))
            }
        }
    }

    /// Why a file cannot be read, as the function would say it of JSON.
    private static func reason(_ file: CheckedFile, _ finding: Finding) -> String {
        if finding.id == .invalidSyntax, file.name.hasSuffix(".json"), !file.isLinked {
            do throws(JSONError) {
                _ = try JSON(parsing: file.bytes)
            } catch {
                return error.description(in: file.bytes)
            }
        }
        return "line \(finding.start.line), column \(finding.start.column): \(finding.sentence)"
    }

    private mutating func add(_ declaration: StackTemplate.Declaration, in file: CheckedFile) {
        let declared = DeclaredRule(declaration, in: file, keys: Self.keys)
        func unplaced(_ reason: String) -> Unplaced {
            Unplaced(file: file.name, reason: "\(declared.logicalID): \(reason)")
        }
        switch declared.knowledge {
        case .invalid(let reason): self.unplaced.append(unplaced(reason))
        case .undecided(let reason): undecided.append(unplaced(reason))
        case .rule(let object):
            // Two templates may call their resources the same.
            var key = object.key
            var number = 1
            while files[ByteKey(key)] != nil {
                number += 1
                key = "\(object.key.dropLast(5))-\(number).json"
            }
            files[ByteKey(key)] = file.name
            add(file.name, key, object.bytes, later: object.later, isDeclared: true)
        }
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

    private mutating func add(
        _ file: String,
        _ key: String,
        _ object: [UInt8],
        later: [String] = [],
        isDeclared: Bool = false
    ) {
        let rule = Rule(key: key, prefix: Self.prefix, object: object)
        entries.append(
            Entry(file: file, rule: rule, object: object, later: later, isDeclared: isDeclared)
        )
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

    /// The rules that cannot be decided about, a line for each.
    static func lines(undecided: [Unplaced]) -> [String] {
        undecided.map { "not decided: \($0.file): \($0.reason)" }
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

import Core
import Foundation

/// Finds the files that may be rules or templates: the one view of files that commands have.
///
/// A folder is walked in the order of the names, and links in it are not followed. In a clone the files
/// count that git tracks or would track; elsewhere folders are left out that other tools fill. What is
/// named by itself is read in any case.
struct FileWalk {
    /// What tools of version control and of builds keep for themselves.
    private static let ownOfTools: Set = [".git", ".hg", ".svn"]
    /// What tools fill with the files of others.
    private static let dependencies: Set = [
        ".build", ".gradle", ".nox", ".serverless", ".terraform", ".tox", ".venv", "__pycache__",
        "bower_components", "node_modules", "site-packages",
    ]
    private static let extensions: Set = ["json", "yaml", "yml", "template"]
    /// Files that are larger hold no template: CloudFormation's limit is 1 MB.
    static let largest = 4_000_000

    enum Step {
        case file(CheckedFile)
        /// One that was found, and cannot be a rule or a template; or a folder that was left out.
        case passedOver(name: String, reason: String)
        /// The reason follows the name: `cannot be read: permission denied`.
        case unreadable(name: String, reason: String)
    }

    /// Reads at most so many bytes of standard input.
    var standardInput: (_ most: Int) -> [UInt8] = { _ in [] }
    /// Whether git is asked which files count.
    var asksGit = true

    /// Visits files and folders in the order in which they are named, each file once.
    func visit(_ names: [String], _ visit: (Step) -> Void) {
        var seen: Set<ByteKey> = []
        for name in names {
            if name == "-" {
                let bytes = standardInput(Self.largest + 1)
                visit(Self.step("<stdin>", bytes, isNamed: true))
            } else if FileAttributeType(at: Self.target(name)) == .typeDirectory {
                let name = Self.relative(name)
                walk(name, isLinked: Self.isLinked(name), &seen, visit)
            } else if seen.insert(Self.identity(name)).inserted {
                let name = Self.relative(name)
                visit(read(name, isNamed: true, isLinked: Self.isLinked(name)))
            }
        }
    }

    private func walk(
        _ folder: String,
        isLinked: Bool,
        _ seen: inout Set<ByteKey>,
        _ visit: (Step) -> Void
    ) {
        guard asksGit, let clone = GitRepository(path: folder).listing(), !clone.files.isEmpty
        else {
            list(folder, isLinked: isLinked, &seen, visit)
            return
        }
        let ignored = clone.ignored.map { (path: $0, isIgnored: true) }
        let entries = clone.files.map { (path: $0, isIgnored: false) } + ignored
        for (below, isIgnored) in entries.sorted(by: { $0.path.comesBefore($1.path) }) {
            let path = Self.join(folder, below)
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            if isIgnored {
                visit(.passedOver(name: path, reason: "git ignores it"))
            } else if FileAttributeType(at: Self.relative(path)) == .typeDirectory {
                // Another clone in this one, such as a submodule.
                walk(Self.relative(path), isLinked: isLinked, &seen, visit)
            } else {
                found(path, called: name, isLinked: isLinked, &seen, visit)
            }
        }
    }

    /// Goes through a folder that is no clone, or of which git says nothing: what is ignored may be named.
    private func list(
        _ folder: String,
        isLinked: Bool,
        _ seen: inout Set<ByteKey>,
        _ visit: (Step) -> Void
    ) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            visit(.unreadable(name: folder, reason: "cannot be listed: \(error.reason)"))
            return
        }
        for name in names.sorted(by: { $0.comesBefore($1) }) where !Self.ownOfTools.contains(name) {
            let path = Self.join(folder, name)
            guard FileAttributeType(at: path) == .typeDirectory else {
                found(path, called: name, isLinked: isLinked, &seen, visit)
                continue
            }
            let isEnvironment = FileAttributeType(at: "\(path)/pyvenv.cfg") != nil
            if isEnvironment || Self.dependencies.contains(name) {
                let reason = "a tool fills this folder; name it to have it read"
                visit(.passedOver(name: path + "/", reason: reason))
            } else {
                list(path, isLinked: isLinked, &seen, visit)
            }
        }
    }

    private func found(
        _ path: String,
        called name: String,
        isLinked: Bool,
        _ seen: inout Set<ByteKey>,
        _ visit: (Step) -> Void
    ) {
        guard FileAttributeType(at: path) == .typeRegular else { return }
        guard Self.extensions.contains(URL(filePath: name).pathExtension) else {
            visit(.passedOver(name: path, reason: "its name is not that of a JSON or YAML file"))
            return
        }
        guard seen.insert(Self.identity(path)).inserted else { return }
        visit(read(path, isNamed: false, isLinked: isLinked))
    }

    private func read(_ path: String, isNamed: Bool, isLinked: Bool) -> Step {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        if !isNamed, let size, size > Self.largest {
            return .passedOver(name: path, reason: "it is larger than \(Self.largest) bytes")
        }
        do {
            // One that is named may be a pipe, or a device that never ends.
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            let bytes = try file.read(upToCount: Self.largest + 1) ?? Data()
            return Self.step(path, [UInt8](bytes), isNamed: isNamed, isLinked: isLinked)
        } catch {
            return .unreadable(name: path, reason: "cannot be read: \(error.reason)")
        }
    }

    private static func step(
        _ name: String,
        _ bytes: [UInt8],
        isNamed: Bool,
        isLinked: Bool = false
    ) -> Step {
        guard bytes.count <= largest else {
            let size = "it is larger than \(largest) bytes, which no rule and no template is"
            return .unreadable(name: name, reason: "is not read: \(size)")
        }
        return .file(CheckedFile(name: name, bytes: bytes, isNamed: isNamed, isLinked: isLinked))
    }
}

extension FileWalk {
    /// The name without a `./` before it or a `/` behind it.
    static func relative(_ name: String) -> String {
        var name = name
        while name.hasPrefix("./"), name.count > 2 { name.removeFirst(2) }
        while name.hasSuffix("/"), name.count > 1 { name.removeLast() }
        return name == "./" ? "." : name
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// The same for two names of one file.
    private static func identity(_ path: String) -> ByteKey {
        ByteKey(target(path))
    }

    /// Where a path leads, without links.
    private static func target(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path
    }

    /// Whether a link leads from a name to somewhere else, as a change of somebody else's may have it.
    ///
    /// What a shell makes, such as `/dev/fd/63`, is the user's own.
    private static func isLinked(_ path: String) -> Bool {
        if ["/dev/", "/proc/"].contains(where: { path.hasPrefix($0) }) { return false }
        if FileAttributeType(at: path) == .typeSymbolicLink { return true }
        let here = FileManager.default.currentDirectoryPath
        let isBelow = URL(filePath: path).standardized.path.hasPrefix(here + "/")
        return isBelow && !target(path).hasPrefix(target(here) + "/")
    }
}

extension String {
    /// Whether it comes before another path where a folder's names are in order.
    fileprivate func comesBefore(_ other: String) -> Bool {
        func key(_ path: String) -> some Sequence<UInt8> {
            path.utf8.lazy.map { $0 == UInt8(ascii: "/") ? 0 : $0 }
        }
        return key(self).lexicographicallyPrecedes(key(other))
    }
}

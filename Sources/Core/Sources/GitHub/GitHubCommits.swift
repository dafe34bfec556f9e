import Codec

/// The paths of a push, and what its list of commits leaves out.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push> gives both limits.
struct GitHubCommits {
    /// A push lists at most this many commits.
    private static let mostCommits = 2048
    /// A commit lists at most this many files.
    private static let mostFiles = 3000

    private var count = 0
    private var builder = PathListBuilder()
    /// The first commit that does not list all of its files.
    private var incompleteCommit: String?

    /// No commits.
    init() {}

    /// Reads a `commits` array; `null` is one without elements.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.elements { (commit) throws(JSONError) in
            count += 1
            try read(&commit)
        }
    }

    private mutating func read(_ commit: inout JSONReader) throws(JSONError) {
        var id: String?
        var files = 0
        var lists = (added: false, removed: false, modified: false)
        try commit.object { (key, value) throws(JSONError) in
            switch key {
            case "id": id = try value.optionalString()
            case "added": lists.added = try readFiles(&value, &files)
            case "removed": lists.removed = try readFiles(&value, &files)
            case "modified": lists.modified = try readFiles(&value, &files)
            default: break
            }
        }
        guard incompleteCommit == nil else { return }
        let missing = !lists.added ? "added" : !lists.removed ? "removed" : "modified"
        let commit =
            "commit " + String(decoding: (id ?? "without id").utf8.prefix(10), as: UTF8.self)
        if !(lists.added && lists.removed && lists.modified) {
            incompleteCommit = "\(commit) does not list the files it \(missing)"
        } else if files >= Self.mostFiles {
            incompleteCommit = "\(commit) lists \(files) files, and no commit lists more"
        }
    }

    /// Reads a list of files; whether there is one.
    private mutating func readFiles(
        _ list: inout JSONReader,
        _ files: inout Int
    ) throws(JSONError) -> Bool {
        guard try list.kind() != .null else { return false }
        try list.array { (file) throws(JSONError) in
            try builder.append(&file)
            files += 1
        }
        return true
    }

    /// The paths of a push and why they are not all.
    ///
    /// - Parameters:
    ///   - isForced: The push was forced: commits that it took away are not listed.
    ///   - isMoved: The ref points to another commit than before.
    consuming func paths(isForced: Bool, isMoved: Bool) -> ChangedPaths {
        let incomplete: String? =
            if isForced {
                "the push was forced, and what it took away is not listed"
            } else if count == 0 && isMoved {
                "the event lists no commits although the ref has moved"
            } else if count >= Self.mostCommits {
                "the event lists \(count) commits, and no event lists more"
            } else {
                incompleteCommit
            }
        return ChangedPaths(paths: builder.list(), incomplete: incomplete, commits: count)
    }
}

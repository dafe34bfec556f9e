import Codec

/// The commits that a push lists, in the form that GitHub, Gitea and GitLab share.
struct PushCommits {
    private(set) var count = 0
    /// The last that is listed, where it is kept.
    private(set) var last = PushCommit()
    /// Why not all files are known: of the first commit that does not list all of its own.
    private(set) var incompleteCommit: String?
    private var builder = PathListBuilder()

    init() {}

    /// Reads a `commits` array; `null` is one without elements.
    ///
    /// - Parameters:
    ///   - mostFiles: a commit lists at most that many files; `nil` if there is no limit.
    ///   - keepsLast: the last commit is kept, of a push that names its head nowhere else.
    init(
        _ reader: inout JSONReader,
        mostFiles: Int? = nil,
        keepsLast: Bool = false
    ) throws(JSONError) {
        try reader.elements { (commit) throws(JSONError) in
            count += 1
            try read(&commit, mostFiles, keepsLast)
        }
    }

    private mutating func read(
        _ commit: inout JSONReader,
        _ mostFiles: Int?,
        _ keepsLast: Bool
    ) throws(JSONError) {
        var files = 0
        var lists = (added: false, removed: false, modified: false)
        last = PushCommit()
        try commit.object { (key, value) throws(JSONError) in
            switch key {
            case "added": lists.added = try readFiles(&value, &files)
            case "removed": lists.removed = try readFiles(&value, &files)
            case "modified": lists.modified = try readFiles(&value, &files)
            case "id": last.id = try value.optionalString()
            default: if keepsLast { try last.read(key, &value) }
            }
        }
        guard incompleteCommit == nil else { return }
        let missing = !lists.added ? "added" : !lists.removed ? "removed" : "modified"
        let id = String(decoding: (last.id ?? "without id").utf8.prefix(10), as: UTF8.self)
        if !(lists.added && lists.removed && lists.modified) {
            incompleteCommit = "commit \(id) does not list the files it \(missing)"
        } else if let mostFiles, files >= mostFiles {
            incompleteCommit = "commit \(id) lists \(files) files, and no commit lists more"
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

    /// The paths of the push.
    ///
    /// - Parameter incomplete: why they are not all; `nil` if they are.
    consuming func paths(incomplete: String?) -> ChangedPaths {
        ChangedPaths(paths: builder.list(), incomplete: incomplete, commits: count)
    }

    /// The paths of a push whose event says how many commits it has; of how many it lists, whether
    /// they are all depends.
    ///
    /// - Parameters:
    ///   - total: what the event says; `nil` if it does not.
    ///   - created: why the paths of a branch that was created are not all, whatever it lists; `nil` if
    ///     they are.
    consuming func paths(ofAll total: Int?, created: String?) -> ChangedPaths {
        let incomplete: String? =
            if let created {
                created
            } else if let total, total != count {
                "the event lists \(count) of \(total) commits"
            } else if total == nil {
                "the event does not say how many commits there are"
            } else if count == 0 {
                "the event lists no commits"
            } else {
                incompleteCommit
            }
        return paths(incomplete: incomplete)
    }
}

/// What is read of a commit besides its files.
struct PushCommit {
    var id: String?
    var message: String?
    var author: Change.Author?

    init() {}

    /// Reads one; `null` is one without an id.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in try read(key, &value) }
    }

    /// Reads a member, if it is one of these.
    fileprivate mutating func read(
        _ key: JSONKey,
        _ value: inout JSONReader
    ) throws(JSONError) {
        switch key {
        case "id": id = try value.optionalString()
        case "message": message = try value.optionalString()
        case "author":
            let author = try Change.Author(&value)
            self.author = author == Change.Author() ? nil : author
        default: break
        }
    }
}

extension Change {
    /// The same change as what a push to a ref tells, or why that starts nothing.
    ///
    /// - Parameter object: what the ref is at: of a branch the commit, of an annotated tag its own object,
    ///   beside the commit that is known.
    consuming func pushed(to ref: String, at object: String) -> ParsedDelivery {
        switch Reference(ref) {
        case .branch(let name):
            branch = name
            after = object
        case .tag(let name):
            kind = .tag
            tag = name
            if after != object { tagObject = object }
        case .other: return .ignored("\(ref) is neither a branch nor a tag")
        }
        return .change(self)
    }
}

import Codec

/// What is read of GitHub's `push` event, of branches and of tags.
///
/// `after` is what the ref is at: of an annotated tag the tag object. The commit is the
/// `head_commit`, which is null where there is none.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
struct GitHubPush {
    private var ref: String?
    private var before: String?
    private var after: String?
    private var isCreated = false
    private var isDeleted = false
    private var isForced = false
    private var repository = GitHubRepository()
    private var sender: String?
    private var pusher: String?
    private var head = HeadCommit()
    private var commits = GitHubCommits()

    /// What is read of the `head_commit` object.
    private struct HeadCommit {
        var id: String?
        var message: String?
        var author: Change.Author?
    }

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "ref": ref = try value.optionalString()
            case "before": before = try value.optionalString()
            case "after": after = try value.optionalString()
            case "created": isCreated = try value.optionalBool() ?? false
            case "deleted": isDeleted = try value.optionalBool() ?? false
            case "forced": isForced = try value.optionalBool() ?? false
            case "repository": repository = try GitHubRepository(&value)
            case "sender": sender = try value.string("login")
            case "pusher": pusher = try value.string("name")
            case "head_commit": try readHead(&value)
            case "commits": commits = try GitHubCommits(&value)
            default: break
            }
        }
        try reader.end()
    }

    private mutating func readHead(_ reader: inout JSONReader) throws(JSONError) {
        var head = HeadCommit()
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "id": head.id = try value.optionalString()
            case "message": head.message = try value.optionalString()
            case "author":
                let author = try Change.Author(&value)
                head.author = author == Change.Author() ? nil : author
            default: break
            }
        }
        self.head = head
    }
}

extension GitHubPush {
    /// The change, or why there is none.
    consuming func parsed(
        receivedAt: Timestamp,
        delivery: String,
        bodyDigest: BodyDigest
    ) throws(ParsingError) -> ParsedDelivery {
        guard let ref else { throw .lacks("push event", "ref") }
        guard let repository = repository.fullName else {
            throw .lacks("push event", "repository.full_name")
        }
        guard let after else { throw .lacks("push event", "after") }
        if isDeleted || after.isNoCommit { return .ignored("\(ref) was deleted") }
        let before = before.flatMap { $0.isNoCommit ? nil : $0 }
        let kind: Change.Kind
        var branch: String?
        var tag: String?
        var commit = head.id.flatMap { $0.isNoCommit ? nil : $0 }
        switch Reference(ref) {
        case .branch(let name):
            (kind, branch) = (.push, name)
            // Git lets a branch be at nothing but a commit.
            commit = commit ?? after
        case .tag(let name): (kind, tag) = (.tag, name)
        case .other: return .ignored("\(ref) is neither a branch nor a tag")
        }
        return .change(
            Change(
                source: .github,
                repository: repository,
                repositoryID: self.repository.id,
                kind: kind,
                branch: branch,
                tag: tag,
                before: before,
                after: commit,
                tagObject: kind == .tag && commit != after ? after : nil,
                created: isCreated || before == nil,
                forced: isForced,
                actor: sender ?? pusher,
                message: head.message?.cut(to: Change.messageLimit),
                author: head.author,
                cloneURL: self.repository.cloneURL,
                receivedAt: receivedAt,
                eventTime: self.repository.pushedAt,
                delivery: delivery,
                bodyDigest: bodyDigest,
                paths: commits.paths(isForced: isForced, isMoved: before != after)
            )
        )
    }
}

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

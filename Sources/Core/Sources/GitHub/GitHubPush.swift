import Codec

/// What is read of GitHub's `push` event, of branches and of tags.
///
/// `after` is what the ref is at: of an annotated tag the tag object. The commit is the
/// `head_commit`, which is null where there is none.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>, which gives both limits.
struct GitHubPush: ProviderEvent {
    /// A push lists at most this many commits.
    fileprivate static let mostCommits = 2048
    /// A commit lists at most this many files.
    private static let mostFiles = 3000

    private var ref: String?
    private var before: String?
    private var after: String?
    private var isCreated = false
    private var isDeleted = false
    private var isForced = false
    private var repository = RepositoryPayload()
    private var sender: String?
    private var pusher: String?
    private var head = PushCommit()
    private var commits = PushCommits()

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
            case "repository": repository = try RepositoryPayload(&value)
            case "sender": sender = try value.string("login")
            case "pusher": pusher = try value.string("name")
            case "head_commit": head = try PushCommit(&value)
            case "commits": commits = try PushCommits(&value, mostFiles: Self.mostFiles)
            default: break
            }
        }
        try reader.end()
    }
}

extension GitHubPush {
    /// The change, or why there is none.
    consuming func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
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
                receivedAt: receipt.receivedAt,
                eventTime: self.repository.pushedAt,
                delivery: receipt.delivery,
                bodyDigest: receipt.bodyDigest,
                paths: commits.paths(isForced: isForced, isMoved: before != after)
            )
        )
    }
}

extension PushCommits {
    /// The paths of a push of GitHub's.
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
            } else if count >= GitHubPush.mostCommits {
                "the event lists \(count) commits, and no event lists more"
            } else {
                incompleteCommit
            }
        return paths(incomplete: incomplete)
    }
}

import Codec

/// What is read of Gitea's `push` event, of branches and of tags.
///
/// `commits` has the newest 5 (`FEED_MAX_COMMIT_NUM`), and `total_commits` says how many there are. Of an
/// annotated tag `after` is the tag object; the commit is the `head_commit`.
///
/// `PushPayload` in `modules/structs/hook.go` of <https://github.com/go-gitea/gitea>.
struct GiteaPush: ProviderEvent {
    private var ref: String?
    private var before: String?
    private var after: String?
    private var repository = RepositoryPayload()
    private var sender: String?
    private var pusher: String?
    private var head = PushCommit()
    private var commits = PushCommits()
    private var total: Int?

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "ref": ref = try value.optionalString()
            case "before": before = try value.optionalString()
            case "after": after = try value.optionalString()
            case "repository": repository = try RepositoryPayload(&value)
            case "sender": sender = try value.string("login")
            case "pusher": pusher = try value.string("login")
            case "head_commit": head = try PushCommit(&value)
            case "commits": commits = try PushCommits(&value)
            case "total_commits": total = try value.optionalInt()
            default: break
            }
        }
        try reader.end()
    }

    /// The change, or why there is none.
    ///
    /// It has no time: the repository's is older than the push.
    consuming func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard let ref else { throw .lacks("push event", "ref") }
        guard let repository = repository.fullName else {
            throw .lacks("push event", "repository.full_name")
        }
        guard let after else { throw .lacks("push event", "after") }
        if after.isNoCommit { return .ignored("\(ref) was deleted") }
        // An older Gitea's test of a webhook is a push that has moved nothing.
        if let before, isSame(before, after) {
            return .pong("the webhook's test reaches us: \(ref) has not moved")
        }
        let before = before.flatMap { $0.isNoCommit ? nil : $0 }
        let change = Change(
            source: .gitea,
            repository: repository,
            repositoryID: self.repository.id,
            kind: .push,
            before: before,
            after: head.id.flatMap { $0.isNoCommit ? nil : $0 },
            created: before == nil,
            actor: sender ?? pusher,
            message: head.message?.cut(to: Change.messageLimit),
            author: head.author,
            cloneURL: self.repository.cloneURL,
            receivedAt: receipt.receivedAt,
            delivery: receipt.delivery,
            bodyDigest: receipt.bodyDigest,
            paths: commits.paths(
                ofAll: total,
                created: before == nil
                    ? "the branch was created, and the event lists its history" : nil
            )
        )
        return change.pushed(to: ref, at: after)
    }
}

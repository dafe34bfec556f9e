import Codec

/// What is read of GitLab's push and tag push events.
///
/// `commits` has the newest 20, the oldest of them first, and `total_commits_count` says how many there are.
/// Of an annotated tag `after` is the tag object; the commit is `checkout_sha`. Nothing says that a
/// push was forced, or when it was made.
///
/// <https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events>,
/// `lib/gitlab/data_builder/push.rb`.
struct GitLabPush: ProviderEvent {
    private var ref: String?
    private var before: String?
    private var after: String?
    private var commit: String?
    private var user: String?
    private var project = GitLabProject()
    private var commits = PushCommits()
    private var total: Int?

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "ref": ref = try value.optionalString()
            case "before": before = try value.optionalString()
            case "after": after = try value.optionalString()
            case "checkout_sha": commit = try value.optionalString()
            case "user_username": user = try value.optionalString()
            case "project": project = try GitLabProject(&value)
            case "commits": commits = try PushCommits(&value, keepsLast: true)
            case "total_commits_count": total = try value.optionalInt()
            default: break
            }
        }
        try reader.end()
    }

    /// The change, or why there is none.
    consuming func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        let event = receipt.event
        guard let ref else { throw .lacks(event, "ref") }
        guard let repository = project.path else {
            throw .lacks(event, "project.path_with_namespace")
        }
        guard let after else { throw .lacks(event, "after") }
        if after.isNoCommit { return .ignored("\(ref) was deleted") }
        let before = before.flatMap { $0.isNoCommit ? nil : $0 }
        let commit = self.commit.flatMap { $0.isNoCommit ? nil : $0 }
        let last = commits.last
        let isHead = last.id.map { isSame($0, commit ?? after) } ?? false
        let change = Change(
            source: .gitlab,
            repository: repository,
            repositoryID: project.id,
            kind: .push,
            before: before,
            after: commit,
            created: before == nil,
            actor: user,
            message: isHead ? last.message?.cut(to: Change.messageLimit) : nil,
            author: isHead ? last.author : nil,
            cloneURL: project.cloneURL,
            receivedAt: receipt.receivedAt,
            delivery: receipt.delivery,
            bodyDigest: receipt.bodyDigest,
            paths: commits.paths(ofAll: total, created: nil)
        )
        return change.pushed(to: ref, at: after)
    }
}

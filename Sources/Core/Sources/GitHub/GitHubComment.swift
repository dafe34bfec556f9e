internal import Codec

/// What is read of GitHub's `issue_comment` event: comments on pull requests are of that kind, too.
///
/// It names neither the pull request's commit nor its branches. What becomes of a command is decided
/// with what GitHub's API says of the pull request and of who has commented.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment>
struct GitHubComment: ProviderEvent {
    private var action: String?
    private var number: Int?
    private var state: String?
    private var isOnPullRequest = false
    private var body: String?
    private var author: String?
    private var createdAt: Timestamp?
    private var repository = RepositoryPayload()

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "action": action = try value.optionalString()
            case "issue": try readIssue(&value)
            case "comment": try readComment(&value)
            case "repository": repository = try RepositoryPayload(&value)
            default: break
            }
        }
        try reader.end()
    }

    private mutating func readIssue(_ issue: inout JSONReader) throws(JSONError) {
        try issue.members { (key, value) throws(JSONError) in
            switch key {
            case "number": number = try value.optionalInt()
            case "state": state = try value.optionalString()
            // Links, of a pull request alone.
            case "pull_request": isOnPullRequest = try value.value().members != nil
            default: break
            }
        }
    }

    private mutating func readComment(_ comment: inout JSONReader) throws(JSONError) {
        try comment.members { (key, value) throws(JSONError) in
            switch key {
            case "body": body = try value.optionalString()
            case "created_at":
                createdAt = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "user": author = try value.string("login")
            default: break
            }
        }
    }
}

extension GitHubComment {
    /// The change that a command is, or why there is none.
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard let action else { throw .lacks("issue_comment event", "action") }
        guard let repository = repository.fullName else {
            throw .lacks("issue_comment event", "repository.full_name")
        }
        guard action.utf8.elementsEqual("created".utf8) else {
            return .ignored("the issue_comment action \(action) is not handled")
        }
        guard isOnPullRequest else { return .ignored("the comment is not on a pull request") }
        guard let command = body.flatMap({ CommentCommand(comment: $0) }) else {
            return .ignored("the comment's first line is neither /retest nor /test NAME")
        }
        guard let number, number > 0 else { throw .lacks("issue_comment event", "issue.number") }
        guard let state else { throw .lacks("issue_comment event", "issue.state") }
        guard state.utf8.elementsEqual("open".utf8) else {
            return .ignored("the comment is on a pull request that is closed")
        }
        guard let createdAt else { throw .lacks("issue_comment event", "comment.created_at") }
        guard let author, Self.isLogin(author) else {
            throw .lacks("issue_comment event", "comment.user.login")
        }
        return .change(
            Change(
                source: .github,
                repository: repository,
                repositoryID: self.repository.id,
                kind: .pullRequest,
                actor: author,
                cloneURL: self.repository.cloneURL,
                receivedAt: receipt.receivedAt,
                eventTime: createdAt,
                delivery: receipt.delivery,
                bodyDigest: receipt.bodyDigest,
                pullRequest: Change.PullRequest(commentedOn: number),
                comment: command,
                paths: ChangedPaths(paths: [], incomplete: "a comment's event carries no paths")
            )
        )
    }

    /// Letters, digits and hyphens; `[bot]` behind an App's, and `_` in those of an enterprise.
    private static func isLogin(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_[]".utf8.contains($0) }
    }
}

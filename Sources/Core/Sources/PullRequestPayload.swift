import Codec

/// What the `pull_request` events of GitHub and Gitea have in common.
struct PullRequestPayload {
    private var action: String?
    private var number: Int?
    private var repository = RepositoryPayload()
    private var sender: String?
    private var updatedAt: Timestamp?
    private(set) var labels: [String] = []
    private var isMerged = false
    private(set) var isClosed = false
    private(set) var head = Side()
    private var base = Side()

    /// What is read of the `head` and `base` objects.
    struct Side {
        fileprivate(set) var ref: String?
        fileprivate var commit: String?
        /// The repository's name; absent where it is gone.
        fileprivate var repository: String?

        fileprivate init() {}

        fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
            try reader.members { (key, value) throws(JSONError) in
                switch key {
                case "ref": ref = try value.optionalString()
                case "sha": commit = try value.optionalString()
                case "repo": repository = try RepositoryPayload(&value).fullName
                default: break
                }
            }
        }
    }

    /// Reads a member of the event, if it is one of these.
    mutating func read(_ key: JSONKey, _ value: inout JSONReader) throws(JSONError) {
        switch key {
        case "action": action = try value.optionalString()
        case "number": number = try value.optionalInt()
        case "repository": repository = try RepositoryPayload(&value)
        case "sender": sender = try value.string("login")
        default: break
        }
    }

    /// Reads a member of its `pull_request` object, if it is one of these.
    mutating func readPullRequest(
        _ key: JSONKey,
        _ value: inout JSONReader
    ) throws(JSONError) {
        switch key {
        case "updated_at":
            updatedAt = try value.optionalString().flatMap(Timestamp.init(iso8601:))
        case "labels": labels = try value.strings("name")
        case "state": isClosed = try value.optionalString() == "closed"
        case "merged": isMerged = try value.optionalBool() ?? false
        case "head": head = try Side(&value)
        case "base": base = try Side(&value)
        default: break
        }
    }
}

extension PullRequestPayload {
    /// What has happened, in the provider's words, and where: the repository's name.
    func actionAndRepository() throws(ParsingError) -> (action: String, repository: String) {
        guard let action else { throw .lacks("pull_request event", "action") }
        guard let repository = repository.fullName else {
            throw .lacks("pull_request event", "repository.full_name")
        }
        return (action, repository)
    }

    /// The change; what the providers do not share, drafts among it, is left as it is by default.
    ///
    /// - Parameters:
    ///   - action: in GitHub's words.
    ///   - hasForeignHead: the head is not a branch of the repository, although it lies in it.
    func change(
        _ source: Change.Source,
        _ receipt: Receipt,
        action: String,
        in repository: String,
        hasForeignHead: Bool = false
    ) throws(ParsingError) -> Change {
        guard let number else { throw .lacks("pull_request event", "number") }
        guard let headRef = head.ref, let after = head.commit else {
            throw .lacks("pull_request event", "pull_request.head.ref and .sha")
        }
        guard let baseRef = base.ref else {
            throw .lacks("pull_request event", "pull_request.base.ref")
        }
        // A head in a repository that is gone counts as a fork's.
        let isFork = hasForeignHead || head.repository.map { !isSame($0, repository) } ?? true
        return Change(
            source: source,
            repository: repository,
            repositoryID: self.repository.id,
            kind: .pullRequest,
            branch: baseRef,
            after: after,
            actor: sender,
            cloneURL: self.repository.cloneURL,
            receivedAt: receipt.receivedAt,
            eventTime: updatedAt,
            delivery: receipt.delivery,
            bodyDigest: receipt.bodyDigest,
            pullRequest: Change.PullRequest(
                number: number,
                action: action,
                base: baseRef,
                head: headRef,
                fork: isFork,
                draft: false,
                labels: labels,
                merged: isMerged,
                headRepository: isFork ? head.repository : nil
            ),
            paths: ChangedPaths(
                paths: [],
                incomplete: "a pull request's event carries no paths"
            )
        )
    }
}

/// What is read of a `repository` object of GitHub or Gitea.
struct RepositoryPayload {
    var id: Int?
    var fullName: String?
    var cloneURL: String?
    /// When it was last pushed to: of a `push` event, that push.
    var pushedAt: Timestamp?

    init() {}

    /// Reads one; `null` is one without a name.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "id": id = try value.value().int
            case "full_name": fullName = try value.optionalString()
            case "clone_url": cloneURL = try value.optionalString()
            case "pushed_at": pushedAt = Self.moment(try value.value())
            default: break
            }
        }
    }

    /// A moment as a `push` event writes it, seconds since 1970, or as all others do, ISO 8601.
    private static func moment(_ value: JSON) -> Timestamp? {
        switch value {
        case .number(let seconds): Timestamp(epochSeconds: seconds)
        case .string(let text): Timestamp(iso8601: text)
        default: nil
        }
    }
}

import Codec

/// What is read of GitHub's `pull_request` event.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request>
struct GitHubPullRequest {
    /// The actions that count.
    ///
    /// Which rules a new base (`edited`) and the end concern is the matter of ``Clause/target``.
    private static let actions = [
        "opened", "reopened", "synchronize", "ready_for_review", "labeled", "edited", "closed",
    ]

    private var action: String?
    private var number: Int?
    private var before: String?
    private var repository = GitHubRepository()
    private var sender: String?
    private var updatedAt: Timestamp?
    private var isDraft = false
    private var labels: [String] = []
    /// The label that was added.
    private var addedLabel: String?
    private var isMerged = false
    private var state: String?
    /// What was edited is the base.
    private var isBaseChanged = false
    private var head = Side()
    private var base = Side()

    /// What is read of the `head` and `base` objects, which Gitea has too.
    struct Side {
        var ref: String?
        var commit: String?
        /// The repository's name; absent where it is gone.
        var repository: String?

        init() {}

        init(_ reader: inout JSONReader) throws(JSONError) {
            try reader.members { (key, value) throws(JSONError) in
                switch key {
                case "ref": ref = try value.optionalString()
                case "sha": commit = try value.optionalString()
                case "repo": repository = try GitHubRepository(&value).fullName
                default: break
                }
            }
        }

        /// Whether it lies in another repository, or in one that is gone.
        func isFork(of base: String) -> Bool {
            guard let repository else { return true }
            return !isSame(repository, base)
        }
    }

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "action": action = try value.optionalString()
            case "number": number = try value.optionalInt()
            case "before": before = try value.optionalString()
            case "repository": repository = try GitHubRepository(&value)
            case "sender": sender = try value.string("login")
            case "pull_request": try readPullRequest(&value)
            case "changes": try readChanges(&value)
            case "label": addedLabel = try value.string("name")
            default: break
            }
        }
        try reader.end()
    }

    private mutating func readChanges(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, _) throws(JSONError) in
            if key == "base" { isBaseChanged = true }
        }
    }

    private mutating func readPullRequest(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "updated_at":
                updatedAt = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "state": state = try value.optionalString()
            case "draft": isDraft = try value.optionalBool() ?? false
            case "labels": labels = try value.strings("name")
            case "merged": isMerged = try value.optionalBool() ?? false
            case "head": head = try Side(&value)
            case "base": base = try Side(&value)
            default: break
            }
        }
    }
}

extension GitHubPullRequest {
    /// The change, or why there is none.
    func parsed(
        receivedAt: Timestamp,
        delivery: String,
        bodyDigest: BodyDigest
    ) throws(ParsingError) -> ParsedDelivery {
        guard let action else { throw .lacks("pull_request event", "action") }
        guard let repository = repository.fullName else {
            throw .lacks("pull_request event", "repository.full_name")
        }
        guard Self.actions.contains(action), action != "edited" || isBaseChanged else {
            return .ignored("the pull_request action \(action) is not handled")
        }
        if action == "labeled", state == "closed" {
            return .ignored("a label was added to a pull request that is closed")
        }
        guard let number else { throw .lacks("pull_request event", "number") }
        guard let headRef = head.ref, let after = head.commit else {
            throw .lacks("pull_request event", "pull_request.head.ref and .sha")
        }
        guard let baseRef = base.ref else {
            throw .lacks("pull_request event", "pull_request.base.ref")
        }
        let isFork = head.isFork(of: repository)
        return .change(
            Change(
                source: .github,
                repository: repository,
                repositoryID: self.repository.id,
                kind: .pullRequest,
                branch: baseRef,
                before: before,
                after: after,
                actor: sender,
                cloneURL: self.repository.cloneURL,
                receivedAt: receivedAt,
                eventTime: updatedAt,
                delivery: delivery,
                bodyDigest: bodyDigest,
                pullRequest: Change.PullRequest(
                    number: number,
                    action: action,
                    base: baseRef,
                    head: headRef,
                    fork: isFork,
                    draft: isDraft,
                    labels: labels,
                    addedLabels: addedLabels(by: action),
                    merged: isMerged,
                    headRepository: isFork ? head.repository : nil
                ),
                paths: ChangedPaths(
                    paths: [],
                    incomplete: "a pull request's event carries no paths"
                )
            )
        )
    }

    /// The label that was added; all of them if the event does not say which.
    private func addedLabels(by action: String) -> [String] {
        guard action == "labeled" else { return [] }
        return addedLabel.map { [$0] } ?? labels
    }
}

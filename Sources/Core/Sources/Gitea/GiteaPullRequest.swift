import Codec

/// What is read of Gitea's `pull_request` event.
///
/// `PullRequestPayload` in `modules/structs/hook.go` of <https://github.com/go-gitea/gitea>.
struct GiteaPullRequest {
    private var action: String?
    private var number: Int?
    private var repository = GitHubRepository()
    private var sender: String?
    private var title: String?
    private var updatedAt: Timestamp?
    private var isDraft: Bool?
    private var isMerged = false
    private var isClosed = false
    private var labels: [String] = []
    /// Those that were added; `nil` of a Gitea that does not say which.
    private var addedLabels: [String]?
    private var head = GitHubPullRequest.Side()
    private var base = GitHubPullRequest.Side()
    /// The title before, if that was edited.
    private var earlierTitle: String?
    /// What was edited is the base.
    private var isBaseChanged = false

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "action": action = try value.optionalString()
            case "number": number = try value.optionalInt()
            case "repository": repository = try GitHubRepository(&value)
            case "sender": sender = try value.string("login")
            case "pull_request": try readPullRequest(&value)
            case "changes": try readChanges(&value)
            default: break
            }
        }
        try reader.end()
    }

    private mutating func readPullRequest(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "title": title = try value.optionalString()
            case "updated_at":
                updatedAt = try value.optionalString().flatMap(Timestamp.init(iso8601:))
            case "draft": isDraft = try value.optionalBool()
            case "merged": isMerged = try value.optionalBool() ?? false
            case "state": isClosed = try value.optionalString() == "closed"
            case "labels": labels = try value.strings("name")
            case "head": head = try GitHubPullRequest.Side(&value)
            case "base": base = try GitHubPullRequest.Side(&value)
            default: break
            }
        }
    }

    private mutating func readChanges(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "title": earlierTitle = try value.string("from")
            case "added_labels": addedLabels = try value.strings("name")
            case "ref": isBaseChanged = try value.kind() != .null
            default: break
            }
        }
    }
}

extension GiteaPullRequest {
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
        guard let known = knownAction(of: action) else {
            return .ignored("the pull_request action \(action) is not handled")
        }
        guard let number else { throw .lacks("pull_request event", "number") }
        guard let headRef = head.ref, let after = head.commit else {
            throw .lacks("pull_request event", "pull_request.head.ref and .sha")
        }
        guard let baseRef = base.ref else {
            throw .lacks("pull_request event", "pull_request.base.ref")
        }
        // A pull request that was made by a push (to `refs/for/main`) needs no right to write, although its
        // commits lie in this repository: its head is no branch.
        let isFork = head.isFork(of: repository) || headRef.utf8.starts(with: "refs/".utf8)
        return .change(
            Change(
                source: .gitea,
                repository: repository,
                repositoryID: self.repository.id,
                kind: .pullRequest,
                branch: baseRef,
                after: after,
                actor: sender,
                cloneURL: self.repository.cloneURL,
                receivedAt: receivedAt,
                eventTime: updatedAt,
                delivery: delivery,
                bodyDigest: bodyDigest,
                pullRequest: Change.PullRequest(
                    number: number,
                    action: known,
                    base: baseRef,
                    head: headRef,
                    fork: isFork,
                    draft: isDraft ?? hasDraftPrefix(title),
                    labels: labels,
                    addedLabels: known == "labeled" ? addedLabels ?? labels : [],
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

    /// The action in GitHub's words, which rules and targets know; `nil` if it starts nothing.
    private func knownAction(of action: String) -> String? {
        switch action {
        case "opened", "reopened", "closed": action
        case "synchronized": "synchronize"
        case "label_updated" where !isClosed && addedLabels?.isEmpty != true: "labeled"
        case "edited" where isBaseChanged: "edited"
        case "edited" where hasDraftPrefix(earlierTitle) && !hasDraftPrefix(title):
            "ready_for_review"
        default: nil
        }
    }

    /// What a draft's title begins with, unless the server is configured otherwise
    /// (`WORK_IN_PROGRESS_PREFIXES`).
    private static let draftPrefixes = ["WIP:", "[WIP]"]

    private func hasDraftPrefix(_ title: String?) -> Bool {
        guard let title else { return false }
        return Self.draftPrefixes.contains { prefix in
            let beginning = title.utf8.prefix(prefix.utf8.count)
            return equalsIgnoringASCIICase(String(decoding: beginning, as: UTF8.self), prefix)
        }
    }
}

import Codec

/// What is read of GitLab's merge request event.
///
/// <https://docs.gitlab.com/user/project/integrations/webhook_events/#merge-request-events>
struct GitLabMergeRequest: ProviderEvent {
    private var project = GitLabProject()
    private var user: String?
    private var labels: [String] = []
    private var attributes = Attributes()
    private var changes = Changes()

    /// What is read of `object_attributes`.
    private struct Attributes {
        var number: Int?
        var action: String?
        var source: String?
        var target: String?
        /// The project that the source branch lies in; `nil` where it is gone.
        var sourceProject: Int?
        var targetProject: Int?
        var sourcePath: String?
        var head = PushCommit()
        /// The head before, if the code has changed.
        var earlierHead: String?
        var isDraft = false
        var isOpen = true
        var updatedAt: Timestamp?

        init() {}

        init(_ reader: inout JSONReader) throws(JSONError) {
            try reader.members { (key, value) throws(JSONError) in
                switch key {
                case "iid": number = try value.optionalInt()
                case "action": action = try value.optionalString()
                case "source_branch": source = try value.optionalString()
                case "target_branch": target = try value.optionalString()
                case "source_project_id": sourceProject = try value.optionalInt()
                case "target_project_id": targetProject = try value.optionalInt()
                case "source": sourcePath = try GitLabProject(&value).path
                case "last_commit": head = try PushCommit(&value)
                case "state": isOpen = try value.optionalString() == "opened"
                case "oldrev": earlierHead = try value.optionalString()
                // Before GitLab 14 it was called a work in progress.
                case "draft", "work_in_progress":
                    isDraft = try value.optionalBool() ?? false || isDraft
                case "updated_at":
                    updatedAt = try value.optionalString().flatMap(GitLab.time)
                default: break
                }
            }
        }
    }

    /// What is read of `changes`.
    private struct Changes {
        var endsDraft = false
        var hasTarget = false
        /// Labels that were not there before.
        var addedLabels: [String] = []

        init() {}

        init(_ reader: inout JSONReader) throws(JSONError) {
            try reader.members { (key, value) throws(JSONError) in
                switch key {
                case "draft", "work_in_progress":
                    try value.members { (key, value) throws(JSONError) in
                        guard key == "current" else { return }
                        endsDraft = try value.optionalBool() == false
                    }
                case "target_branch": hasTarget = true
                case "labels":
                    var (previous, current): ([String], [String]) = ([], [])
                    try value.members { (key, value) throws(JSONError) in
                        switch key {
                        case "previous": previous = try value.strings("title")
                        case "current": current = try value.strings("title")
                        default: break
                        }
                    }
                    addedLabels = current.filter { !previous.containsText($0) }
                default: break
                }
            }
        }
    }

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "project": project = try GitLabProject(&value)
            case "user": user = try value.string("username")
            case "labels": labels = try value.strings("title")
            case "object_attributes": attributes = try Attributes(&value)
            case "changes": changes = try Changes(&value)
            default: break
            }
        }
        try reader.end()
    }
}

extension GitLabMergeRequest {
    private static let event = "Merge Request Hook"

    /// The change, or why there is none.
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard let repository = project.path else {
            throw .lacks(Self.event, "project.path_with_namespace")
        }
        guard let action = attributes.action else {
            // A hook that is tested with a merge request on which nothing has been done has none.
            return .ignored("the merge request event has no action")
        }
        guard let known = knownAction(of: action) else {
            return .ignored("the merge request action \(action) is not handled")
        }
        guard let number = attributes.number else {
            throw .lacks(Self.event, "object_attributes.iid")
        }
        guard let source = attributes.source, let target = attributes.target else {
            throw .lacks(Self.event, "object_attributes.source_branch and .target_branch")
        }
        guard let after = attributes.head.id else {
            throw .lacks(Self.event, "object_attributes.last_commit.id")
        }
        let isFork =
            attributes.sourceProject == nil || attributes.sourceProject != attributes.targetProject
        return .change(
            Change(
                source: .gitlab,
                repository: repository,
                repositoryID: project.id,
                kind: .pullRequest,
                branch: target,
                before: known == "synchronize" ? attributes.earlierHead : nil,
                after: after,
                actor: user,
                cloneURL: project.cloneURL,
                receivedAt: receipt.receivedAt,
                eventTime: attributes.updatedAt,
                delivery: receipt.delivery,
                bodyDigest: receipt.bodyDigest,
                pullRequest: Change.PullRequest(
                    number: number,
                    action: known,
                    base: target,
                    head: source,
                    fork: isFork,
                    draft: attributes.isDraft,
                    labels: labels,
                    addedLabels: known == "labeled" ? changes.addedLabels : [],
                    merged: action == "merge",
                    headRepository: isFork ? attributes.sourcePath : nil
                ),
                paths: ChangedPaths(
                    paths: [],
                    incomplete: "a merge request's event carries no paths"
                )
            )
        )
    }

    /// The action in GitHub's words, which rules and targets know; `nil` if it starts nothing.
    ///
    /// One update may be several things; new commits say most.
    private func knownAction(of action: String) -> String? {
        switch action {
        case "open": "opened"
        case "reopen": "reopened"
        case "close", "merge": "closed"
        case "update" where attributes.earlierHead != nil: "synchronize"
        case "update" where changes.endsDraft: "ready_for_review"
        case "update" where changes.hasTarget: "edited"
        case "update" where attributes.isOpen && !changes.addedLabels.isEmpty: "labeled"
        default: nil
        }
    }
}

extension GitLab {
    /// A time as GitLab writes it: in ISO 8601, or `2025-08-05 21:48:27 UTC`.
    static func time(_ text: String) -> Timestamp? {
        if let time = Timestamp(iso8601: text) { return time }
        let parts = text.utf8.split(separator: UInt8(ascii: " "))
        guard parts.count == 3, parts[2].elementsEqual("UTC".utf8) else { return nil }
        let (day, time) = (String(decoding: parts[0], as: UTF8.self), parts[1])
        return Timestamp(iso8601: "\(day)T\(String(decoding: time, as: UTF8.self))Z")
    }
}

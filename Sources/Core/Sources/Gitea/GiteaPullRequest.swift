import Codec

/// What is read of Gitea's `pull_request` event.
///
/// `PullRequestPayload` in `modules/structs/hook.go` of <https://github.com/go-gitea/gitea>.
struct GiteaPullRequest: ProviderEvent {
    private var common = PullRequestPayload()
    private var title: String?
    private var isDraft: Bool?
    /// Those that were added; `nil` of a Gitea that does not say which.
    private var addedLabels: [String]?
    /// The title before, if that was edited.
    private var earlierTitle: String?
    /// What was edited is the base.
    private var isBaseChanged = false

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "pull_request": try readPullRequest(&value)
            case "changes": try readChanges(&value)
            default: try common.read(key, &value)
            }
        }
        try reader.end()
    }

    private mutating func readPullRequest(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "title": title = try value.optionalString()
            case "draft": isDraft = try value.optionalBool()
            default: try common.readPullRequest(key, &value)
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
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        let (action, repository) = try common.actionAndRepository()
        guard let known = knownAction(of: action) else {
            return .ignored("the pull_request action \(action) is not handled")
        }
        // A pull request that was made by a push (to `refs/for/main`) needs no right to write, although its
        // commits lie in this repository: its head is no branch.
        let isMadeByPush = common.head.ref?.utf8.starts(with: "refs/".utf8) ?? false
        var change = try common.change(
            .gitea,
            receipt,
            action: known,
            in: repository,
            hasForeignHead: isMadeByPush
        )
        change.pullRequest?.draft = isDraft ?? hasDraftPrefix(title)
        change.pullRequest?.addedLabels = known == "labeled" ? addedLabels ?? common.labels : []
        return .change(change)
    }

    /// The action in GitHub's words, which rules and targets know; `nil` if it starts nothing.
    private func knownAction(of action: String) -> String? {
        switch action {
        case "opened", "reopened", "closed": action
        case "synchronized": "synchronize"
        case "label_updated" where !common.isClosed && addedLabels?.isEmpty != true: "labeled"
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

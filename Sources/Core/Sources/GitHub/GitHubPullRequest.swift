import Codec

/// What is read of GitHub's `pull_request` event.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request>
struct GitHubPullRequest: ProviderEvent {
    /// The actions that count.
    ///
    /// Which rules a new base (`edited`) and the end concern is the matter of ``Clause/target``.
    private static let actions = [
        "opened", "reopened", "synchronize", "ready_for_review", "labeled", "edited", "closed",
    ]

    private var common = PullRequestPayload()
    private var before: String?
    private var isDraft = false
    /// The label that was added.
    private var addedLabel: String?
    /// What was edited is the base.
    private var isBaseChanged = false

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "before": before = try value.optionalString()
            case "pull_request": try readPullRequest(&value)
            case "changes":
                try value.members { (key, _) throws(JSONError) in
                    if key == "base" { isBaseChanged = true }
                }
            case "label": addedLabel = try value.string("name")
            default: try common.read(key, &value)
            }
        }
        try reader.end()
    }

    private mutating func readPullRequest(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "draft": isDraft = try value.optionalBool() ?? false
            default: try common.readPullRequest(key, &value)
            }
        }
    }

    /// The change, or why there is none.
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        let (action, repository) = try common.actionAndRepository()
        guard Self.actions.contains(action), action != "edited" || isBaseChanged else {
            return .ignored("the pull_request action \(action) is not handled")
        }
        if action == "labeled", common.isClosed {
            return .ignored("a label was added to a pull request that is closed")
        }
        var change = try common.change(.github, receipt, action: action, in: repository)
        change.before = before
        change.pullRequest?.draft = isDraft
        change.pullRequest?.addedLabels = addedLabels(by: action)
        return .change(change)
    }

    /// The label that was added; all of them if the event does not say which.
    private func addedLabels(by action: String) -> [String] {
        guard action == "labeled" else { return [] }
        return addedLabel.map { [$0] } ?? common.labels
    }
}

import Codec

extension VerifiedDelivery {
    /// Describes a webhook's delivery by its event's name.
    func describeGitHub(
        event: String,
        receivedAt: Timestamp
    ) throws(DescriptionError) -> Description {
        switch event {
        case "push": try describeGitHubPush(payload(), receivedAt)
        case "pull_request": try describeGitHubPullRequest(payload(), receivedAt)
        case "ping": try describeGitHubPing(payload())
        default: .ignored("the event \(event) is not handled")
        }
    }
}

/// What is read of a `repository` object.
struct GitHubRepository {
    var fullName: String?
    var cloneURL: String?

    init() {}

    /// Reads one; `null` is one without a name.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "full_name": fullName = try value.optionalString()
            case "clone_url": cloneURL = try value.optionalString()
            default: break
            }
        }
    }
}

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

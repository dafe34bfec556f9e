import Codec
import Platform

/// What is read of Docker Hub's webhook.
///
/// <https://docs.docker.com/docker-hub/repos/manage/webhooks/>. Its `callback_url` is never
/// called: the page says that it is no longer supported.
struct DockerHubPush {
    private var repository: String?
    private var tag: String?
    private var pusher: String?
    private var pushedAt: Timestamp?

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            switch key {
            case "repository": repository = try value.string("repo_name")
            case "push_data":
                try value.members { (key, value) throws(JSONError) in
                    switch key {
                    case "tag": tag = try value.optionalString()
                    case "pusher": pusher = try value.optionalString()
                    case "pushed_at":
                        if case .number(let seconds) = try value.value() {
                            pushedAt = Timestamp(epochSeconds: seconds)
                        }
                    default: break
                    }
                }
            default: break
            }
        }
        try reader.end()
    }

    /// The change: an image has been pushed under a tag.
    func parsed(
        receivedAt: Timestamp,
        delivery: String,
        identity: ChangeIdentity
    ) throws(ParsingError) -> ParsedDelivery {
        guard let repository else { throw .lacks("Docker Hub event", "repository.repo_name") }
        guard let tag else { throw .lacks("Docker Hub event", "push_data.tag") }
        return .change(
            Change(
                source: .dockerhub,
                repository: repository,
                kind: .image,
                tag: tag,
                actor: pusher,
                receivedAt: receivedAt,
                eventTime: pushedAt,
                delivery: delivery,
                identity: identity,
                image: Change.Image(repository: repository, tag: tag),
                paths: ChangedPaths(paths: [], incomplete: "an image's event carries no paths")
            )
        )
    }
}

/// The secret path segment of the Docker Hub route: Docker Hub cannot sign.
enum DockerHubToken {
    /// Whether a token is one of those that were agreed; an empty one never is.
    ///
    /// Digests are compared, each in constant time: not even the length shows.
    static func isOne(of secrets: [Secret], _ token: Secret) -> Bool {
        let digest = SHA256.hash(token.revealed)
        var isRight = false
        for secret in secrets where !secret.revealed.isEmpty {
            let matches = constantTimeEquals(SHA256.hash(secret.revealed), digest)
            isRight = isRight || matches
        }
        return isRight
    }
}

import Codec
import Platform

extension Provider {
    /// Docker Hub, which cannot sign: a segment of the path is secret.
    static let dockerHub = Provider(
        routes: ["dockerhub"],
        hasTokenInPath: true,
        secret: SharedSecret(name: "Docker Hub token", variable: "DOCKERHUB_TOKEN"),
        deliveryID: { _, _ in nil },
        proof: { delivery, _ in
            // Any last segment of the path may be the token.
            guard let token = delivery.token else { return nil }
            let digest = SHA256.hash(token.revealed)
            // Digests are compared, each in constant time: not even the length shows.
            return Proof { constantTimeEquals(SHA256.hash($0.revealed), digest) }
        },
        provesTimes: false,
        read: { (delivery, receivedAt) throws(ParsingError) in
            try delivery.parse(
                DockerHubPush.self,
                named: "Docker Hub event",
                receivedAt: receivedAt
            )
        }
    )
}

/// What is read of Docker Hub's webhook.
///
/// <https://docs.docker.com/docker-hub/repos/manage/webhooks/>. Its `callback_url` is never
/// called: the page says that it is no longer supported.
struct DockerHubPush: ProviderEvent {
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
    func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard let repository else { throw .lacks(receipt.event, "repository.repo_name") }
        guard let tag else { throw .lacks(receipt.event, "push_data.tag") }
        return .change(
            Change(
                source: .dockerhub,
                repository: repository,
                kind: .image,
                tag: tag,
                actor: pusher,
                receivedAt: receipt.receivedAt,
                eventTime: pushedAt,
                delivery: receipt.delivery,
                bodyDigest: receipt.bodyDigest,
                image: Change.Image(repository: repository, tag: tag),
                paths: ChangedPaths(paths: [], incomplete: "an image's event carries no paths")
            )
        )
    }
}

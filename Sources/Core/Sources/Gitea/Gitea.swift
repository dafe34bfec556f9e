import Codec
import Platform

extension Provider {
    /// Gitea and Forgejo, which sign the JSON: of a form, its field `payload`.
    static let gitea = Provider(
        routes: ["gitea"],
        secret: SharedSecret(name: "Gitea secret", variable: "GITEA_SECRET"),
        misroutedSender: Gitea.misroutedSender,
        deliveryID: { headers, _ in
            DeliveryID.plainToken(Gitea.header("delivery", headers))
        },
        proof: { delivery, _ in
            guard let signature = Gitea.signature(delivery.headers),
                let payload = try? delivery.format.payload(of: delivery.body)
            else { return nil }
            return Proof { secret in
                constantTimeEquals(
                    HMAC.sha256(key: secret.revealed, message: payload),
                    signature
                )
            }
        },
        read: { (delivery, receivedAt) throws(ParsingError) in
            try Gitea.read(delivery, receivedAt)
        }
    )
}

/// What Gitea and Forgejo send.
///
/// Forgejo sends each header under Gitea's name and its own. Headers: `services/webhook/deliver.go`
/// of <https://github.com/go-gitea/gitea>; bodies: `modules/structs/hook.go`.
enum Gitea {
    /// Reads a delivery by the name of its event.
    fileprivate static func read(
        _ delivery: VerifiedDelivery,
        _ receivedAt: Timestamp
    ) throws(ParsingError) -> ParsedDelivery {
        guard let event = header("event", delivery.headers) else {
            throw ParsingError("no X-Gitea-Event header")
        }
        func parsed<Event: ProviderEvent>(
            _ type: Event.Type
        ) throws(ParsingError) -> ParsedDelivery {
            try delivery.parse(type, named: "\(event) event", receivedAt: receivedAt)
        }
        switch event {
        case "push": return try parsed(GiteaPush.self)
        case "pull_request": return try parsed(GiteaPullRequest.self)
        default:
            return .ignored("the event \(event) is not handled")
        }
    }

    /// Gogs sends what looks the same and is not: fewer members, and no header of Gitea's.
    fileprivate static func misroutedSender(_ headers: HTTPHeaders) -> String? {
        guard headers.hasName(beginningWith: "x-gogs-"),
            !headers.hasName(beginningWith: "x-gitea-"),
            !headers.hasName(beginningWith: "x-forgejo-")
        else { return nil }
        return "the request is that of Gogs, which is not supported"
    }

    /// A header that has the name of either product: `X-Gitea-Event`, `X-Forgejo-Event`.
    fileprivate static func header(_ name: String, _ headers: HTTPHeaders) -> String? {
        headers["x-gitea-\(name)"] ?? headers["x-forgejo-\(name)"]
    }

    /// The HMAC-SHA256 that a request is said to have; `nil` if none is there or the first that is
    /// there is malformed.
    ///
    /// Without a secret both products send empty ones.
    fileprivate static func signature(_ headers: HTTPHeaders) -> [UInt8]? {
        if let digits = header("signature", headers) {
            guard let code = Hex.decode(digits), code.count == 32 else { return nil }
            return code
        }
        guard case .sha256(let code)? = GitHubSignature(headers: headers, allowingSHA1: false)
        else { return nil }
        return code
    }
}

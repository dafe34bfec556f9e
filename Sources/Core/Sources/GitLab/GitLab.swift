import Codec
import Platform

extension Provider {
    /// GitLab, which signs what it sends if its secret is a signing token, and else sends the secret.
    static let gitLab = Provider(
        routes: ["gitlab"],
        secret: SharedSecret(
            name: "GitLab secret",
            variable: "GITLAB_SECRET",
            flaw: { secret in
                GitLabSigningKey.isOne(secret) && GitLabSigningKey(secret) == nil
                    ? "it begins with whsec_, and what follows is not base64" : nil
            }
        ),
        deliveryID: GitLab.deliveryID,
        identity: { "\n" + (GitLab.id(of: $0) ?? "") },
        proof: { delivery, now in
            let signature = GitLabSignature(delivery.headers, at: now)
            let token = delivery.headers["x-gitlab-token"].flatMap { $0.isEmpty ? nil : $0 }
            guard signature != nil || token != nil else { return nil }
            // Digests are compared, each in constant time: not even the length shows.
            let digest = token.map { SHA256.hash(Array($0.utf8)) }
            return Proof { secret in
                guard GitLabSigningKey.isOne(secret) else {
                    return digest.map { constantTimeEquals(SHA256.hash(secret.revealed), $0) }
                        ?? false
                }
                guard let signature, let key = GitLabSigningKey(secret) else { return false }
                return signature.isRight(for: delivery.body, key)
            }
        },
        read: { (delivery, receivedAt) throws(ParsingError) in
            try GitLab.read(delivery, receivedAt)
        }
    )
}

/// What GitLab sends: <https://docs.gitlab.com/user/project/integrations/webhooks/> (headers) and
/// <https://docs.gitlab.com/user/project/integrations/webhook_events/> (bodies).
///
/// GitLab disables a webhook after four failures in a row: what is merely not handled is a success.
enum GitLab {
    /// Reads a delivery by the name of its event.
    fileprivate static func read(
        _ delivery: VerifiedDelivery,
        _ receivedAt: Timestamp
    ) throws(ParsingError) -> ParsedDelivery {
        guard let event = delivery.headers["x-gitlab-event"] else {
            throw ParsingError("no X-Gitlab-Event header")
        }
        switch event {
        case "Push Hook", "Tag Push Hook":
            return try delivery.parse(GitLabPush.self, named: event, receivedAt: receivedAt)
        case "Merge Request Hook":
            return try delivery.parse(GitLabMergeRequest.self, named: event, receivedAt: receivedAt)
        default:
            return .ignored("the event \(event) is not handled")
        }
    }

    /// The id of a message, which stays the same when it is sent again.
    fileprivate static func id(of headers: HTTPHeaders) -> String? {
        headers["webhook-id"] ?? headers["idempotency-key"]
    }

    /// The id of a delivery: GitLab before 17.4 has one of the event alone, which hooks that are sent
    /// for one event share.
    fileprivate static func deliveryID(_ headers: HTTPHeaders, _ body: [UInt8]) -> String? {
        for name in ["webhook-id", "idempotency-key"] {
            if let id = DeliveryID.plainToken(headers[name]) { return id }
        }
        guard let event = headers["x-gitlab-event-uuid"] else { return nil }
        return DeliveryID.plainToken("\(event)-\(DeliveryID.hash(of: body).cut(to: 8))")
    }
}

/// The key that a signing token holds: the base64 that follows `whsec_`
/// (<https://www.standardwebhooks.com>, "Signature scheme").
struct GitLabSigningKey {
    let bytes: [UInt8]

    private static let prefix = Array("whsec_".utf8)

    /// Whether a secret is a signing token, well-formed or not.
    static func isOne(_ secret: Secret) -> Bool { secret.revealed.starts(with: prefix) }

    /// `nil` if what follows is empty, or no base64.
    init?(_ secret: Secret) {
        guard Self.isOne(secret),
            let bytes = Base64.decode(Array(secret.revealed.dropFirst(Self.prefix.count))),
            !bytes.isEmpty
        else { return nil }
        self.bytes = bytes
    }
}

/// The signatures that a request of GitLab's carries, not older or newer than five minutes.
struct GitLabSignature {
    /// What stands before the body in what is signed: `{webhook-id}.{webhook-timestamp}.`.
    private let beginning: String
    private let codes: [[UInt8]]

    /// Seconds that GitLab's clock may differ from ours.
    static let skew = 300
    /// More are not looked at: while a token is replaced there are two.
    private static let mostCodes = 8

    /// The signatures of a request; `nil` if they, or what is signed with them, are absent, malformed, or of another
    /// time than now.
    init?(_ headers: HTTPHeaders, at now: Timestamp) {
        guard let id = headers["webhook-id"], !id.isEmpty,
            let time = headers["webhook-timestamp"], !time.isEmpty,
            time.utf8.allSatisfy({ $0.isASCIIDigit }), let seconds = Int(time),
            let signatures = headers["webhook-signature"]
        else { return nil }
        let age = (now.milliseconds / 1_000).subtractingReportingOverflow(seconds)
        guard !age.overflow, (-Self.skew...Self.skew).contains(age.partialValue) else { return nil }
        let version = Array("v1,".utf8)
        codes = signatures.utf8.split(separator: UInt8(ascii: " ")).prefix(Self.mostCodes)
            .compactMap { signature in
                guard signature.starts(with: version),
                    let code = Base64.decode(Array(signature.dropFirst(version.count))),
                    code.count == 32
                else { return nil }
                return code
            }
        guard !codes.isEmpty else { return nil }
        beginning = "\(id).\(time)."
    }

    /// Whether one of them is that of a body with that key, each compared in constant time.
    func isRight(for body: [UInt8], _ key: GitLabSigningKey) -> Bool {
        let code = HMAC.sha256(key: key.bytes, message: Array(beginning.utf8) + body)
        return codes.reduce(false) { constantTimeEquals(code, $1) || $0 }
    }
}

/// What is read of a `project` object.
struct GitLabProject {
    var id: Int?
    /// The whole path: `group/sub/name`.
    var path: String?
    var cloneURL: String?

    init() {}

    /// Reads one; `null` is one without a path.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.members { (key, value) throws(JSONError) in
            switch key {
            case "id": id = try value.value().int
            case "path_with_namespace": path = try value.optionalString()
            case "git_http_url": cloneURL = try value.optionalString()
            default: break
            }
        }
    }
}

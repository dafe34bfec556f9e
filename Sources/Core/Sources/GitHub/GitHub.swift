import Codec
import Platform

extension Provider {
    /// GitHub, which signs the raw body.
    ///
    /// - Parameter allowingSHA1: the SHA-1 signature counts where the SHA-256 one is absent.
    static func gitHub(allowingSHA1: Bool) -> Provider {
        Provider(
            routes: ["github", "ghorg/push"],
            secret: SharedSecret(
                name: "GitHub secret",
                variable: "GITHUB_SECRET",
                isMissed: true
            ),
            misroutedSender: GitHub.misroutedSender,
            deliveryID: { headers, _ in DeliveryID.plainToken(headers["x-github-delivery"]) },
            proof: { delivery, _ in
                GitHubSignature(headers: delivery.headers, allowingSHA1: allowingSHA1)
                    .map { signature in
                        Proof { signature.isRight(for: delivery.body, secret: $0) }
                    }
            },
            read: { (delivery, receivedAt) throws(ParsingError) in
                try GitHub.read(delivery, delivery.headers["x-github-event"], receivedAt)
            }
        )
    }
}

extension DirectEvent {
    /// The payload of a GitHub push alone, as `evaluate` takes it.
    static let gitHubPush = DirectEvent(
        read: { (delivery, receivedAt) throws(ParsingError) in
            try GitHub.read(delivery, "push", receivedAt)
        }
    )
}

/// What GitHub sends.
enum GitHub {
    /// Reads a delivery by the name of its event.
    fileprivate static func read(
        _ delivery: VerifiedDelivery,
        _ event: String?,
        _ receivedAt: Timestamp
    ) throws(ParsingError) -> ParsedDelivery {
        guard let event else { throw ParsingError("no X-GitHub-Event header") }
        func parsed<Event: ProviderEvent>(
            _ type: Event.Type
        ) throws(ParsingError) -> ParsedDelivery {
            try delivery.parse(type, named: "\(event) event", receivedAt: receivedAt)
        }
        switch event {
        case "push": return try parsed(GitHubPush.self)
        case "pull_request": return try parsed(GitHubPullRequest.self)
        case "merge_group": return try parsed(GitHubMergeGroup.self)
        case "issue_comment": return try parsed(GitHubComment.self)
        case "ping": return try parsed(GitHubPing.self)
        default:
            return .ignored("the event \(event) is not handled")
        }
    }

    /// What to tell a sender that sends GitHub's headers besides its own; `nil` for GitHub itself.
    ///
    /// Forgejo sends Gitea's and Gogs's headers too, Gitea sends those of Gogs.
    fileprivate static func misroutedSender(_ headers: HTTPHeaders) -> String? {
        for (prefix, name) in [("x-forgejo-", "Forgejo"), ("x-gitea-", "Gitea")]
        where headers.hasName(beginningWith: prefix) {
            return "the request is \(name)'s, whose route is POST …/gitea"
        }
        return headers.hasName(beginningWith: "x-gogs-")
            ? "the request is that of Gogs, which is not supported" : nil
    }
}

extension HTTPHeaders {
    /// Whether the name of one begins with a text, without regard to ASCII case.
    func hasName(beginningWith prefix: String) -> Bool {
        fields.contains { field in
            let beginning = field.name.utf8.prefix(prefix.utf8.count)
            return equalsIgnoringASCIICase(String(decoding: beginning, as: UTF8.self), prefix)
        }
    }
}

/// GitHub's events.
enum GitHubEvents {
    /// Those that may start something.
    static let starting = ["push", "pull_request", "merge_group", "issue_comment"]
}

/// What is read of GitHub's `ping` event: how the webhook is set up.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping>
struct GitHubPing: ProviderEvent {
    private var hasHook = false
    private var events: [String] = []
    private var contentType: String?
    private var isActive = true

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            if key == "hook" {
                hasHook = true
                try readHook(&value)
            }
        }
        try reader.end()
    }

    private mutating func readHook(_ hook: inout JSONReader) throws(JSONError) {
        try hook.members { (key, value) throws(JSONError) in
            switch key {
            case "events": events = try value.strings()
            case "config": contentType = try value.string("content_type")
            case "active": isActive = try value.optionalBool() ?? true
            default: break
            }
        }
    }

    /// What is to be said about the webhook, most important first.
    private var warnings: [String] {
        var warnings: [String] = []
        if !isActive {
            warnings.append("it is not active and sends nothing")
        }
        if events.contains("*") {
            let handled = GitHubEvents.starting.alternatives
            warnings.append("it sends every event, and nothing but \(handled) is handled")
        } else {
            if !events.contains("push") {
                warnings.append("it does not send push: add it to the webhook's events")
            }
            let others = events.filter {
                !GitHubEvents.starting.containsText($0) && !isSame($0, "ping")
            }
            if !others.isEmpty {
                warnings.append(
                    "it sends what nothing here handles: \(others.joined(separator: ", "))"
                )
            }
        }
        switch contentType {
        case "json": break
        // A webhook without a content type sends forms.
        case "form", nil: warnings.append("its content type form works, and json is smaller")
        case .some(let other): warnings.append("its content type \(other) is refused: set json")
        }
        return warnings
    }

    func parsed(_: Receipt) throws(ParsingError) -> ParsedDelivery {
        guard hasHook else { throw .lacks("ping event", "hook") }
        let warnings = warnings
        guard !warnings.isEmpty else { return .pong("the webhook is set up") }
        return .pong("the webhook reaches us, but: " + warnings.joined(separator: "; "))
    }
}

/// The signature that GitHub sends with a delivery.
///
/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
enum GitHubSignature {
    /// `X-Hub-Signature-256`: HMAC-SHA256 over the raw body.
    case sha256([UInt8])
    /// `X-Hub-Signature`: HMAC-SHA1 over the raw body.
    case sha1([UInt8])

    /// The signature of a request, or `nil` where it is absent or malformed.
    ///
    /// A malformed SHA-256 signature is wrong, not absent: it does not let SHA-1 in.
    init?(headers: HTTPHeaders, allowingSHA1: Bool) {
        if let header = headers["x-hub-signature-256"] {
            guard let code = Self.code(header, after: "sha256=", length: 32) else { return nil }
            self = .sha256(code)
        } else if allowingSHA1, let header = headers["x-hub-signature"] {
            guard let code = Self.code(header, after: "sha1=", length: 20) else { return nil }
            self = .sha1(code)
        } else {
            return nil
        }
    }

    /// Whether the signature is that of a body with that secret, compared in constant time.
    func isRight(for body: [UInt8], secret: Secret) -> Bool {
        switch self {
        case .sha256(let claimed):
            constantTimeEquals(HMAC.sha256(key: secret.revealed, message: body), claimed)
        case .sha1(let claimed):
            constantTimeEquals(HMAC.sha1(key: secret.revealed, message: body), claimed)
        }
    }

    private static func code(_ header: String, after prefix: String, length: Int) -> [UInt8]? {
        guard header.utf8.starts(with: prefix.utf8) else { return nil }
        let digits = String(decoding: header.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard let code = Hex.decode(digits), code.count == length else { return nil }
        return code
    }
}

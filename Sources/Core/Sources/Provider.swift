internal import Codec
internal import Platform

/// A provider of webhooks: all that `webhook` needs to know of one.
///
/// Each is made in the file of its source, and ``all(allowingSHA1:)`` lists them.
package struct Provider: Sendable {
    /// The last segments of the paths that it posts to, with slashes between them.
    package let routes: [String]
    /// Another segment follows, which proves who sends: the provider cannot sign.
    package var hasTokenInPath = false
    /// The secret that it shares with us.
    let secret: SharedSecret
    /// What a request may not have among its headers; the reason for refusing one that does.
    var misroutedSender: @Sendable (HTTPHeaders) -> String? = { _ in nil }
    /// The id that it gives a delivery, if that is a plain token; the headers are not signed.
    let deliveryID: @Sendable (_ headers: HTTPHeaders, _ body: [UInt8]) -> String?
    /// What the identity of a delivery's starts depends on besides its body.
    var identity: @Sendable (HTTPHeaders) -> String = { _ in "" }
    /// What proves who sent a delivery; `nil` if it is absent or malformed, or too old now.
    let proof: @Sendable (Delivery, _ now: Timestamp) -> Proof?
    /// Whether the times in a body are proved as well.
    var provesTimes = true
    /// Reads a delivery whose sender has been checked.
    let read: Reading

    /// Reads a delivery, which came at that time.
    typealias Reading =
        @Sendable (
            _ delivery: VerifiedDelivery,
            _ receivedAt: Timestamp
        ) throws(ParsingError) -> ParsedDelivery

    /// A secret that a provider shares with us.
    struct SharedSecret: Sendable {
        /// What it is called in messages: `GitHub secret`.
        let name: String
        /// The variable that holds it; with `_ARN` behind it, the one that holds the ARN of a secret
        /// of Secrets Manager.
        let variable: String
        /// Whether the route is there without it too, and responds that none is configured.
        var isMissed = false
        /// Why nobody can prove anything with a value; `nil` if that is possible.
        var flaw: @Sendable (Secret) -> String? = { _ in nil }
    }

    /// What a delivery proves its sender with, not yet compared with any secret.
    struct Proof {
        /// Whether it was made with that secret, compared in constant time.
        let isMade: (_ secret: Secret) -> Bool
    }

    /// All of them.
    ///
    /// - Parameter allowingSHA1: GitHub's SHA-1 signature counts where the SHA-256 one is absent.
    package static func all(allowingSHA1: Bool) -> [Provider] {
        [.gitHub(allowingSHA1: allowingSHA1), .gitea, .gitLab, .dockerHub]
    }
}

extension Provider {
    /// Whether the last segments of a path are those of one of its routes, and the token's if it has
    /// one.
    func isRoute(_ path: [Substring.UTF8View]) -> Bool {
        guard !hasTokenInPath || token(in: path) != nil else { return false }
        let segments = hasTokenInPath ? path.dropLast() : path[...]
        return routes.contains { route in
            let names = route.utf8.split(separator: UInt8(ascii: "/"))
            return segments.count >= names.count
                && zip(segments.suffix(names.count), names).allSatisfy { $0.elementsEqual($1) }
        }
    }

    /// The token that a path ends with; `nil` if it ends with none, or with one that is not encoded
    /// right.
    func token(in path: [Substring.UTF8View]) -> Secret? {
        guard hasTokenInPath, let last = path.last else { return nil }
        return PercentEncoding.decode(Array(last), plusIsSpace: false).map { Secret($0) }
    }
}

/// An event that AWS itself invokes `webhook` with, which IAM has let through.
struct DirectEvent: Sendable {
    /// The `eventSource` of its records, if it has records.
    var recordSource: String?
    /// The `detail-type`s that EventBridge gives it.
    var detailTypes: [String] = []
    /// Reads one.
    let read: Provider.Reading

    /// All of them.
    static let all: [DirectEvent] = [
        .codeCommitTrigger, .codeCommitStateChange, .ecrImageAction,
    ]
}

import Codec
import Platform

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

    /// Whether the signature is that of a body with one of the secrets, tried in their order.
    ///
    /// Each is compared in constant time. An empty secret signs nothing.
    func isRight(for body: [UInt8], secrets: [Secret]) -> Bool {
        for secret in secrets where !secret.revealed.isEmpty {
            let isRight =
                switch self {
                case .sha256(let claimed):
                    constantTimeEquals(HMAC.sha256(key: secret.revealed, message: body), claimed)
                case .sha1(let claimed):
                    constantTimeEquals(HMAC.sha1(key: secret.revealed, message: body), claimed)
                }
            // Nearly always it is the first: the current version. Which one it was is no secret.
            if isRight { return true }
        }
        return false
    }

    private static func code(_ header: String, after prefix: String, length: Int) -> [UInt8]? {
        guard header.utf8.starts(with: prefix.utf8) else { return nil }
        let digits = String(decoding: header.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard let code = Hex.decode(digits), code.count == length else { return nil }
        return code
    }
}

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

    /// Checks the signature; where it is right, the SHA-256 of the body, open to more.
    ///
    /// Every secret is tried whatever the others gave, each in constant time. The body's own
    /// digest comes from the same pass as the first code.
    func verify(_ body: [UInt8], secrets: [Secret]) -> SHA256? {
        var isRight = false
        var digest: SHA256?
        for secret in secrets where !secret.revealed.isEmpty {
            let matches: Bool
            switch self {
            case .sha256(let code) where digest == nil:
                let both = HMAC.sha256AndDigest(key: secret.revealed, message: body)
                digest = both.digest
                matches = constantTimeEquals(both.code, code)
            case .sha256(let code):
                let own = HMAC.sha256(key: secret.revealed, message: body)
                matches = constantTimeEquals(own, code)
            case .sha1(let code):
                let own = HMAC.sha1(key: secret.revealed, message: body)
                matches = constantTimeEquals(own, code)
            }
            isRight = isRight || matches
        }
        return isRight ? digest ?? SHA256(of: body) : nil
    }

    private static func code(_ header: String, after prefix: String, length: Int) -> [UInt8]? {
        guard header.utf8.starts(with: prefix.utf8) else { return nil }
        let digits = String(decoding: header.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard let code = Hex.decode(digits), code.count == length else { return nil }
        return code
    }
}

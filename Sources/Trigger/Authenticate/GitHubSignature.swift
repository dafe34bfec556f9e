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
    /// digest comes from the same reading of it as the codes.
    func verify(_ body: [UInt8], secrets: [Secret]) -> SHA256? {
        let keys = secrets.map { $0.revealed }.filter { !$0.isEmpty }
        let claimed: [UInt8]
        let codes: [[UInt8]]
        var digest: SHA256
        switch self {
        case .sha256(let code):
            claimed = code
            (codes, digest) = HMAC.sha256(keys: keys, message: body)
        case .sha1(let code):
            claimed = code
            codes = keys.map { HMAC.sha1(key: $0, message: body) }
            digest = SHA256()
            digest.update(body)
        }
        var isRight = false
        for code in codes {
            let matches = constantTimeEquals(code, claimed)
            isRight = isRight || matches
        }
        return isRight ? digest : nil
    }

    private static func code(_ header: String, after prefix: String, length: Int) -> [UInt8]? {
        guard header.utf8.starts(with: prefix.utf8) else { return nil }
        let digits = String(decoding: header.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard let code = Hex.decode(digits), code.count == length else { return nil }
        return code
    }
}

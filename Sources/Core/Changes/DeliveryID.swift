import Codec
import Platform

/// How a delivery is named in answers, log lines and records.
enum DeliveryID {
    /// GitHub's own id, where it is a plain token: the header is not signed.
    static func github(headers: HTTPHeaders) -> String? {
        guard let id = headers["x-github-delivery"], isPlainToken(id) else { return nil }
        return id
    }

    /// The hash of the body: 64 lower-case hexadecimal digits.
    static func hash(of body: [UInt8]) -> String {
        Hex.lower(SHA256.hash(body))
    }

    /// Bytes of an id at the most.
    static let longest = 64

    /// Whether a text is 1 to 64 ASCII letters, digits and hyphens, as a GUID is.
    static func isPlainToken(_ text: String) -> Bool {
        (1...longest).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default:
                    false
                }
            }
    }
}

internal import Codec

/// An `http` or `https` URL in the two parts of a request: the origin may be shown, the path may
/// be a secret.
package struct HTTPURL: Equatable, Sendable {
    /// Scheme and authority, the scheme in lower case: `https://api.example.com:6443`.
    package let origin: String
    /// The path, and a query if there is one, as they are sent: `` or `/bucket?list-type=2`.
    package let path: String

    /// Why a text is not such a URL.
    package enum Defect: Error {
        case character, scheme, userName, authority
    }

    package init(origin: String, path: String) {
        self.origin = origin
        self.path = path
    }

    package init(_ text: String) throws(Defect) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .character }
        let bytes = Array(text.utf8)
        let scheme = ["http://", "https://"].first {
            equalsIgnoringASCIICase(
                String(decoding: bytes.prefix($0.utf8.count), as: UTF8.self),
                $0
            )
        }
        guard let scheme else { throw .scheme }
        let rest = bytes.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        guard !authority.contains(UInt8(ascii: "@")) else { throw .userName }
        guard Self.isHostAndPort(authority) else { throw .authority }
        origin = scheme + String(decoding: authority, as: UTF8.self)
        path = String(decoding: rest[authority.endIndex...], as: UTF8.self)
    }

    /// The URL without slashes at the end of its path.
    package var withoutFinalSlashes: HTTPURL {
        var path = Array(path.utf8)
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        return HTTPURL(origin: origin, path: String(decoding: path, as: UTF8.self))
    }

    package var isHTTPS: Bool { origin.utf8.starts(with: "https://".utf8) }

    /// The `Host` header that goes with the origin: no port if it is the scheme's own.
    package var hostHeader: String {
        let ownPort = Array((isHTTPS ? ":443" : ":80").utf8)
        let host =
            authority.suffix(ownPort.count).elementsEqual(ownPort)
            ? authority.dropLast(ownPort.count) : authority
        return String(decoding: host, as: UTF8.self)
    }

    package var host: String { hostAndPort.host }

    /// The port that is written in the URL.
    package var port: Int? { hostAndPort.port }

    private var authority: Substring.UTF8View {
        origin.utf8.dropFirst(isHTTPS ? "https://".utf8.count : "http://".utf8.count)
    }

    private var hostAndPort: (host: String, port: Int?) {
        // Within its brackets an IPv6 address has colons too.
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            let port = Int(String(decoding: authority[colon...].dropFirst(), as: UTF8.self))
        else { return (String(decoding: authority, as: UTF8.self), nil) }
        return (String(decoding: authority[..<colon], as: UTF8.self), port)
    }

    /// Whether a text is `host`, `host:port` or either with a bracketed IPv6 address.
    private static func isHostAndPort(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[(text.startIndex + 1)..<end]
            guard address.count >= 2,
                address.allSatisfy({ Hex.value(of: $0) != nil || ":.".utf8.contains($0) })
            else { return false }
            rest = text[(end + 1)...]
        } else {
            rest = text.drop { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
            guard rest.startIndex > text.startIndex else { return false }
        }
        guard let colon = rest.first else { return true }
        let digits = rest.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ $0.isASCIIDigit })
        else { return false }
        let port = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return port >= 1 && port <= 65535
    }
}

/// An `https` URL without user name, query and fragment: a secret may be sent there.
package struct HTTPSURL: Equatable, Sendable {
    private let url: HTTPURL

    /// Scheme and authority: `https://api.example.com:6443`.
    package var origin: String { url.origin }
    /// The path as it is sent, without a slash at its end: `` or `/k8s/clusters/c-1`.
    package var path: String { url.path }

    package init?(_ text: String) {
        guard !text.utf8.contains(where: { "?#\\\"<>^`{|}".utf8.contains($0) }),
            let url = try? HTTPURL(text), url.isHTTPS
        else { return nil }
        self.url = url.withoutFinalSlashes
    }

    /// Whether both have the same host, in either case, and the same port, 443 if none is written
    /// (RFC 9110, section 4.2.2).
    package func hasSameOrigin(as other: HTTPSURL) -> Bool {
        url.port ?? 443 == other.url.port ?? 443
            && equalsIgnoringASCIICase(url.host, other.url.host)
    }

    /// Host and port in one spelling for each server: `api.example.com:443`.
    package var server: String { "\(url.host.asciiLowercased):\(url.port ?? 443)" }
}

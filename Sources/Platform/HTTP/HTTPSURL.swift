/// An `https` URL in the two parts of a request: the origin may be shown, the path may be a secret.
package struct HTTPSURL: Equatable, Sendable {
    /// Scheme and authority: `https://api.example.com:6443`.
    package let origin: String
    /// The path as it goes on the wire, without a slash at its end: `` or `/k8s/clusters/c-1`.
    package let path: String

    /// Reads a URL without user name, query and fragment; `nil` where it is not one.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let scheme = Array("https://".utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"?#\\\"<>^`{|}".utf8.contains($0) }),
            equalsIgnoringASCIICase(
                String(decoding: bytes.prefix(scheme.count), as: UTF8.self),
                "https://"
            )
        else { return nil }
        let rest = bytes[scheme.count...]
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        guard URLAuthority.isValid(authority) else { return nil }
        var path = rest[authority.endIndex...]
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        origin = "https://" + String(decoding: authority, as: UTF8.self)
        self.path = String(decoding: path, as: UTF8.self)
    }

    /// Whether both have the same host, in whatever case, and the same port, 443 where none is
    /// written (RFC 9110, section 4.2.2).
    package func hasSameOrigin(as other: HTTPSURL) -> Bool {
        let (host, port) = hostAndPort
        let (otherHost, otherPort) = other.hostAndPort
        return port == otherPort && equalsIgnoringASCIICase(host, otherHost)
    }

    /// Host and port as they are told apart, of whatever spelling: `api.example.com:443`.
    package var server: String {
        let (host, port) = hostAndPort
        let lowered = host.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return "\(String(decoding: lowered, as: UTF8.self)):\(port)"
    }

    private var hostAndPort: (host: String, port: Int) {
        let authority = origin.utf8.dropFirst("https://".utf8.count)
        // Within its brackets an IPv6 address has colons too.
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            let port = Int(String(decoding: authority[colon...].dropFirst(), as: UTF8.self))
        else { return (String(decoding: authority, as: UTF8.self), 443) }
        return (String(decoding: authority[..<colon], as: UTF8.self), port)
    }
}

/// A URL's host and port.
package enum URLAuthority {
    /// Whether a text is `host`, `host:port` or either with a bracketed IPv6 address.
    package static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[(text.startIndex + 1)..<end]
            guard address.count >= 2, address.allSatisfy(isAddressByte) else { return false }
            rest = text[(end + 1)...]
        } else {
            rest = text.drop { isHostByte($0) }
            guard rest.startIndex > text.startIndex else { return false }
        }
        guard let colon = rest.first else { return true }
        let digits = rest.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= 5 else { return false }
        guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return false
        }
        let port = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return port >= 1 && port <= 65535
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_")
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: ":"))
            || byte == UInt8(ascii: ".")
    }
}

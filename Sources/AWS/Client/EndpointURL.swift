internal import Codec

extension Endpoints {
    /// Reads an endpoint's URL: `http` or `https`, a host, a port, a path.
    static func endpoint(
        parsing text: String,
        of variable: String
    ) throws(ConfigurationError) -> Endpoint {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ConfigurationError(variable, "has a character that no URL has")
        }
        guard let scheme = ["http://", "https://"].first(where: { hasPrefix(bytes, $0) }) else {
            throw ConfigurationError(variable, "does not begin with http:// or https://")
        }
        let rest = bytes.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        guard !rest.contains(UInt8(ascii: "?")), !rest.contains(UInt8(ascii: "#")) else {
            throw ConfigurationError(variable, "has a query or a fragment")
        }
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw ConfigurationError(variable, "has a user name")
        }
        guard isAuthority(authority) else {
            throw ConfigurationError(variable, "has no valid host and port")
        }
        var path = rest[authority.endIndex...]
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        return Endpoint(
            origin: scheme + String(decoding: authority, as: UTF8.self),
            pathPrefix: String(decoding: path, as: UTF8.self)
        )
    }

    /// A bucket as a segment of a path; empty where there is none.
    static func pathSegment(_ bucket: String?) -> String {
        guard let bucket else { return "" }
        return "/" + PercentEncoding.encode(bucket, keepingSlash: false)
    }

    /// Whether a text begins with a scheme, in whichever case.
    private static func hasPrefix(_ bytes: [UInt8], _ scheme: String) -> Bool {
        bytes.count >= scheme.utf8.count
            && zip(bytes, scheme.utf8).allSatisfy { byte, wanted in
                byte == wanted || (byte | 0x20 == wanted && wanted >= UInt8(ascii: "a"))
            }
    }

    /// Whether a text is `host`, `host:port` or either with a bracketed IPv6 address.
    private static func isAuthority(_ text: ArraySlice<UInt8>) -> Bool {
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

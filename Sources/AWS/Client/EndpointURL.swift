internal import Codec
internal import Platform

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
        guard URLAuthority.isValid(authority) else {
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
    static func hasPrefix(_ bytes: [UInt8], _ scheme: String) -> Bool {
        bytes.count >= scheme.utf8.count
            && zip(bytes, scheme.utf8).allSatisfy { byte, wanted in
                byte == wanted || (byte | 0x20 == wanted && wanted >= UInt8(ascii: "a"))
            }
    }
}

internal import Platform

/// Where CloudFormation wants the answer to a request: a presigned URL, so a secret.
package struct ResponseURL: Equatable, Sendable, CustomStringConvertible {
    /// Scheme and authority.
    let origin: String
    /// Path and query as they go on the wire; whoever knows them can answer.
    let target: String

    /// Reads a URL; throws what is wrong with it, never the URL.
    ///
    /// CloudFormation sends URLs of S3. The caller of the function chooses the URL: with any other
    /// host allowed, a caller could make it send a request inside its own network.
    ///
    /// - Parameter allowingAnyHost: Take `http` and other hosts than AWS's: of local stand-ins.
    package init(_ text: String, allowingAnyHost: Bool) throws(CustomResourceError) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw CustomResourceError("ResponseURL: has a character that no URL has")
        }
        guard let scheme = ["http://", "https://"].first(where: { Endpoints.hasPrefix(bytes, $0) })
        else {
            throw CustomResourceError("ResponseURL: does not begin with http:// or https://")
        }
        let rest = bytes.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard URLAuthority.isValid(authority) else {
            throw CustomResourceError("ResponseURL: has no valid host and port")
        }
        guard allowingAnyHost || (scheme == "https://" && Self.isAWS(authority)) else {
            throw CustomResourceError(
                "ResponseURL: expected https:// and a host of AWS's, such as those below "
                    + "amazonaws.com"
            )
        }
        let target = String(decoding: rest[authority.endIndex...], as: UTF8.self)
        origin = scheme + String(decoding: authority, as: UTF8.self)
        self.target = target.utf8.first == UInt8(ascii: "/") ? target : "/" + target
    }

    /// Whether a host is below one of AWS's domains; the port may only be that of https.
    private static func isAWS(_ authority: ArraySlice<UInt8>) -> Bool {
        let host =
            authority.suffix(4).elementsEqual(":443".utf8) ? authority.dropLast(4) : authority
        let name = String(decoding: host, as: UTF8.self)
        return Partition.dnsSuffixes.contains { suffix in
            let end = String(decoding: host.suffix(suffix.utf8.count + 1), as: UTF8.self)
            return name.utf8.count > end.utf8.count && equalsIgnoringASCIICase(end, "." + suffix)
        }
    }

    /// `***`.
    package var description: String { "***" }
}

/// Why an event is no request of CloudFormation's that could be answered.
package struct CustomResourceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with it; never the response URL.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

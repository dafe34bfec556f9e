internal import Codec
internal import Platform

/// Where CloudFormation wants the answer to a request: a presigned URL, so a secret.
package struct ResponseURL: Equatable, Sendable, CustomStringConvertible {
    /// Scheme and authority.
    let origin: String
    /// Path and query as they go on the wire; anybody who knows them can respond.
    let target: String

    /// Reads a URL; throws what is wrong with it, never the URL.
    ///
    /// CloudFormation sends URLs of S3. The caller of the function chooses the URL: with any other
    /// host allowed, a caller could make it send a request inside its own network.
    ///
    /// - Parameter allowingAnyHost: Take `http` and other hosts than AWS's: of local stand-ins.
    package init(_ text: String, allowingAnyHost: Bool) throws(CustomResourceError) {
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw CustomResourceError("ResponseURL: has a character that no URL has")
        }
        let url = try mapError(try HTTPURL(text)) { (defect: HTTPURL.Defect) in
            let reason =
                switch defect {
                case .character: "has a character that no URL has"
                case .scheme: "does not begin with http:// or https://"
                case .userName, .authority: "has no valid host and port"
                }
            return CustomResourceError("ResponseURL: " + reason)
        }
        guard allowingAnyHost || (url.isHTTPS && Self.isAWS(url.hostHeader)) else {
            throw CustomResourceError(
                "ResponseURL: expected https:// and a host of AWS's, such as those below "
                    + "amazonaws.com"
            )
        }
        origin = url.origin
        target = url.path.utf8.first == UInt8(ascii: "/") ? url.path : "/" + url.path
    }

    /// Whether a host is below one of AWS's domains; the port may only be that of https.
    private static func isAWS(_ host: String) -> Bool {
        Partition.dnsSuffixes.contains { suffix in
            let end = String(decoding: host.utf8.suffix(suffix.utf8.count + 1), as: UTF8.self)
            return host.utf8.count > end.utf8.count && equalsIgnoringASCIICase(end, "." + suffix)
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

internal import Codec
package import Platform

/// Where a service of a region is reached.
package struct Endpoints: Equatable, Sendable {
    /// An origin and what stands before every path there.
    package struct Endpoint: Equatable, Sendable {
        /// Scheme and authority: `https://s3.eu-west-1.amazonaws.com`.
        package var origin: String
        /// The path's start, percent-encoded, without a final slash: `` or `/bucket`.
        package var pathPrefix: String

        /// The `Host` header that goes with the origin: no port where it is the scheme's own.
        package var host: String {
            let isPlain = origin.utf8.starts(with: "http://".utf8)
            let authority = origin.utf8.dropFirst(isPlain ? 7 : 8)
            let ownPort = Array((isPlain ? ":80" : ":443").utf8)
            let host =
                authority.suffix(ownPort.count).elementsEqual(ownPort)
                ? authority.dropLast(ownPort.count) : authority
            return String(decoding: host, as: UTF8.self)
        }
    }

    private struct Override: Equatable, Sendable {
        var service: AWSService
        var endpoint: Endpoint
    }

    private var overrides: [Override] = []

    /// AWS's own endpoints.
    package init() {}

    /// AWS's own endpoints, but for `AWS_ENDPOINT_URL_<SERVICE>` and, after it, `AWS_ENDPOINT_URL`.
    ///
    /// Such a URL may have a path; it stands before the path of every request. Throws an error
    /// that names the variable which is not such a URL.
    package init(environment: Environment) throws(ConfigurationError) {
        for service in AWSService.allCases {
            let own = "AWS_ENDPOINT_URL_" + service.environmentName
            for variable in [own, "AWS_ENDPOINT_URL"] {
                guard let text = environment[variable] else { continue }
                let endpoint = try Self.endpoint(parsing: text, of: variable)
                overrides.append(Override(service: service, endpoint: endpoint))
                break
            }
        }
    }

    /// The endpoint of a service; `nil` where the region is no region's name.
    ///
    /// An S3 bucket becomes part of the host name, but of the path where the endpoint is overridden
    /// or the bucket's name is not one label of a host name
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
    package func endpoint(
        of service: AWSService,
        region: String,
        bucket: String? = nil
    ) -> Endpoint? {
        guard Partition.isRegion(region) else { return nil }
        for override in overrides where override.service == service {
            return Endpoint(
                origin: override.endpoint.origin,
                pathPrefix: override.endpoint.pathPrefix + Self.pathSegment(bucket)
            )
        }
        let host = "\(service.name).\(region).\(Partition.dnsSuffix(ofRegion: region))"
        if let bucket, Partition.isHostLabel(bucket) {
            return Endpoint(origin: "https://\(bucket).\(host)", pathPrefix: "")
        }
        return Endpoint(origin: "https://\(host)", pathPrefix: Self.pathSegment(bucket))
    }
}

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

/// What the region's name says about where AWS's endpoints are.
enum Partition {
    /// The end of every endpoint's host name, as the SDKs' `partitions.json` has it.
    static func dnsSuffix(ofRegion region: String) -> String {
        for partition in all where region.utf8.starts(with: partition.regionPrefix.utf8) {
            return partition.dnsSuffix
        }
        return commonDNSSuffix
    }

    /// The ends of the host names of all partitions.
    static var dnsSuffixes: [String] { [commonDNSSuffix] + all.map { $0.dnsSuffix } }

    /// Whether a text can be a region's name; what cannot must not become part of a host.
    static func isRegion(_ text: String) -> Bool {
        isHostLabel(text)
    }

    /// Whether a text is one lower-case label of a host name (RFC 1123, section 2.1).
    static func isHostLabel(_ text: String) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 63 else { return false }
        guard bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
            return false
        }
        return bytes.allSatisfy { byte in
            (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || byte == UInt8(ascii: "-")
        }
    }

    private static var commonDNSSuffix: String { "amazonaws.com" }

    /// The partitions other than `aws` and `aws-us-gov`, which share one suffix.
    private static var all: [(regionPrefix: String, dnsSuffix: String)] {
        [
            ("cn-", "amazonaws.com.cn"),
            ("eusc-", "amazonaws.eu"),
            ("us-iso-", "c2s.ic.gov"),
            ("us-isob-", "sc2s.sgov.gov"),
            ("eu-isoe-", "cloud.adc-e.uk"),
            ("us-isof-", "csp.hci.ic.gov"),
        ]
    }
}

internal import Codec
package import Platform

/// Where a service of a region is reached.
package struct Endpoints: Equatable, Sendable {
    private struct Override: Equatable, Sendable {
        var service: AWSService
        var endpoint: HTTPURL
    }

    private var overrides: [Override] = []

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

    /// The endpoint of a service; `nil` if the region is no region's name.
    ///
    /// An S3 bucket becomes part of the host name, but of the path where the endpoint is overridden
    /// or the bucket's name is not one label of a host name
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
    package func endpoint(
        of service: AWSService,
        region: String,
        bucket: String? = nil
    ) -> HTTPURL? {
        guard Partition.isRegion(region) else { return nil }
        for override in overrides where override.service == service {
            return HTTPURL(
                origin: override.endpoint.origin,
                path: override.endpoint.path + Self.pathSegment(bucket)
            )
        }
        let host = "\(service.name).\(region).\(Partition.dnsSuffix(ofRegion: region))"
        if let bucket, Partition.isHostLabel(bucket) {
            return HTTPURL(origin: "https://\(bucket).\(host)", path: "")
        }
        return HTTPURL(origin: "https://\(host)", path: Self.pathSegment(bucket))
    }
}

extension Endpoints {
    /// Reads an endpoint's URL: `http` or `https`, a host, a port, a path.
    private static func endpoint(
        parsing text: String,
        of variable: String
    ) throws(ConfigurationError) -> HTTPURL {
        let url = try mapError(try HTTPURL(text)) { (defect: HTTPURL.Defect) in
            let reason =
                switch defect {
                case .character: "has a character that no URL has"
                case .scheme: "does not begin with http:// or https://"
                case .userName: "has a user name"
                case .authority: "has no valid host and port"
                }
            return ConfigurationError(variable, reason)
        }
        guard !url.path.utf8.contains(where: { "?#".utf8.contains($0) }) else {
            throw ConfigurationError(variable, "has a query or a fragment")
        }
        return url.withoutFinalSlashes
    }

    /// A bucket as a segment of a path; empty if there is none.
    private static func pathSegment(_ bucket: String?) -> String {
        guard let bucket else { return "" }
        return "/" + PercentEncoding.encode(bucket)
    }
}

/// What the region's name says about where AWS's endpoints are.
package enum Partition {
    /// The end of every endpoint's host name, as the SDKs' `partitions.json` has it.
    package static func dnsSuffix(ofRegion region: String) -> String {
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
            byte.isASCIILetterOrDigit && !byte.isASCIIUppercase || byte == UInt8(ascii: "-")
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

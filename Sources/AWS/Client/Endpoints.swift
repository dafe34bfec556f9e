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

package import AWS
internal import Codec
package import Platform

/// Kubernetes clusters of Amazon's: calls as values, and what their responses mean
/// (https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html).
package enum EKS {
    /// Where a cluster's API server is.
    package struct Cluster: Equatable, Sendable {
        var endpoint: HTTPSURL
        /// The certificates to trust there, as PEM text: they are of no public authority.
        var certificates: [UInt8]
    }

    static func describeCluster(_ name: String) -> AWSCall {
        AWSCall(
            .eks,
            "DescribeCluster",
            of: name,
            method: "GET",
            path: "/clusters/\(PercentEncoding.encode(name))"
        )
    }

    /// Reads the response to `describeCluster`; a cluster that is not yet or no longer active has no
    /// API server.
    package static func cluster(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> Cluster {
        let cluster = (try? JSON(parsing: response.body))?["cluster"]
        guard let endpoint = cluster?["endpoint"]?.string.flatMap(HTTPSURL.init),
            let data = cluster?["certificateAuthority"]?["data"]?.string,
            let certificates = Base64.decode(Array(data.utf8))
        else {
            let status = cluster?["status"]?.string.map { ", which is \($0)" } ?? ""
            throw .unreadable(
                call,
                response,
                "the answer has no endpoint and certificateAuthority of the cluster\(status)"
            )
        }
        return Cluster(endpoint: endpoint, certificates: certificates)
    }

    /// How long a token is good for, counted from its making, in milliseconds: 15 minutes, of
    /// which its makers use 14 (kubernetes-sigs/aws-iam-authenticator, pkg/token).
    static let tokenLifetime = 840_000

    /// The call whose presigned URL is a token: whom STS says that it comes from is who asks.
    ///
    /// The header says which cluster it is good for, and is signed.
    static func identityCall(cluster: String) -> AWSCall {
        AWSCall(
            .sts,
            "GetCallerIdentity",
            of: cluster,
            method: "GET",
            query: [
                NamedValue("Action", "GetCallerIdentity"), NamedValue("Version", "2011-06-15"),
            ],
            headers: ["x-k8s-aws-id": cluster]
        )
    }

    /// The seconds for which the URL says it is good: the server goes by its date instead.
    static let tokenExpiry = 60

    /// The token that a presigned URL is.
    static func token(_ url: String) -> Secret {
        Secret("k8s-aws-v1." + Base64.encodeURLSafe(Array(url.utf8)))
    }
}

package import AWS
internal import Codec
package import Platform

/// The tokens by which EKS clusters know who asks, made once and kept while they are good.
package final class EKSTokens {
    private struct Kept {
        var cluster: String
        var region: String
        /// The key that signed it; `nil` for the client's own.
        var accessKeyID: String?
        var token: Secret
        var expires: Timestamp
    }

    private let client: AWSClient
    private let clock: WallClock
    private var kept: [Kept] = []

    /// Makes a keeper whose tokens a client signs.
    package init(client: AWSClient, clock: WallClock) {
        self.client = client
        self.clock = clock
    }

    /// The token for a cluster; nothing is sent for it.
    ///
    /// It ends with the credentials too, so one is never used with others than it was made with.
    ///
    /// - Parameters:
    ///   - credentials: an assumed role's; `nil` for the client's own.
    ///   - region: the cluster's; `nil` for the client's own.
    package func token(
        for cluster: String,
        credentials: Credentials?,
        region: String?
    ) throws(CallError) -> Secret {
        let now = clock.now()
        let region = region ?? client.region
        kept.removeAll { $0.expires <= now }
        for entry in kept
        where entry.cluster == cluster && entry.region == region
            && entry.accessKeyID == credentials?.accessKeyID
        {
            return entry.token
        }
        let call = EKS.identityCall(cluster: cluster)
            .using(credentials: credentials, region: region)
        let url = try client.presignedURL(of: call, expiresAfter: EKS.tokenExpiry)
        let token = EKS.token(url)
        kept.append(
            Kept(
                cluster: cluster,
                region: region,
                accessKeyID: credentials?.accessKeyID,
                token: token,
                expires: now.adding(milliseconds: EKS.tokenLifetime)
            )
        )
        return token
    }
}

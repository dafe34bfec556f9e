internal import AWS
internal import Codec
internal import Platform

/// Performs starts at the services that they are meant for.
struct TargetStarter {
    private let client: AWSClient
    private let apis: APIClient
    private let roles: AssumedRoles
    private let secrets: SecretCache
    private let tokens: EKSTokens
    private let clock: WallClock

    init(services: Services) {
        self.client = services.client
        self.apis = services.apis
        self.roles = AssumedRoles(client: services.client, clock: services.clock)
        self.secrets = SecretCache(clock: services.clock)
        self.tokens = EKSTokens(client: services.client, clock: services.clock)
        self.clock = services.clock
    }

    /// Starts that will be under way side by side until a deadline; none yet.
    func startsUnderWay(until deadline: Deadline) -> StartsUnderWay {
        StartsUnderWay(self, calls: apis.callsUnderWay(), deadline: deadline)
    }

    /// What a start begins with.
    ///
    /// - Parameter isProtected: the service still knows the client token of an earlier request.
    func firstStep(of start: Start, isProtected: Bool) -> StartStep {
        start.firstStep(secrets, at: clock.now(), isProtected: isProtected)
    }

    /// Sends calls in parallel, each as its role: one answer each, in their order.
    func send(
        _ requests: [StartStep.AWSRequest],
        deadline: Deadline
    ) -> [Result<HTTPResponse, CallError>] {
        let named = requests.compactMap { $0.access.role }
        var assumed = roles.credentials(of: named, deadline: deadline)[...]
        let calls = requests.map { request -> Result<AWSCall, CallError> in
            let region = request.access.region
            guard request.access.role != nil else {
                return .success(request.call.using(credentials: nil, region: region))
            }
            return assumed.removeFirst().mapError { $0.havingDoneNothing }.map { credentials in
                request.call.using(credentials: credentials, region: region)
            }
        }
        // Of calls that read the same the first is sent.
        let firsts = requests.indices.map { index in
            requests[..<index].firstIndex { $0.reads(the: requests[index]) } ?? index
        }
        let sent = requests.indices.filter { firsts[$0] == $0 }
        var answers = client.send(sent.compactMap { try? calls[$0].get() }, deadline: deadline)[...]
        var results: [Result<HTTPResponse, CallError>] = []
        for (index, first) in firsts.enumerated() {
            results.append(
                first == index
                    ? calls[index].flatMap { _ in answers.removeFirst() } : results[first]
            )
        }
        return results
    }

    /// Makes the token by which an EKS cluster knows who asks.
    func token(
        for request: StartStep.TokenRequest,
        deadline: Deadline
    ) -> Result<Secret, CallError> {
        let access = request.access
        do throws(CallError) {
            let role = access.role.map { role in
                roles.credentials(of: [role], deadline: deadline)
            }
            return .success(
                try tokens.token(
                    for: request.cluster,
                    credentials: try role?.first?.get(),
                    region: access.region
                )
            )
        } catch {
            return .failure(error)
        }
    }
}

extension StartStep.AWSRequest {
    /// Whether both read and read the same.
    fileprivate func reads(the other: Self) -> Bool {
        onlyReads && other.onlyReads && access == other.access
            && call.service == other.call.service && call.method == other.call.method
            && call.path == other.call.path && call.query == other.call.query
            && call.body == other.call.body && call.headers == other.call.headers
    }
}

/// The tokens by which EKS clusters know who asks, made once and kept while they are good.
final class EKSTokens {
    private struct Key: Equatable {
        var cluster: String
        var region: String
        /// The key that signed it; `nil` for the client's own.
        var accessKeyID: String?
    }

    private let client: AWSClient
    private let clock: WallClock
    private var kept = ExpiringCache<Key, Secret>()

    /// Makes a keeper whose tokens a client signs.
    init(client: AWSClient, clock: WallClock) {
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
    func token(
        for cluster: String,
        credentials: Credentials?,
        region: String?
    ) throws(CallError) -> Secret {
        let now = clock.now()
        let region = region ?? client.region
        let key = Key(cluster: cluster, region: region, accessKeyID: credentials?.accessKeyID)
        if let token = kept.value(of: key, at: now) { return token }
        let call = EKS.identityCall(cluster: cluster)
            .using(credentials: credentials, region: region)
        let url = try client.presignedURL(of: call, expiresAfter: EKS.tokenExpiry)
        let token = EKS.token(url)
        kept.insert(token, for: key, until: now.adding(milliseconds: EKS.tokenLifetime))
        return token
    }
}

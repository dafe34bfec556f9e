internal import AWS
internal import Codec
internal import Platform

/// The secrets that targets need, read once and used for a while.
final class SecretCache {
    private let clock: WallClock
    private var cache = ExpiringCache<Key, Secret>()

    private struct Key: Equatable {
        var arn: [UInt8]
        var role: AssumedRoles.Role?

        init(_ arn: String, _ role: AssumedRoles.Role?) {
            self.arn = Array(arn.utf8)
            self.role = role
        }
    }

    /// How long a secret is used before it is read again, in milliseconds: 5 minutes.
    static let lifetime = 300_000

    init(clock: WallClock) {
        self.clock = clock
    }

    /// Reads a secret's current version and goes on with what a rule about a repository may send of
    /// it, and with whether it was cached: then the secret may have been replaced since, and
    /// `remove` makes the next read a fresh one.
    ///
    /// The secret is checked for every rule that uses it. If a cached version refuses, the secret is
    /// read again first: it may name another server by now.
    func read(
        _ arn: String,
        for use: TargetSecret.Use,
        of repository: String,
        asRole role: AssumedRoles.Role? = nil,
        then: @escaping (_ value: Secret, _ wasCached: Bool) -> StartStep
    ) -> StartStep {
        read(arn, asRole: role) { [self] (secret, wasCached) in
            do throws(TargetSecret.Refusal) {
                let value = try TargetSecret(secret, arn: arn).value(for: use, of: repository)
                return then(value, wasCached)
            } catch {
                guard wasCached else { return .ended(.refused(error.description)) }
                remove(arn, asRole: role)
                return read(arn, for: use, of: repository, asRole: role, then: then)
            }
        }
    }

    private func read(
        _ arn: String,
        asRole role: AssumedRoles.Role?,
        then: @escaping (_ secret: Secret, _ wasCached: Bool) -> StartStep
    ) -> StartStep {
        if let secret = secret(arn, asRole: role) { return then(secret, true) }
        let call = Self.call(arn)
        let access = AWSAccess(role: role, region: call.region)
        return .read(call, access) { [self] (response) throws(CallError) in
            then(try insert(arn, asRole: role, of: call, response), false)
        }
    }

    /// Reads a secret's current version, in the region that its ARN names.
    static func call(_ arn: String) -> AWSCall {
        SecretsManager.getSecretValue(id: arn, stage: "AWSCURRENT")
            .using(credentials: nil, region: ARN(arn)?.region)
    }

    /// A secret that is cached and not too old.
    func secret(_ arn: String, asRole role: AssumedRoles.Role?) -> Secret? {
        cache.value(of: Key(arn, role), at: clock.now())
    }

    func insert(
        _ arn: String,
        asRole role: AssumedRoles.Role?,
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> Secret {
        let secret = try SecretsManager.value(of: call, response)
        let end = clock.now().adding(milliseconds: Self.lifetime)
        cache.insert(secret, for: Key(arn, role), until: end)
        return secret
    }

    func remove(_ arn: String, asRole role: AssumedRoles.Role?) {
        cache.remove(Key(arn, role))
    }
}

internal import AWS
internal import Codec
internal import Platform

/// The secrets that targets are reached with, read once and kept for a while.
final class KeptSecrets {
    private let clock: WallClock
    private var kept = ExpiringCache<Key, Secret>()

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

    /// Goes on with what a rule about a repository may send of a secret's current version, and with
    /// whether that was read before now: then it may have been replaced since, and `forget` makes
    /// the next reading a fresh one.
    ///
    /// The secret is checked for every rule that uses it. If a kept version refuses, the secret is
    /// read again first: it may name another server by now.
    func reading(
        _ arn: String,
        for use: TargetSecret.Use,
        of repository: String,
        asRole role: AssumedRoles.Role? = nil,
        then: @escaping (_ value: Secret, _ wasKept: Bool) -> StartStep
    ) -> StartStep {
        reading(arn, asRole: role) { [self] (secret, wasKept) in
            do throws(TargetSecret.Refusal) {
                let value = try TargetSecret(secret, arn: arn).value(for: use, of: repository)
                return then(value, wasKept)
            } catch {
                guard wasKept else { return .ended(.refused(error.description)) }
                forget(arn, asRole: role)
                return reading(arn, for: use, of: repository, asRole: role, then: then)
            }
        }
    }

    /// Goes on with a secret's current version, read in the region that its ARN names.
    private func reading(
        _ arn: String,
        asRole role: AssumedRoles.Role?,
        then: @escaping (_ secret: Secret, _ wasKept: Bool) -> StartStep
    ) -> StartStep {
        if let secret = secret(arn, asRole: role) { return then(secret, true) }
        let call = SecretsManager.getSecretValue(id: arn, stage: "AWSCURRENT")
        let access = AWSAccess(role: role, region: ARN(arn)?.region)
        return .read(call, access) { [self] (response) throws(CallError) in
            then(try keep(arn, asRole: role, of: call, response), false)
        }
    }

    /// A secret that is kept and not too old.
    func secret(_ arn: String, asRole role: AssumedRoles.Role?) -> Secret? {
        kept.value(of: Key(arn, role), at: clock.now())
    }

    func keep(
        _ arn: String,
        asRole role: AssumedRoles.Role?,
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> Secret {
        let secret = try SecretsManager.value(of: call, response)
        let end = clock.now().adding(milliseconds: Self.lifetime)
        kept.insert(secret, for: Key(arn, role), until: end)
        return secret
    }

    /// Makes the next reading of a secret a fresh one.
    func forget(_ arn: String, asRole role: AssumedRoles.Role?) {
        kept.remove(Key(arn, role))
    }
}

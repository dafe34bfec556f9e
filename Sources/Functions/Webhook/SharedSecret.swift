internal import AWS
internal import Codec
internal import Platform
internal import Trigger

/// A secret that a provider shares with us, in its current and its previous version,
/// so that rotating it refuses no delivery.
final class SharedSecret {
    private let source: Source
    private let name: String
    private let services: Services
    private var kept: [Secret] = []
    private var readAt = Timestamp(milliseconds: 0)
    private var triedAt = Timestamp(milliseconds: 0)

    /// Where the secret comes from.
    enum Source: Equatable {
        /// Nobody has configured one.
        case none
        /// The value itself stands in the environment.
        case literal(Secret)
        /// A secret of Secrets Manager, by name or ARN.
        case secretsManager(id: String)

        /// The ARN goes first: a literal may be a remnant of before.
        init(arn: String?, literal: String?) {
            if let arn {
                self = .secretsManager(id: arn)
            } else if let literal {
                self = .literal(Secret(literal))
            } else {
                self = .none
            }
        }
    }

    /// How long versions are used before they are read again: 5 minutes.
    static let lifetime = 300_000
    /// How long nothing makes them be read once more: forged deliveries come in floods.
    static let reloadInterval = 30_000

    /// - Parameter name: what it is, for messages: `GitHub secret`.
    init(_ name: String, _ source: Source, services: Services) {
        self.name = name
        self.source = source
        self.services = services
    }

    /// Whether there is one at all.
    var isConfigured: Bool { source != .none }

    /// Checks a delivery; `nil` where its signature or token is absent or wrong.
    ///
    /// One that no kept version has made may be of a version that is newer: they are
    /// read once more, unless that was done a moment ago.
    func verify(
        _ delivery: Delivery,
        allowingSHA1: Bool,
        deadline: Deadline
    ) throws(Unavailable) -> VerifiedDelivery? {
        switch source {
        case .none:
            throw Unavailable("no \(name) is configured")
        case .literal(let secret):
            return delivery.verified(by: [secret], allowingSHA1: allowingSHA1)
        case .secretsManager(let id):
            let now = services.clock.now()
            let verified =
                kept.isEmpty ? nil : delivery.verified(by: kept, allowingSHA1: allowingSHA1)
            let isFresh = now < readAt.adding(milliseconds: Self.lifetime)
            let wasTried = now < triedAt.adding(milliseconds: Self.reloadInterval)
            if isFresh, verified != nil || wasTried { return verified }
            if let verified, wasTried { return verified }
            // Only a mismatch counts against the interval, and a store that is away.
            if isFresh { triedAt = now }
            do throws(Unavailable) {
                kept = try read(id, deadline: deadline)
                readAt = now
            } catch {
                triedAt = now
                // What a kept version has signed is signed, also while the store is away.
                if let verified { return verified }
                throw error
            }
            return delivery.verified(by: kept, allowingSHA1: allowingSHA1)
        }
    }

    /// Both versions in one round trip; there need not be a previous one.
    private func read(_ id: String, deadline: Deadline) throws(Unavailable) -> [Secret] {
        let calls = ["AWSCURRENT", "AWSPREVIOUS"].map { stage in
            SecretsManager.getSecretValue(id: id, stage: stage)
        }
        let answers = services.client.send(calls, deadline: deadline)
        do throws(CallError) {
            var secrets = [try SecretsManager.value(of: calls[0], answers[0].get())]
            do throws(CallError) {
                secrets.append(try SecretsManager.value(of: calls[1], answers[1].get()))
            } catch  where error.code == "ResourceNotFoundException" {
                // It was never rotated.
            }
            return secrets
        } catch {
            throw Unavailable("the \(name) cannot be read", because: error)
        }
    }
}

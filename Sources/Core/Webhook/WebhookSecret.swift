internal import AWS
internal import Codec
internal import Platform

/// A secret that a provider shares with us, in its current and its previous version,
/// so that rotating it refuses no delivery.
final class WebhookSecret {
    let provider: Provider
    private let source: Source
    private let store: SecretStore
    private let log: Logger
    private let clock: WallClock
    private var current: Secret?
    private var previous: Secret?
    /// Why a version could not be read the last time.
    private var unread: CallError?
    private var readAt = Timestamp(milliseconds: 0)
    /// When a reading last ended without one that had made the delivery.
    private var mismatchedAt = Timestamp(milliseconds: 0)

    /// Where the secret comes from.
    enum Source: Equatable {
        /// Nobody has configured one.
        case none
        /// The value itself stands in the environment.
        case literal(Secret)
        /// A secret of Secrets Manager, by name or ARN.
        case secretsManager(id: String)

        /// The ARN goes first: a literal may be a remnant of before.
        init(_ secret: Provider.SharedSecret, _ environment: Environment) {
            if let arn = environment["\(secret.variable)_ARN"] {
                self = .secretsManager(id: arn)
            } else if let literal = environment[secret.variable] {
                self = .literal(Secret(literal))
            } else {
                self = .none
            }
        }
    }

    /// How long versions are used before they are read again: 5 minutes.
    static let lifetime = 300_000
    /// Milliseconds after a reading that has not helped in which a mismatch causes no other.
    ///
    /// 2 seconds: a newer version may be there, and forged deliveries come in floods.
    static let rereadInterval = 2_000
    /// Milliseconds that a reading may take where a kept version has made the delivery, which
    /// need not wait for it: as long as one attempt.
    static let refreshLimit = 2_500

    /// Reads which secret the provider shares with us; nothing is sent for that.
    init(
        of provider: Provider,
        _ environment: Environment,
        store: SecretStore,
        services: Services
    ) {
        self.provider = provider
        self.source = Source(provider.secret, environment)
        self.store = store
        self.clock = services.clock
        self.log = services.log
    }

    /// Whether there is one at all.
    var isConfigured: Bool { source != .none }

    /// What it is, for messages: `GitHub secret`.
    private var name: String { provider.secret.name }

    /// Checks a delivery; `nil` where its signature or token is absent or wrong.
    ///
    /// Nothing is read for one that carries neither. One that no kept version has made may be of
    /// a version that is newer, so both are read again, or of one that could not be read: then it
    /// is not refused.
    ///
    /// - Parameter deadline: by when the delivery must be handed over.
    func verify(
        _ delivery: Delivery,
        deadline: Deadline
    ) throws(Unavailable) -> VerifiedDelivery? {
        switch source {
        case .none:
            throw Unavailable("no \(name) is configured")
        case .literal(let secret):
            guard delivery.hasProof(at: clock.now()) else { return nil }
            noteFlaws(of: [secret], in: provider.secret.variable)
            guard isUsable(secret) else { throw Self.unusable(name) }
            return delivery.verified(by: [secret], at: clock.now())
        case .secretsManager(let id):
            let now = clock.now()
            guard delivery.hasProof(at: now) else { return nil }
            let verified = delivery.verified(by: kept, at: now)
            if now < readAt.adding(milliseconds: Self.lifetime) {
                if let verified { return verified }
                guard now >= mismatchedAt.adding(milliseconds: Self.rereadInterval) else {
                    return try refused()
                }
            }
            var readBy = deadline.reserving(milliseconds: ResponseDeadline.handOverReserve)
            if verified != nil {
                readBy = readBy.limited(toMilliseconds: Self.refreshLimit, from: now)
            }
            do throws(Unavailable) {
                try read(id, deadline: readBy)
            } catch {
                // What a kept version has signed is signed, also while the store is away.
                if let verified { return verified }
                throw error
            }
            if let verified = delivery.verified(by: kept, at: now) {
                return verified
            }
            mismatchedAt = clock.now()
            return try refused()
        }
    }

    private var kept: [Secret] { [current, previous].compactMap { $0 } }

    /// Reads both versions; of one that cannot be read, what was known of it is kept.
    private func read(_ id: String, deadline: Deadline) throws(Unavailable) {
        guard let versions = store.read(id, deadline: deadline) else {
            throw Unavailable("the \(name) cannot be read: reading it failed a moment ago")
        }
        var isRead = false
        if case .success(let secret) = versions.current {
            current = secret
            isRead = true
        }
        if case .success(let secret) = versions.previous {
            previous = secret
            isRead = isRead || secret != nil
        }
        unread = versions.error
        guard isRead else {
            throw Unavailable("the \(name) cannot be read", because: unread)
        }
        readAt = clock.now()
        noteFlaws(of: kept, in: id)
    }

    /// Whether anybody can prove anything with a value.
    private func isUsable(_ secret: Secret) -> Bool { provider.secret.flaw(secret) == nil }

    /// Logs why values cannot be used, and where they stand.
    private func noteFlaws(of secrets: [Secret], in place: String) {
        for flaw in secrets.compactMap({ provider.secret.flaw($0) }) {
            log.error("a version of the \(name), \(place), cannot be used: \(flaw)")
        }
    }

    private static func unusable(_ name: String) -> Unavailable {
        Unavailable("the \(name) cannot be used")
    }

    /// No version that is known has made the delivery: it is refused if all are known, and one of them can make
    /// a delivery.
    private func refused() throws(Unavailable) -> VerifiedDelivery? {
        if let unread {
            throw Unavailable("a version of the \(name) cannot be read", because: unread)
        }
        guard kept.contains(where: isUsable) else { throw Self.unusable(name) }
        return nil
    }
}

/// Secrets Manager, as far as `webhook` reads secrets in it that providers share with us.
///
/// While it fails it is left alone for a moment, whichever secret is asked for: forged deliveries
/// come in floods, and each would otherwise wait for it to the end of its time.
final class SecretStore {
    private let services: Services
    private var pauses: [Pause] = []

    /// Milliseconds after a failure in which nothing is read: 1 second.
    static let pauseAfterFailure = 1_000

    /// A time in which nothing is read.
    private struct Pause {
        /// The secret that could not be read; `nil` where it is the store that fails.
        var secret: String?
        var until: Timestamp
    }

    /// What was read of a secret; there need not be a previous version.
    struct Versions {
        var current: Result<Secret, CallError>
        var previous: Result<Secret?, CallError>

        /// Why a version could not be read.
        var error: CallError? {
            if case .failure(let error) = current { return error }
            if case .failure(let error) = previous { return error }
            return nil
        }
    }

    init(services: Services) {
        self.services = services
    }

    /// Reads both versions in one round trip; `nil` at once where reading failed a moment ago.
    ///
    /// That a secret is not there, or may not be read, is an answer of a store that works: only
    /// that secret is left alone then, so that it costs the other one nothing.
    func read(_ id: String, deadline: Deadline) -> Versions? {
        let now = services.clock.now()
        pauses.removeAll { $0.until <= now }
        let isPaused = pauses.contains { $0.secret.map { isSame($0, id) } ?? true }
        guard !isPaused else { return nil }
        let calls = ["AWSCURRENT", "AWSPREVIOUS"].map { stage in
            SecretsManager.getSecretValue(id: id, stage: stage)
        }
        let answers = services.client.send(calls, deadline: deadline)
        let current = Self.value(of: calls[0], answers[0])
        var previous = Self.value(of: calls[1], answers[1]).map { Optional($0) }
        // It was never rotated.
        if case .failure(let error) = previous, isSame(error.code, "ResourceNotFoundException") {
            previous = .success(nil)
        }
        let versions = Versions(current: current, previous: previous)
        for case .failure(let error) in [current.map { Optional($0) }, previous] {
            let until = services.clock.now().adding(milliseconds: Self.pauseAfterFailure)
            pauses.append(Pause(secret: error.isRetryable ? nil : id, until: until))
        }
        return versions
    }

    private static func value(
        of call: AWSCall,
        _ answer: Result<HTTPResponse, CallError>
    ) -> Result<Secret, CallError> {
        do throws(CallError) {
            return .success(try SecretsManager.value(of: call, answer.get()))
        } catch {
            return .failure(error)
        }
    }
}

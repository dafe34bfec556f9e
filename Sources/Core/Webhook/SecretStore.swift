internal import AWS
internal import Codec
internal import Platform

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

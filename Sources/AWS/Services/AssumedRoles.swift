public import Platform

internal import Codec

/// The credentials of roles, asked for once and kept until shortly before they end.
public final class AssumedRoles {
    /// How long before their end credentials are no longer used, in milliseconds.
    private static var margin: Int { 5 * 60 * 1000 }

    /// The session's name in CloudTrail.
    private static var sessionName: String { "pointsman" }

    private let client: AWSClient
    private let clock: WallClock
    private var kept: [String: STS.TemporaryCredentials] = [:]

    /// Makes a keeper that asks through a client.
    public init(client: AWSClient, clock: WallClock) {
        self.client = client
        self.clock = clock
    }

    /// The credentials of each role, in their order; those not kept are asked for in parallel,
    /// each role once.
    public func credentials(
        of roles: [String],
        deadline: Deadline
    ) -> [Result<Credentials, AWSError>] {
        let now = clock.now()
        kept = kept.filter { $0.value.expires > now.adding(milliseconds: Self.margin) }
        var missing: [String] = []
        for role in roles where kept[role] == nil && !missing.contains(role) {
            missing.append(role)
        }
        let calls = missing.map { STS.assumeRole($0, sessionName: Self.sessionName) }
        let answers = client.send(calls, deadline: deadline)
        var outcomes = kept.mapValues { Result<Credentials, AWSError>.success($0.credentials) }
        for (role, (call, answer)) in zip(missing, zip(calls, answers)) {
            outcomes[role] = keep(role, call, answer)
        }
        return roles.compactMap { outcomes[$0] }
    }

    /// Keeps what was answered.
    private func keep(
        _ role: String,
        _ call: AWSCall,
        _ answer: Result<HTTPResponse, AWSError>
    ) -> Result<Credentials, AWSError> {
        do throws(AWSError) {
            let temporary = try STS.temporaryCredentials(of: call, try answer.get())
            kept[role] = temporary
            return .success(temporary.credentials)
        } catch {
            return .failure(error)
        }
    }
}

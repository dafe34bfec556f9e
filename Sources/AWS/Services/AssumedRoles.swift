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
    /// By the role's ARN as bytes.
    private var kept: [[UInt8]: STS.TemporaryCredentials] = [:]

    /// Makes a keeper that asks through a client.
    public init(client: AWSClient, clock: WallClock) {
        self.client = client
        self.clock = clock
    }

    /// The credentials of each role, in their order.
    ///
    /// Those not kept are asked for in parallel, each role once.
    public func credentials(
        of roles: [String],
        deadline: Deadline
    ) -> [Result<Credentials, CallError>] {
        let now = clock.now()
        kept = kept.filter { $0.value.expires > now.adding(milliseconds: Self.margin) }
        var asked: [[UInt8]] = []
        var calls: [AWSCall] = []
        for role in roles {
            let key = Array(role.utf8)
            guard kept[key] == nil, !asked.contains(key) else { continue }
            asked.append(key)
            calls.append(STS.assumeRole(role, sessionName: Self.sessionName))
        }
        var outcomes = kept.mapValues { Result<Credentials, CallError>.success($0.credentials) }
        let answers = client.send(calls, deadline: deadline)
        for (key, (call, answer)) in zip(asked, zip(calls, answers)) {
            outcomes[key] = keep(answer, of: call, for: key)
        }
        return roles.compactMap { outcomes[Array($0.utf8)] }
    }

    /// Keeps what was answered.
    private func keep(
        _ answer: Result<HTTPResponse, CallError>,
        of call: AWSCall,
        for key: [UInt8]
    ) -> Result<Credentials, CallError> {
        do throws(CallError) {
            let temporary = try STS.temporaryCredentials(of: call, try answer.get())
            kept[key] = temporary
            return .success(temporary.credentials)
        } catch {
            return .failure(error)
        }
    }
}

package import Platform

internal import Codec

/// The credentials of roles, asked for once and kept until shortly before they end.
package final class AssumedRoles {
    /// How long before their end credentials are no longer used, in milliseconds.
    private static var margin: Int { 5 * 60 * 1000 }

    /// A role, and the session's name in CloudTrail and in the role's trust policy.
    package struct Role: Equatable, Sendable {
        package var arn: String
        /// The session's name, 2 to 64 characters.
        package var sessionName: String

        package init(arn: String, sessionName: String) {
            self.arn = arn
            self.sessionName = sessionName
        }

        /// Neither holds a line break.
        fileprivate var key: [UInt8] { Array("\(arn)\n\(sessionName)".utf8) }
    }

    private let client: AWSClient
    private let clock: WallClock
    /// By role and session name, as bytes: a session is no other's.
    private var kept = ExpiringCache<[UInt8], Credentials>()

    package init(client: AWSClient, clock: WallClock) {
        self.client = client
        self.clock = clock
    }

    /// The credentials of each role, in their order.
    ///
    /// Those not kept are asked for in parallel, each role once for a session name.
    package func credentials(
        of roles: [Role],
        deadline: Deadline
    ) -> [Result<Credentials, CallError>] {
        let now = clock.now()
        var outcomes: [[UInt8]: Result<Credentials, CallError>] = [:]
        var asked: [[UInt8]] = []
        var calls: [AWSCall] = []
        for role in roles where !asked.contains(role.key) {
            if let credentials = kept.value(of: role.key, at: now) {
                outcomes[role.key] = .success(credentials)
            } else {
                asked.append(role.key)
                calls.append(STS.assumeRole(role.arn, sessionName: role.sessionName))
            }
        }
        let answers = client.send(calls, deadline: deadline)
        for (key, (call, answer)) in zip(asked, zip(calls, answers)) {
            outcomes[key] = keep(answer, of: call, for: key)
        }
        return roles.compactMap { outcomes[$0.key] }
    }

    private func keep(
        _ answer: Result<HTTPResponse, CallError>,
        of call: AWSCall,
        for key: [UInt8]
    ) -> Result<Credentials, CallError> {
        do throws(CallError) {
            let temporary = try STS.temporaryCredentials(of: call, try answer.get())
            let end = temporary.expires.adding(milliseconds: -Self.margin)
            kept.insert(temporary.credentials, for: key, until: end)
            return .success(temporary.credentials)
        } catch {
            return .failure(error)
        }
    }
}

import AWS
import Codec
import Platform
import TestSupport
import Testing

@Suite struct AssumedRolesTests {
    /// Answers each AssumeRole with credentials for an hour that say the role and the batch.
    private func cloud() -> FakeCloud {
        var cloud: FakeCloud?
        let made = FakeCloud { request, batch in
            let body = String(decoding: request.body, as: UTF8.self)
            guard let role = body.firstMatch(of: /RoleArn=(\w+)&/)?.1, role != "refused" else {
                return .answer(
                    403,
                    "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
                )
            }
            let expires = (cloud?.now ?? FakeCloud.start).adding(milliseconds: 3_600_000)
            return .answer(
                200,
                """
                <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <AssumeRoleResult><Credentials>
                    <AccessKeyId>\(role)\(batch)</AccessKeyId>
                    <SecretAccessKey>secret</SecretAccessKey>
                    <SessionToken>token</SessionToken>
                    <Expiration>\(expires.iso8601)</Expiration>
                  </Credentials></AssumeRoleResult>
                </AssumeRoleResponse>
                """
            )
        }
        cloud = made
        return made
    }

    private static func roles(_ arns: String..., session: String = "s1") -> [AssumedRoles.Role] {
        arns.map { AssumedRoles.Role(arn: $0, sessionName: session) }
    }

    @Test func `a session is one role's and one session name's`() throws {
        let cloud = cloud()
        let roles = AssumedRoles(client: try cloud.client(), clock: cloud.clock)
        let wanted = Self.roles("a") + Self.roles("a", session: "s2") + Self.roles("b")
        _ = roles.credentials(of: wanted, deadline: cloud.deadline())
        let asked = cloud.batches.joined().map { String(decoding: $0.body, as: UTF8.self) }
        #expect(
            asked.map { $0.split(separator: "&").suffix(2).joined(separator: "&") } == [
                "RoleArn=a&RoleSessionName=s1", "RoleArn=a&RoleSessionName=s2",
                "RoleArn=b&RoleSessionName=s1",
            ]
        )
        _ = roles.credentials(of: wanted.reversed(), deadline: cloud.deadline())
        #expect(cloud.batches.count == 1)
    }

    private func keyIDs(_ results: [Result<Credentials, CallError>]) -> [String] {
        results.map { result in
            switch result {
            case .success(let credentials): credentials.accessKeyID
            case .failure(let error): "\(error)"
            }
        }
    }

    @Test func `each role is asked for once, all in parallel`() throws {
        let cloud = cloud()
        let roles = AssumedRoles(client: try cloud.client(), clock: cloud.clock)
        let results = roles.credentials(
            of: Self.roles("a", "b", "a", "a"),
            deadline: cloud.deadline()
        )
        #expect(keyIDs(results) == ["a1", "b1", "a1", "a1"])
        #expect(cloud.batches.map(\.count) == [2])
        let credentials = try results[0].get()
        #expect(credentials.secretAccessKey == Secret("secret"))
        #expect(credentials.sessionToken == Secret("token"))
    }

    @Test func `credentials are kept until five minutes before they end`() throws {
        let cloud = cloud()
        let roles = AssumedRoles(client: try cloud.client(), clock: cloud.clock)
        let deadline = cloud.deadline(10_000_000)
        #expect(keyIDs(roles.credentials(of: Self.roles("a"), deadline: deadline)) == ["a1"])
        cloud.clock.sleep(55 * 60_000 - 1)
        #expect(keyIDs(roles.credentials(of: Self.roles("a"), deadline: deadline)) == ["a1"])
        cloud.clock.sleep(1)
        #expect(keyIDs(roles.credentials(of: Self.roles("a"), deadline: deadline)) == ["a2"])
    }

    @Test func `a role that is refused is asked for again, and disturbs no other`() throws {
        let cloud = cloud()
        let roles = AssumedRoles(client: try cloud.client(), clock: cloud.clock)
        let denied = "sts:AssumeRole of refused: 403 AccessDenied"
        let both = Self.roles("refused", "a")
        #expect(keyIDs(roles.credentials(of: both, deadline: cloud.deadline())) == [denied, "a1"])
        #expect(keyIDs(roles.credentials(of: both, deadline: cloud.deadline())) == [denied, "a1"])
        #expect(cloud.batches.map(\.count) == [2, 1])
    }

    @Test func `no role asks nothing`() throws {
        let cloud = cloud()
        let roles = AssumedRoles(client: try cloud.client(), clock: cloud.clock)
        #expect(roles.credentials(of: [], deadline: cloud.deadline()).isEmpty)
        #expect(cloud.batches.isEmpty)
    }
}

import Codec
import Platform
import Testing

@testable import AWS
@testable import Core

/// A secret each of whose versions may be of another form.
@Suite struct `The GitLab secret` {
    private static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gitlab-AbCdEf"
    private static let unusable = "whsec_not base64"
    private static let body =
        #"{"ref":"refs/heads/main","before":"11","after":"22","commits":[],"#
        + #""total_commits_count":0,"project":{"path_with_namespace":"g/n"}}"#

    private func stage(_ versions: [String: String]) throws -> Stage {
        let stage = try Stage(["GITLAB_SECRET_ARN": Self.arn])
        stage.aws.secrets[Self.arn] = versions
        return stage
    }

    private func push(token: String?) -> [UInt8] {
        let headers =
            [("content-type", "application/json"), ("x-gitlab-event", "Push Hook")]
            + (token.map { [("x-gitlab-token", $0)] } ?? [])
        return functionURLEvent(path: "/gitlab", headers: headers, body: Array(Self.body.utf8))
    }

    @Test func `that nobody has configured has no route`() throws {
        let stage = try Stage()
        #expect(try stage.send(push(token: "s")).status == 404)
    }

    @Test func `is not read for a request that has neither token nor signature`() throws {
        let stage = try stage(["AWSCURRENT": "s"])
        #expect(try stage.send(push(token: nil)).status == 401)
        #expect(stage.aws.calls.isEmpty)
    }

    @Test func `is accepted in its current and in its previous version`() throws {
        let stage = try stage(["AWSCURRENT": "new", "AWSPREVIOUS": "old"])
        #expect(try stage.send(push(token: "new")).status == 202)
        #expect(try stage.send(push(token: "old")).status == 202)
        #expect(try stage.send(push(token: "older")).status == 401)
    }

    @Test(
        arguments: [
            (["AWSCURRENT": unusable], 503), (["AWSCURRENT": "whsec_"], 503),
            (["AWSCURRENT": unusable, "AWSPREVIOUS": unusable], 503),
            (["AWSCURRENT": unusable, "AWSPREVIOUS": "old"], 202),
            (["AWSCURRENT": unusable, "AWSPREVIOUS": "older"], 401),
        ]
    )
    func `that is no base64 refuses nobody for good, unless another version can be used`(
        versions: [String: String],
        status: Int
    ) throws {
        let stage = try stage(versions)
        let (found, answer) = try stage.send(push(token: "old"))
        #expect(found == status)
        if status == 503 {
            #expect(answer["reason"]?.string == "the GitLab secret cannot be used")
        }
        #expect(
            stage.log.contains(
                "a version of the GitLab secret, \(Self.arn), cannot be used: "
                    + "it begins with whsec_, and what follows is not base64"
            )
        )
        #expect(!stage.log.contains("not base64 whsec"))
        // Also while it is not read again.
        #expect(try stage.send(push(token: "old")).status == status)
    }

    @Test func `may stand in the environment, and is judged in the same way`() throws {
        let stage = try Stage(["GITLAB_SECRET": "s"])
        #expect(try stage.send(push(token: "s")).status == 202)
        #expect(try stage.send(push(token: "t")).status == 401)
        try stage.restart(["GITLAB_SECRET": Self.unusable])
        #expect(try stage.send(push(token: "t")).status == 503)
        #expect(stage.log.contains("a version of the GitLab secret, GITLAB_SECRET, cannot be used"))
    }
}

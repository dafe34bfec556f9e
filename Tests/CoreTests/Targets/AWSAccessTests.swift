import Codec
import Testing

@testable import Core

@Suite struct `A role that a target is called with` {
    @Test(arguments: [
        ("Acme/Shop", "pointsman-acme-shop"),
        ("mono-repo", "pointsman-mono-repo"),
        ("a_b.c/d.e-f", "pointsman-a_b.c-d.e-f"),
        ("group/sub/name", "pointsman-group-sub-name"),
        ("a+=,.@-/b c:d", "pointsman-a+=,.@--b-c-d"),
        ("é/日本🚂", "pointsman------"),
        (
            "octo/" + String(repeating: "x", count: 100),
            "pointsman-octo-" + String(repeating: "x", count: 49)
        ),
    ])
    func `has a session named for the rule's repository`(repository: String, name: String) {
        #expect(AWSAccess.sessionName(for: repository) == name)
        #expect(name.count <= 64)
    }

    static let role = "arn:aws:iam::123456789012:role/"

    private func read(_ target: String, _ members: String, _ role: String) throws -> Target {
        let text = #"{"\#(target)": {\#(members), "RoleArn": "\#(role)"}}"#
        return try Target.read(JSON(parsing: Array(text.utf8)))
    }

    static let targets = [
        ("CodePipeline", #""Name": "a""#), ("CodeBuild", #""Project": "ab""#),
        ("EventBridge", #""Source": "a""#),
        (
            "KubernetesDeployment",
            #""Cluster": "a", "Namespace": "a", "Deployment": "a", "Container": "a", "Image": "a:1""#
        ),
        ("PullRequestPipeline", #""Template": "a", "SourceAction": "a""#),
    ]

    @Test(arguments: targets)
    func `may be named by the repository`(target: String, members: String) throws {
        _ = try read(target, members, Self.role + "ci/#{repository}")
    }

    @Test(arguments: targets)
    func `is named by nothing else of a change`(target: String, members: String) {
        for name in Template.Placeholder.known where name != "repository" {
            let text = "\(Self.role)#{\(name)}"
            let error = #expect(throws: InvalidRule.self) { try read(target, members, text) }
            #expect(
                error?.description
                    == "Target.\(target).RoleArn: expected no placeholder here but #{repository}, "
                    + "found '\(text)'"
            )
        }
    }

    @Test func `has a repository's owner as its path`() throws {
        let target = try read("CodeBuild", #""Project": "ab""#, Self.role + "ci/#{repository}")
        guard case .codeBuild(let build) = target else { return }
        var change = Change.push()
        change.repository = "octo/mono"
        #expect(try build.resolved(for: change).access.roleARN == Self.role + "ci/octo/mono")
    }
}

import Codec
import Platform
import Testing

@testable import Core

@Suite struct DockerHubPushTests {
    private func result(_ body: String) -> WebhookResult {
        WebhookResult(
            of: functionURLEvent(path: "/dockerhub/0b6e1c9a5f27d348", body: Array(body.utf8))
        )
    }

    @Test func `an image is a change without commit and paths`() throws {
        let body =
            #"{"push_data":{"pushed_at":1.417566161e+09,"tag":"1.0","pusher":"p"},"#
            + #""callback_url":"https://example.com","repository":{"repo_name":"ns/name"}}"#
        #expect(
            result(body).changes == [
                Change(
                    source: .dockerhub,
                    repository: "ns/name",
                    kind: .image,
                    tag: "1.0",
                    actor: "p",
                    receivedAt: moment,
                    eventTime: Timestamp(milliseconds: 1_417_566_161_000),
                    delivery: Hex.lower(SHA256.hash(Array(body.utf8))),
                    bodyDigest: BodyDigest(SHA256(of: Array(body.utf8))),
                    image: Change.Image(repository: "ns/name", tag: "1.0"),
                    paths: ChangedPaths(
                        paths: [],
                        incomplete: "an image's event carries no paths"
                    )
                )
            ]
        )
    }

    @Test(arguments: [
        ("{}", "it has no repository.repo_name"),
        (#"{"repository":null,"push_data":{"tag":"t"}}"#, "it has no repository.repo_name"),
        (#"{"repository":{"repo_name":"a/b"}}"#, "it has no push_data.tag"),
        (
            #"{"repository":{"repo_name":"a/b"},"push_data":{"tag":null}}"#,
            "it has no push_data.tag"
        ),
        (#"{"repository":1}"#, "expected an object at byte 14, found a number"),
        ("", "invalid JSON at byte 0: expected a value, found the end"),
    ])
    func `what cannot be read is malformed and says where`(body: String, reason: String) {
        #expect(result(body).line == "400 malformed: reading the Docker Hub event: \(reason)")
    }
}

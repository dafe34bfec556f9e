import Codec
import Platform
import Testing

@testable import pointsman

/// What a provider would send now.
@Suite struct OutgoingDeliveryTests {
    static let secret = Secret("It's a Secret to Everybody")
    static let recorded =
        #"{"method":"POST","path":"/ghorg/push","headers":{"X-GitHub-Event":"ping","Content-Type":"application/x-www-form-urlencoded","X-Hub-Signature-256":"sha256=old"},"body":"payload=é"}"#

    /// docs.github.com, "Validating webhook deliveries", "Testing the webhook payload validation".
    @Test func `is signed as GitHub's own example is`() {
        let delivery = OutgoingDelivery(
            gitHub: "push",
            payload: Array("Hello, World!".utf8),
            delivery: "d1",
            secret: Self.secret
        )
        #expect(
            delivery.headers["X-Hub-Signature-256"]
                == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        )
        #expect(delivery.headers["X-GitHub-Delivery"] == "d1")
        #expect(delivery.headers["X-GitHub-Event"] == "push")
        #expect(delivery.path == "/github")
    }

    @Test func `keeps a recorded request's route, event, type and bytes, and nothing else`() throws
    {
        let delivery = try #require(
            try OutgoingDelivery(
                recorded: Array(Self.recorded.utf8),
                secret: Self.secret,
                dockerHubToken: Secret("t"),
                delivery: "d2"
            )
        )
        #expect(delivery.path == "/ghorg/push")
        #expect(delivery.body == Array("payload=é".utf8))
        #expect(delivery.headers["X-GitHub-Event"] == "ping")
        #expect(delivery.headers["Content-Type"] == "application/x-www-form-urlencoded")
        let digest = Hex.lower(HMAC.sha256(key: Self.secret.revealed, message: delivery.body))
        #expect(delivery.headers["X-Hub-Signature-256"] == "sha256=\(digest)")
    }

    @Test(arguments: [
        #"{"Records":[]}"#, #"{"detail-type":"ECR Image Action","source":"aws.ecr"}"#,
    ])
    func `what AWS gives to the function is not sent over HTTP`(payload: String) {
        let failure = Failure(
            "it is an event that AWS itself gives to the function, not by HTTP: `pointsman local "
                + "--event` takes it"
        )
        #expect(throws: failure) {
            try OutgoingDelivery(
                payload: Array(payload.utf8),
                event: nil,
                secret: Self.secret,
                dockerHubToken: nil
            )
        }
    }

    @Test(arguments: [
        (UInt64(0), "0000000000000000"), (0x4c, "000000000000004c"), (.max, "ffffffffffffffff"),
    ])
    func `a secret that is made up has all its digits`(number: UInt64, digits: String) {
        #expect(Secret.digits(of: number) == digits)
        #expect(Secret.madeUp().text.count == 32)
    }

    @Test(arguments: [
        ("application/json", #"{"a":1}"#, #"{"a":1}"#),
        ("application/x-www-form-urlencoded", "payload=%7B%22a%22%3A1%7D", #"{"a":1}"#),
    ])
    func `goes to Gitea's route with Gitea's headers, the JSON signed`(
        contentType: String,
        body: String,
        signed: String
    ) throws {
        let text = JSON([
            "path": .string("/gitea"), "body": .string(body),
            "headers": JSON([
                "Content-Type": .string(contentType), "X-Forgejo-Event": .string("pull_request"),
            ]),
        ])
        let delivery = try #require(
            try OutgoingDelivery(
                recorded: text.encoded(),
                secret: Self.secret,
                dockerHubToken: nil,
                delivery: "d3"
            )
        )
        let code = Hex.lower(HMAC.sha256(key: Self.secret.revealed, message: Array(signed.utf8)))
        #expect(delivery.path == "/gitea")
        #expect(delivery.body == Array(body.utf8))
        #expect(delivery.headers["X-Gitea-Signature"] == code)
        #expect(delivery.headers["X-Gitea-Event"] == "pull_request")
        #expect(delivery.headers["X-Gitea-Delivery"] == "d3")
    }

    private func gitLab(_ secret: String) throws -> OutgoingDelivery {
        try #require(
            try OutgoingDelivery(
                recorded: Array(
                    #"{"path":"/gitlab","headers":{"X-Gitlab-Event":"Tag Push Hook"},"body":"{}"}"#
                        .utf8
                ),
                secret: Secret(secret),
                dockerHubToken: nil,
                delivery: "msg-1",
                at: Timestamp(milliseconds: 1_614_265_330_500)
            )
        )
    }

    @Test func `goes to GitLab's route with the secret beside it`() throws {
        let delivery = try gitLab("s3cret")
        #expect(delivery.path == "/gitlab")
        #expect(delivery.headers["X-Gitlab-Token"] == "s3cret")
        #expect(delivery.headers["X-Gitlab-Event"] == "Tag Push Hook")
        #expect(delivery.headers["webhook-id"] == "msg-1")
        #expect(delivery.headers["webhook-timestamp"] == "1614265330")
        #expect(delivery.headers["webhook-signature"] == nil)
    }

    @Test func `is signed for GitLab where the secret is a signing token`() throws {
        let token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let key = try #require(Base64.decode(Array(token.dropFirst(6).utf8)))
        let code = HMAC.sha256(key: key, message: Array("msg-1.1614265330.{}".utf8))
        let delivery = try gitLab(token)
        #expect(delivery.headers["webhook-signature"] == "v1,\(Base64.encode(code))")
        #expect(delivery.headers["X-Gitlab-Token"] == nil)
    }

    @Test func `a signing token that is no base64 is an error`() {
        #expect(
            throws: Failure("the secret begins with whsec_, and what follows is not base64")
        ) { try gitLab("whsec_!") }
    }

    @Test(arguments: [
        (#"{"object_kind":"merge_request"}"#, "/gitlab", "X-Gitlab-Event", "Merge Request Hook"),
        (
            #"{"object_kind":"push","ref":"r","commits":[]}"#, "/gitlab", "X-Gitlab-Event",
            "Push Hook"
        ),
        (#"{"ref":"r","commits":[],"total_commits":0}"#, "/gitea", "X-Gitea-Event", "push"),
        (
            #"{"pull_request":{},"action":"opened","commit_id":"1"}"#, "/gitea", "X-Gitea-Event",
            "pull_request"
        ),
        (#"{"pull_request":{},"action":"opened"}"#, "/github", "X-GitHub-Event", "pull_request"),
    ])
    func `a payload alone goes where its members say`(
        payload: String,
        path: String,
        header: String,
        event: String
    ) throws {
        let delivery = try OutgoingDelivery(
            payload: Array(payload.utf8),
            event: nil,
            secret: Self.secret
        )
        #expect(delivery.path == path)
        #expect(delivery.headers[header] == event)
    }

    @Test func `goes to Docker Hub's route by the token, unsigned`() throws {
        let recorded = #"{"path":"/dockerhub/old","headers":{},"body":"{}"}"#
        let delivery = try #require(
            try OutgoingDelivery(
                recorded: Array(recorded.utf8),
                secret: Self.secret,
                dockerHubToken: Secret("a/b")
            )
        )
        #expect(delivery.path == "/dockerhub/a%2Fb")
        #expect(delivery.headers["X-Hub-Signature-256"] == nil)
        #expect(delivery.delivery == nil)
    }

    static let unasked = Failure(
        "it is an event of Docker Hub, which is not signed: the secret would go out as a part of the URL. "
            + "If it is the token of that route, say so with --docker-hub"
    )

    @Test(arguments: [
        #"{"path":"/dockerhub/old","headers":{},"body":"{}"}"#,
        #"{"path":"/prod/dockerhub/","headers":{"X-GitHub-Event":"push"},"body":"{}"}"#,
    ])
    func `puts no secret into a URL because a recorded request says so`(recorded: String) {
        #expect(throws: Self.unasked) {
            try OutgoingDelivery(
                recorded: Array(recorded.utf8),
                secret: Self.secret,
                dockerHubToken: nil
            )
        }
    }

    @Test(arguments: [#"{"push_data":{}}"#, #"{"ref":"r","commits":[],"push_data":null}"#])
    func `puts no secret into a URL because a payload says so`(payload: String) {
        #expect(throws: Self.unasked) {
            try OutgoingDelivery(payload: Array(payload.utf8), event: nil, secret: Self.secret)
        }
    }

    @Test(arguments: [
        "{}", "[]", "", #"{"path":"/github","body":""}"#,
        #"{"path":"/github","headers":{},"requestContext":{},"body":""}"#,
    ])
    func `is of no other shape`(text: String) throws {
        let bytes = Array(text.utf8)
        let delivery = try OutgoingDelivery(
            recorded: bytes,
            secret: Self.secret,
            dockerHubToken: Self.secret
        )
        #expect(delivery == nil)
    }

    @Test(arguments: [
        (#"{"zen":"z"}"#, "ping"), (#"{"ref":"r","commits":[]}"#, "push"),
        (#"{"action":"checks_requested","merge_group":{}}"#, "merge_group"),
        (#"{"action":"opened","pull_request":{}}"#, "pull_request"), (#"{"push_data":{}}"#, nil),
        (#"{"action":"created","issue":{"pull_request":{}},"comment":{}}"#, "issue_comment"),
    ])
    func `tells a payload's event by its members`(payload: String, event: String?) throws {
        let delivery = try OutgoingDelivery(
            payload: Array(payload.utf8),
            event: nil,
            secret: Self.secret,
            dockerHubToken: Self.secret
        )
        #expect(delivery.headers["X-GitHub-Event"] == event)
    }

    @Test(arguments: [
        ("{", "it is not JSON: invalid JSON at byte 1: expected a member's name, found the end"),
        ("{}", "it does not say which event it is: name it with --event"),
    ])
    func `says what is wrong with a payload`(payload: String, words: String) {
        #expect(throws: Failure(words)) {
            try OutgoingDelivery(payload: Array(payload.utf8), event: nil, secret: Self.secret)
        }
    }

    @Test func `has another id each time`() {
        #expect(OutgoingDelivery.newID() != OutgoingDelivery.newID())
    }
}

import Codec
import Platform
import Testing

@testable import Core

@Suite struct DeliveryTests {
    private static let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test(arguments: [
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("A", "A"),
        (String(repeating: "a", count: 64), String(repeating: "a", count: 64)),
        (String(repeating: "a", count: 65), hash),
        ("", hash),
        ("a/b", hash),
        ("..", hash),
        ("a b", hash),
        ("é", hash),
        ("a\n", hash),
        ("a_b", hash),
        (nil, hash),
    ])
    func `the id is GitHub's where that is a plain token, else the body's hash`(
        header: String?,
        expected: String
    ) {
        let headers: HTTPHeaders = header.map { ["X-GITHUB-DELIVERY": $0] } ?? [:]
        let delivery = Delivery(
            provider: gitHub,
            headers: headers,
            format: .json,
            body: Array("abc".utf8)
        )
        #expect(delivery.id == expected)
    }

    @Test func `Docker Hub has no ids, so the body's hash is the id whatever a header says`() {
        let delivery = Delivery(
            provider: .dockerHub,
            token: Secret("t"),
            headers: ["X-GitHub-Delivery": "A"],
            format: .json,
            body: Array("abc".utf8)
        )
        #expect(delivery.id == Self.hash)
        #expect(delivery.verified(by: [Secret("t")], at: moment)?.id == Self.hash)
    }
}

@Suite struct DescriptionTests {
    @Test func `a GitHub delivery without its event's name is malformed`() {
        #expect(line(nil, "{}") == "400 malformed: no X-GitHub-Event header")
    }

    @Test(arguments: ["issues", "create", "delete", "release", "workflow_run", "Push", "star"])
    func `an event that nothing here handles is ignored, and not read`(event: String) {
        #expect(line(event, "not JSON") == "200 ignored: the event \(event) is not handled")
    }

    private func form(_ body: String) -> String {
        let code = HMAC.sha256(key: secret.revealed, message: Array(body.utf8))
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-GitHub-Event", "ping"),
            ("X-Hub-Signature-256", "sha256=" + Hex.lower(code)),
        ]
        return WebhookResult(of: functionURLEvent(headers: headers, body: Array(body.utf8))).line
    }

    private static let pong = "200 pong: the webhook reaches us, but: it does not send push"
    private static let unreadable =
        "400 malformed: reading the form: it has no readable field payload"

    @Test(arguments: [
        ("payload=%7B%22hook%22%3A%7B%7D%7D", pong),
        (#"payload={"hook":{}}"#, pong),
        ("payload=%7b%22hook%22:%20{}+%7d", pong),
        ("a=b&payload=%7B%22hook%22%3A%7B%7D%7D&c", pong),
        ("payload=", "400 malformed: reading the ping event: invalid JSON at byte 0"),
        ("", unreadable),
        ("a=b", unreadable),
        (#"{"hook":{}}"#, unreadable),
        ("payload=%7", unreadable),
        ("payload=%zz", unreadable),
    ])
    func `a form's payload is read as the body would be`(body: String, beginning: String) {
        #expect(form(body).hasPrefix(beginning))
    }
}

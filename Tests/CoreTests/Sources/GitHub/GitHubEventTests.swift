import Codec
import Platform
import Testing

@testable import Core

@Suite struct GitHubSignatureTests {
    /// GitHub's own example.
    private static let body = Array("Hello, World!".utf8)
    private static let sha256 =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    private static let sha1 = "sha1=" + Hex.lower(HMAC.sha1(key: secret.revealed, message: body))

    private func verified(
        _ headers: HTTPHeaders,
        secrets: [Secret] = [secret],
        allowingSHA1: Bool = false
    ) -> VerifiedDelivery? {
        Delivery(
            provider: .gitHub(allowingSHA1: allowingSHA1),
            headers: headers,
            format: .json,
            body: Self.body
        )
        .verified(by: secrets, at: moment)
    }

    @Test func `GitHub's own example is right`() {
        #expect(verified(["X-Hub-Signature-256": Self.sha256]) != nil)
    }

    @Test(
        arguments: [
            ("none", [:], false),
            ("right", ["x-hub-signature-256": sha256], true),
            (
                "upper-case digits",
                ["X-HUB-SIGNATURE-256": "sha256=" + sha256.dropFirst(7).uppercased()], true
            ),
            ("empty", ["x-hub-signature-256": ""], false),
            ("prefix alone", ["x-hub-signature-256": "sha256="], false),
            ("no prefix", ["x-hub-signature-256": String(sha256.dropFirst(7))], false),
            ("another prefix", ["x-hub-signature-256": "sha1=" + sha256.dropFirst(7)], false),
            (
                "prefix in upper case", ["x-hub-signature-256": "SHA256=" + sha256.dropFirst(7)],
                false
            ),
            ("one digit short", ["x-hub-signature-256": String(sha256.dropLast())], false),
            ("one byte short", ["x-hub-signature-256": String(sha256.dropLast(2))], false),
            ("one byte long", ["x-hub-signature-256": sha256 + "00"], false),
            ("one digit wrong", ["x-hub-signature-256": sha256.dropLast() + "6"], false),
            (
                "no digits", ["x-hub-signature-256": "sha256=" + String(repeating: "g", count: 64)],
                false
            ),
            ("space behind", ["x-hub-signature-256": sha256 + " "], false),
            ("SHA-1 alone", ["x-hub-signature": sha1], false),
            ("the other's header", ["x-hub-signature": sha256], false),
        ] as [(String, HTTPHeaders, Bool)]
    )
    func `only the right SHA-256 signature lets through`(
        name: String,
        headers: HTTPHeaders,
        expected: Bool
    ) {
        #expect((verified(headers) != nil) == expected)
    }

    @Test(
        arguments: [
            ("right", ["x-hub-signature": sha1], true),
            ("wrong", ["x-hub-signature": sha1.dropLast(2) + "00"], false),
            ("malformed", ["x-hub-signature": "sha1=0"], false),
            ("SHA-256 is right", ["x-hub-signature-256": sha256], true),
            (
                "SHA-256 is wrong",
                ["x-hub-signature-256": sha256.dropLast(2) + "00", "x-hub-signature": sha1], false
            ),
            ("SHA-256 is malformed", ["x-hub-signature-256": "x", "x-hub-signature": sha1], false),
            ("SHA-256 is empty", ["x-hub-signature-256": "", "x-hub-signature": sha1], false),
        ] as [(String, HTTPHeaders, Bool)]
    )
    func `SHA-1 counts where it is allowed and the other is absent`(
        name: String,
        headers: HTTPHeaders,
        expected: Bool
    ) {
        #expect((verified(headers, allowingSHA1: true) != nil) == expected)
    }

    @Test(arguments: [
        ([], false),
        ([secret], true),
        ([Secret("old"), secret], true),
        ([secret, Secret("new")], true),
        ([Secret(""), secret], true),
        ([Secret("a"), Secret("b")], false),
        ([Secret("")], false),
    ])
    func `any of several secrets will do`(secrets: [Secret], expected: Bool) {
        #expect(
            (verified(["x-hub-signature-256": Self.sha256], secrets: secrets) != nil) == expected
        )
    }

    @Test func `an empty secret lets nothing through, not even what is signed with it`() {
        let code = Hex.lower(HMAC.sha256(key: [], message: Self.body))
        #expect(verified(["x-hub-signature-256": "sha256=" + code], secrets: [Secret("")]) == nil)
    }

    @Test(arguments: [false, true])
    func `a verified delivery carries the body's digest`(isSHA1: Bool) {
        let headers: HTTPHeaders =
            isSHA1 ? ["x-hub-signature": Self.sha1] : ["x-hub-signature-256": Self.sha256]
        let delivery = verified(headers, secrets: [Secret("a"), secret], allowingSHA1: isSHA1)
        #expect(delivery?.digest.finalize() == SHA256.hash(Self.body))
        #expect(delivery?.id == Hex.lower(SHA256.hash(Self.body)))
    }

    @Test func `no answer discloses the expected signature or the secret`() throws {
        let event = functionURLEvent(
            headers: [
                ("content-type", "application/json"),
                ("x-hub-signature-256", "sha256=" + String(repeating: "0", count: 64)),
            ],
            body: Self.body
        )
        guard case .refused(let answer) = WebhookResult(of: event) else {
            Issue.record("not refused")
            return
        }
        let hash = Hex.lower(SHA256.hash(Self.body))
        #expect(answer == .unauthorized(delivery: hash))
        var shown = String(decoding: answer.encoded(), as: UTF8.self)
        dump(answer, to: &shown)
        shown += "\(answer) \(String(reflecting: answer))"
        #expect(!shown.contains(Self.sha256.dropFirst(7)))
        #expect(!shown.contains("Everybody"))
    }
}

@Suite struct GitHubPingTests {
    private static let noPush = "it does not send push: add it to the webhook's events"
    private static let form = "its content type form works, and json is smaller"

    private static let hooks: [(hook: String, warnings: [String])] = [
        (#"{"active":true,"events":["push"],"config":{"content_type":"json"}}"#, []),
        (#"{"events":["push","pull_request"],"config":{"content_type":"json"}}"#, []),
        (#"{"events":["push","merge_group"],"config":{"content_type":"json"}}"#, []),
        (#"{"events":["pull_request"],"config":{"content_type":"json"}}"#, [noPush]),
        (
            #"{"events":["push","issues","star"],"config":{"content_type":"json"}}"#,
            ["it sends what nothing here handles: issues, star"]
        ),
        (
            #"{"events":["*"],"config":{"content_type":"json"}}"#,
            [
                "it sends every event, and nothing but push, pull_request, merge_group or "
                    + "issue_comment is handled"
            ]
        ),
        (#"{"events":["push"],"config":{"content_type":"form"}}"#, [form]),
        (
            #"{"events":["push"],"config":{"content_type":"xml"}}"#,
            ["its content type xml is refused: set json"]
        ),
        (#"{"events":["push"]}"#, [form]),
        (
            #"{"active":false,"events":["push"],"config":{"content_type":"json"}}"#,
            ["it is not active and sends nothing"]
        ),
        (
            #"{"active":false,"events":["star"],"config":{"content_type":"form"}}"#,
            [
                "it is not active and sends nothing", noPush,
                "it sends what nothing here handles: star", form,
            ]
        ),
        ("{}", [noPush, form]),
    ]

    @Test(arguments: hooks)
    func `a ping answers with what is to be said about the webhook`(
        hook: String,
        warnings: [String]
    ) {
        let reason =
            warnings.isEmpty
            ? "the webhook is set up"
            : "the webhook reaches us, but: " + warnings.joined(separator: "; ")
        #expect(line("ping", #"{"zen":"z","hook":\#(hook)}"#) == "200 pong: " + reason)
    }

    @Test(arguments: [
        ("{}", "it has no hook"),
        (#"{"hook":[]}"#, "expected an object at byte 8, found an array"),
        (#"{"hook":{"events":"push"}}"#, "expected an array at byte 18, found a string"),
        ("zen", "invalid JSON at byte 0: expected a value, found 'z'"),
    ])
    func `a ping that cannot be read is malformed`(body: String, reason: String) {
        #expect(line("ping", body) == "400 malformed: reading the ping event: \(reason)")
    }
}

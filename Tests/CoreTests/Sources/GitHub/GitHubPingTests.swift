import Testing

@testable import Core

@Suite struct GitHubPingTests {
    private static let noPush = "it does not send push: add it to the webhook's events"
    private static let form = "its content type form works, and json is smaller"

    private static let hooks: [(hook: String, warnings: [String])] = [
        (#"{"active":true,"events":["push"],"config":{"content_type":"json"}}"#, []),
        (#"{"events":["push","pull_request"],"config":{"content_type":"json"}}"#, []),
        (#"{"events":["pull_request"],"config":{"content_type":"json"}}"#, [noPush]),
        (
            #"{"events":["push","issues","star"],"config":{"content_type":"json"}}"#,
            ["it sends what nothing here handles: issues, star"]
        ),
        (
            #"{"events":["*"],"config":{"content_type":"json"}}"#,
            ["it sends every event, and only push and pull_request are handled"]
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

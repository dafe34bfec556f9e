import Codec
import Platform
import Testing

@testable import Core

@Suite struct EventTests {
    /// Method, path and one header of an HTTP event.
    private func request(_ json: String) throws -> HTTPEvent {
        guard case .http(let request) = try Event(Array(json.utf8)) else {
            throw EventError.unexpected("no HTTP event")
        }
        return request
    }

    @Test(arguments: [
        ("REST API", #"{"httpMethod":"POST","path":"/a/github","headers":{"X-A":"1"},"body":"é"}"#),
        (
            "HTTP API",
            #"{"rawPath":"/a/github","headers":{"x-a":"1"},"body":"é","#
                + #""requestContext":{"stage":"a","http":{"method":"POST","path":"/a/github"}}}"#
        ),
        (
            "base64",
            #"{"isBase64Encoded":true,"body":"w6k=","headers":{"x-a":"1"},"rawPath":"/a/github","#
                + #""requestContext":{"http":{"method":"POST"}}}"#
        ),
        (
            "headers null",
            #"{"httpMethod":"POST","path":"/a/github","headers":null,"#
                + #""multiValueHeaders":{"X-A":["1"]},"body":"\u00e9"}"#
        ),
    ])
    func `a request is read in every shape`(shape: String, json: String) throws {
        let request = try request(json)
        #expect(request.method == "POST")
        #expect(request.path == "/a/github")
        #expect(request.headers["X-a"] == "1")
        #expect(request.body == Array("é".utf8))
    }

    @Test(arguments: [
        (#"{"httpMethod":"GET","path":null,"headers":null,"multiValueHeaders":null,"body":null}"#),
        (#"{"httpMethod":"GET"}"#),
        (#"{"httpMethod":"GET","requestContext":null,"isBase64Encoded":null}"#),
    ])
    func `what is null or absent is empty`(json: String) throws {
        let request = try request(json)
        #expect(request.path == "")
        #expect(request.headers.fields.isEmpty)
        #expect(request.body == [])
    }

    @Test(
        arguments: [
            (#"{"requestTimeEpoch":1790000000000}"#, 1_790_000_000_000),
            (#"{"timeEpoch":1790000000000,"http":{"method":"POST"}}"#, 1_790_000_000_000),
            ("{}", nil), ("null", nil), (#"{"timeEpoch":"now"}"#, nil),
            (#"{"timeEpoch":1.5}"#, nil),
        ] as [(String, Int?)]
    )
    func `the time of the request is that of the API, where it tells`(
        context: String,
        milliseconds: Int?
    ) throws {
        let request = try request(#"{"httpMethod":"POST","requestContext":\#(context)}"#)
        #expect(request.requestTime?.milliseconds == milliseconds)
    }

    @Test func `several values of a header are all there, in order`() throws {
        let request = try request(
            #"{"httpMethod":"POST","headers":{"A":"2","B":null},"multiValueHeaders":{"A":["1","2"]}}"#
        )
        #expect(request.headers.fields.map(\.value) == ["1", "2"])
    }

    @Test func `a body that is not the base64 it is said to be is nil`() throws {
        #expect(
            try request(#"{"httpMethod":"POST","body":"é","isBase64Encoded":true}"#).body == nil
        )
    }

    @Test(arguments: [
        (#"{"Records":[{"eventSource":"aws:codecommit"}]}"#, "aws:codecommit"),
        (
            #"{"detail-type":"CodeCommit Repository State Change"}"#,
            "CodeCommit Repository State Change"
        ),
        (
            #"{"detail-type":"CodeCommit Pull Request State Change"}"#,
            "CodeCommit Pull Request State Change"
        ),
    ])
    func `an invocation by AWS is told by its source`(json: String, source: String) throws {
        guard case .direct(let invocation) = try Event(Array(json.utf8)) else {
            Issue.record("no direct invocation")
            return
        }
        let sources = [invocation.kind.recordSource].compactMap { $0 } + invocation.kind.detailTypes
        #expect(sources.contains(source))
    }

    static let expected =
        "reading the event: expected a request of API Gateway or a Function URL, "
        + "a CodeCommit trigger or an EventBridge event of CodeCommit or ECR, found "

    @Test(arguments: [
        (#"{}"#, expected + "an object with no members"),
        (#"{"a":1,"b":2}"#, expected + "an object with a, b"),
        (
            #"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"change":1}"#,
            expected + "an object with 1, 2, 3, 4, 5"
        ),
        (
            #"{"rawPath":"/github","requestContext":{}}"#,
            expected + "an object with rawPath, requestContext"
        ),
        (#"{"Records":[{"eventSource":"aws:s3"}]}"#, expected + "records of aws:s3"),
        (#"{"Records":[{"EventSource":"aws:sns"}]}"#, expected + "records of aws:sns"),
        (#"{"Records":[]}"#, expected + "records of no source"),
        (
            #"{"Records":[{"eventSource":"aws:codecommit"},{"eventSource":"aws:s3"}]}"#,
            expected + "records of aws:s3"
        ),
        (
            #"{"detail-type":"Scheduled Event"}"#,
            expected + "an EventBridge event of type Scheduled Event"
        ),
        ("", "reading the event: invalid JSON at byte 0: expected a value, found the end"),
        (
            #"{"body":"#,
            "reading the event: invalid JSON at byte 8: expected a value, found the end"
        ),
        ("[]", "reading the event: expected an object at byte 0, found an array"),
        (
            #"{"httpMethod":"POST","body":{}}"#,
            "reading the event: expected a string at byte 28, found an object"
        ),
        (#"{} x"#, "reading the event: invalid JSON at byte 3: expected the end, found 'x'"),
    ])
    func `what is neither is refused with what was expected`(json: String, error: String) {
        #expect(WebhookResult(of: Array(json.utf8)) == .failed(error))
    }
}

@Suite struct `An event that is old` {
    static let day = 86_400_000

    static func reason(_ age: String, _ limit: String) -> String {
        "the event is \(age) old; older than \(limit) cannot be told from a replayed request"
    }

    /// A moment that long ago, as JSON writes seconds.
    static func seconds(ago milliseconds: Int) -> String {
        let moment = Stage.start.milliseconds - milliseconds
        let fraction = String(1_000 + moment % 1_000).dropFirst()
        return "\(moment / 1_000).\(fraction)"
    }

    static func push(pushedAt: String) -> String {
        Stage.payload("main", ["a"]).replacing(
            #""full_name":"octo/mono","#,
            with: #""full_name":"octo/mono","pushed_at":\#(pushedAt),"#
        )
    }

    static func pullRequest(updatedAt: String) -> String {
        #"""
        {"action":"opened","number":7,"pull_request":{"number":7,"draft":false,"merged":false,\#
        "updated_at":"\#(updatedAt)","head":{"ref":"f","sha":"\#(String(repeating: "b", count: 40))",\#
        "repo":{"full_name":"octo/mono","fork":false}},"base":{"ref":"main",\#
        "sha":"\#(String(repeating: "a", count: 40))","repo":{"full_name":"octo/mono"}}},\#
        "repository":{"full_name":"octo/mono"},"sender":{"login":"mona"}}
        """#
    }

    /// What is answered: `202 accepted`, or the status and the reason.
    static func line(
        _ body: String,
        name: String = "push",
        limit: String = "",
        signedWith secret: String = Stage.secret
    ) throws -> String {
        let stage = try Stage(["MAX_EVENT_AGE_DAYS": limit])
        let event = Stage.event(body, name: name, signedWith: secret)
        let (status, answer) = try stage.send(event)
        #expect(stage.takeHandOvers().count == (status == 202 ? 1 : 0))
        let outcome = answer["outcome"]?.string ?? ""
        return status == 202
            ? "\(status) \(outcome)" : "\(status) \(outcome): \(answer["reason"]?.string ?? "")"
    }

    @Test(arguments: [
        (0, "", "202 accepted"),
        (7 * day, "", "202 accepted"),
        (7 * day + 1, "", "200 ignored: " + reason("7 days", "7 days")),
        (13 * day - 1, "", "200 ignored: " + reason("12 days", "7 days")),
        (13 * day, "7", "200 ignored: " + reason("13 days", "7 days")),
        (day, "1", "202 accepted"),
        (day + 1, "1", "200 ignored: " + reason("1 day", "1 day")),
        (30 * day, "30", "202 accepted"),
        (10_000 * day, "0", "202 accepted"),
        (10_000 * day, "000", "202 accepted"),
        (20_000 * day, "36500", "202 accepted"),
        (20_000 * day, "007", "200 ignored: " + reason("20000 days", "7 days")),
        (-100 * day, "", "202 accepted"),
    ])
    func `is ignored, exactly from the limit on`(age: Int, limit: String, expected: String) throws {
        let body = Self.push(pushedAt: Self.seconds(ago: age))
        #expect(try Self.line(body, limit: limit) == expected)
    }

    @Test(arguments: [
        ("2026-09-14T14:13:20Z", "202 accepted"),
        ("2026-09-14T14:13:19Z", "200 ignored: " + reason("7 days", "7 days")),
        ("2020-09-14T14:13:19Z", "200 ignored: " + reason("2198 days", "7 days")),
    ])
    func `is so by its pull request's own time`(updatedAt: String, expected: String) throws {
        let body = Self.pullRequest(updatedAt: updatedAt)
        #expect(try Self.line(body, name: "pull_request") == expected)
    }

    @Test(arguments: ["null", #""soon""#, "true", "-1", "1e99"])
    func `is not told where its time cannot be read`(pushedAt: String) throws {
        #expect(try Self.line(Self.push(pushedAt: pushedAt)) == "202 accepted")
    }

    @Test func `is looked at after the signature`() throws {
        let body = Self.push(pushedAt: Self.seconds(ago: 30 * Self.day))
        #expect(
            try Self.line(body, signedWith: "guess")
                == "401 unauthorized: signature absent or wrong"
        )
    }

    @Test func `is a ping's never`() throws {
        let ping =
            #"{"zen":"z","hook":{"events":["push"],"config":{"content_type":"json"}},"#
            + #""repository":{"full_name":"octo/mono","pushed_at":"2011-01-26T19:06:43Z"}}"#
        #expect(try Self.line(ping, name: "ping").hasPrefix("200 pong: "))
    }

    @Test func `is no matter where its time is not signed`() throws {
        let stage = try Stage(["DOCKERHUB_TOKEN": "token"])
        let body =
            #"{"push_data":{"pushed_at":1417566161,"pusher":"p","tag":"1"},"#
            + #""repository":{"repo_name":"octo/mono"}}"#
        let event = #"""
            {"rawPath":"/dockerhub/token","headers":{"content-type":"application/json"},\#
            "requestContext":{"http":{"method":"POST"}},\#
            "body":\#(String(decoding: JSON.string(body).encoded(), as: UTF8.self))}
            """#
        #expect(try stage.send(Array(event.utf8)).status == 202)
    }

    @Test func `is taken of AWS itself`() throws {
        let stage = try Stage()
        let event = #"""
            {"Records":[{"eventId":"e-1","eventTime":"2016-01-01T23:59:59.644+0000",\#
            "eventSource":"aws:codecommit","eventSourceARN":"arn:aws:codecommit:eu-west-1:1:mono",\#
            "userIdentityARN":"arn:aws:iam::1:root","codecommit":{"references":[\#
            {"commit":"\#(String(repeating: "b", count: 40))","ref":"refs/heads/main"}]}}]}
            """#
        let handler = try #require(stage.webhook)
        _ = try handler(stage.invocation(Array(event.utf8), requestID: "r"))
        #expect(stage.takeHandOvers().count == 1)
    }

    @Test func `starts what evaluate itself is invoked with`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let body = Self.push(pushedAt: Self.seconds(ago: 1_000 * Self.day))
        _ = try stage.evaluate(Array(body.utf8))[0].get()
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
    }

    @Test func `is replayed under another rule, and starts nothing`() throws {
        let stage = try Stage()
        stage.rule("api", "")
        let body = Self.push(pushedAt: Self.seconds(ago: 0))
        try stage.evaluateAll(Stage.event(body))
        // The stack was renamed: its rule has another key, and the ledger does not know it.
        stage.aws.objects["pointsman/rules/github/octo/mono/api.json"] = nil
        stage.rule("renamed", "")
        stage.wait(180 * Self.day)
        let (status, answer) = try stage.send(Stage.event(body))
        #expect(status == 200)
        #expect(answer["reason"]?.string == Self.reason("180 days", "7 days"))
        #expect(stage.takeHandOvers().isEmpty)
        #expect(stage.aws.executions.map(\.pipeline) == ["api"])
    }
}

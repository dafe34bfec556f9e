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
        + "a CodeCommit trigger or a CodeCommit event of EventBridge, found "

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

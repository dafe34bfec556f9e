import Platform
import Testing

@testable import AWS

struct RuntimeAPITests {
    let api: RuntimeAPI

    init() throws {
        api = try RuntimeAPI(address: "127.0.0.1:9001")
    }

    @Test func `the next invocation is a GET without a body`() {
        #expect(
            api.next
                == HTTPRequest(
                    method: "GET",
                    origin: "http://127.0.0.1:9001",
                    target: "/2018-06-01/runtime/invocation/next",
                    headers: ["User-Agent": Version.userAgent]
                )
        )
    }

    @Test func `a response goes to its invocation as JSON`() {
        #expect(
            api.response(to: "8476a536", body: [1, 2])
                == HTTPRequest(
                    method: "POST",
                    origin: "http://127.0.0.1:9001",
                    target: "/2018-06-01/runtime/invocation/8476a536/response",
                    headers: ["Content-Type": "application/json", "User-Agent": Version.userAgent],
                    body: [1, 2]
                )
        )
    }

    @Test func `a failure goes to its invocation with its type and cause`() {
        let error = InvocationError(type: "Function.Oops", message: "no")
        #expect(
            api.failure(of: "8476a536", error)
                == HTTPRequest(
                    method: "POST",
                    origin: "http://127.0.0.1:9001",
                    target: "/2018-06-01/runtime/invocation/8476a536/error",
                    headers: [
                        "Content-Type": "application/json",
                        "User-Agent": Version.userAgent,
                        "Lambda-Runtime-Function-Error-Type": "Function.Oops",
                        "Lambda-Runtime-Function-XRay-Error-Cause": error.cause,
                    ],
                    body: error.body
                )
        )
    }

    @Test func `a failed start goes to init error`() {
        let request = api.initFailure(InvocationError(type: "Runtime.Oops", message: "no"))
        #expect(request.method == "POST")
        #expect(request.target == "/2018-06-01/runtime/init/error")
        #expect(request.headers["lambda-runtime-function-error-type"] == "Runtime.Oops")
    }

    @Test(arguments: [
        ("8476a536-e9f4-11e8-9739-2dfe598c3fcd", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("a/../b", "a%2F..%2Fb"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("a\r\nb", "a%0D%0Ab"),
    ])
    func `a request id stays one segment of the path`(id: String, segment: String) {
        let target = api.response(to: id, body: []).target
        #expect(target == "/2018-06-01/runtime/invocation/\(segment)/response")
    }

    @Test(arguments: [
        "127.0.0.1:9001", "localhost:80", "169.254.100.1:9001", "[::1]:9001", "a-b.c_d:65535",
    ])
    func `an address is a host and a port`(address: String) throws {
        #expect(try RuntimeAPI(address: address).next.origin == "http://" + address)
    }

    @Test func `a path behind it comes before every path of the Runtime API`() throws {
        let api = try RuntimeAPI(address: "127.0.0.1:9001/7D3f")
        #expect(api.next.origin == "http://127.0.0.1:9001")
        #expect(api.next.target == "/7D3f/2018-06-01/runtime/invocation/next")
        let refusal = RuntimeAPIError(refusing: api.next, HTTPResponse(status: 403))
        #expect(
            refusal.description == "Runtime API: GET /2018-06-01/runtime/invocation/next: 403",
            "it is a secret"
        )
        let response = api.response(to: "a", body: [])
        #expect(response.target == "/7D3f/2018-06-01/runtime/invocation/a/response")
    }

    @Test(arguments: [
        "", ":", "localhost", "localhost:", ":9001", "localhost:port", "localhost:0",
        "localhost:65536", "localhost:999999", "localhost:-1", "localhost:+1", "http://localhost:1",
        "localhost:1/", "localhost:1/a/", "localhost:1/a/b", "localhost:1/a b",
        "localhost:1/..", "localhost:1/a?b", "localhost:1?a", "localhost:1#a", "localhost:1/%61",
        "a b:1", "user@localhost:1",
        "localhost:1\r\nHost: x", "::1:9001",
        "[::1:9001", "[]:9001", "[:]:9001", "[::1%eth0]:9001", "lo\u{e9}:1",
    ])
    func `any other address is refused by name`(address: String) {
        let error = #expect(throws: RuntimeAPIError.self) { try RuntimeAPI(address: address) }
        #expect(
            error?.description
                == "AWS_LAMBDA_RUNTIME_API: expected host:port, found '\(address)'"
        )
    }

    @Test func `errors say what was asked and what came`() {
        let next = "/2018-06-01/runtime/invocation/next"
        let refusal = #"{"errorMessage":"no","errorType":"InvalidRequestID"}"#
        let broken = TransportError(
            .broken,
            method: "GET",
            origin: "http://127.0.0.1:9001",
            reason: "empty reply from server"
        )
        let rows: [(RuntimeAPIError, String)] = [
            (.unanswered(path: next, broken), "Runtime API: GET \(next): empty reply from server"),
            (
                RuntimeAPIError(refusing: api.next, HTTPResponse(status: 500)),
                "Runtime API: GET \(next): 500"
            ),
            (
                RuntimeAPIError(
                    refusing: api.next,
                    HTTPResponse(status: 403, body: Array(refusal.utf8))
                ),
                "Runtime API: GET \(next): 403 InvalidRequestID"
            ),
            (.requestIDAbsent, "Runtime API: GET \(next): no request id in the answer"),
        ]
        for (error, message) in rows {
            #expect(error.description == message)
        }
    }
}

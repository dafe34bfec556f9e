import Codec
@testable import Core
import Platform
import Testing

@testable import pointsman

/// What stands between HTTP and the function.
@Suite struct GatewayEventTests {
    static func event(_ type: String, _ body: [UInt8]) throws -> JSON {
        let request = LocalRequest(
            method: "POST",
            path: "/a%20b/github",
            query: "x=1",
            headers: ["Content-Type": type, "X-Twice": "1", "x-twice": "2", "User-Agent": "U"],
            body: body
        )
        let event = GatewayEvent(request: request)
        return try JSON(parsing: event.encoded(requestID: "r", at: Timestamp(milliseconds: 5)))
    }

    @Test(arguments: [
        ("/github", true), ("/ghorg/push", true), ("/gitea", true), ("/gitlab", true),
        ("/dockerhub/token", true), ("/dockerhub", false), ("/dockerhub/", false),
        ("/dockerhub/a/b", false), ("/webhook/github", false), ("/github/", false), ("/", false),
    ])
    func `the front door has the routes of the stack's API`(path: String, isRoute: Bool) {
        #expect(FrontDoor.hasRoute(path) == isRoute)
    }

    @Test func `a request has the shape of an HTTP API's version 2 event`() throws {
        let json = try Self.event("application/json", Array(#"{"a":"é"}"#.utf8))
        let text =
            #"{"version":"2.0","routeKey":"$default","rawPath":"/a%20b/github","#
            + #""rawQueryString":"x=1","headers":{"content-type":"application/json","#
            + #""x-twice":"1,2","user-agent":"U"},"requestContext":{"apiId":"local","#
            + #""http":{"method":"POST","path":"/a%20b/github","protocol":"HTTP/1.1","#
            + #""sourceIp":"127.0.0.1","userAgent":"U"},"requestId":"r","#
            + #""routeKey":"$default","stage":"$default","timeEpoch":5},"#
            + #""body":"{\"a\":\"é\"}","isBase64Encoded":false}"#
        #expect(String(decoding: json.encoded(), as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("application/x-www-form-urlencoded", Array("payload=x".utf8)),
        ("application/json", [0xFF, 0x00]),
    ])
    func `what is not text comes as base64, and arrives as it was`(
        type: String,
        body: [UInt8]
    ) throws {
        let json = try Self.event(type, body)
        #expect(json["isBase64Encoded"]?.bool == true)
        #expect(Base64.decode(Array((json["body"]?.string ?? "").utf8)) == body)
        guard case .http(let request) = try Event(json.encoded()) else {
            Issue.record("it is no request")
            return
        }
        #expect(request.method == "POST")
        #expect(request.path == "/a%20b/github")
    }

    @Test func `the function's answer becomes the response`() {
        let returned =
            #"{"statusCode":405,"headers":{"allow":"POST"},"body":"ok","isBase64Encoded":false}"#
        let response = GatewayEvent.response(to: .returned(Array(returned.utf8)))
        #expect(
            response
                == HTTPResponse(status: 405, headers: ["allow": "POST"], body: Array("ok".utf8))
        )
        let encoded = #"{"statusCode":200,"body":"b2s=","isBase64Encoded":true}"#
        #expect(GatewayEvent.response(to: .returned(Array(encoded.utf8))).body == Array("ok".utf8))
    }

    @Test(arguments: [
        (FunctionResult.returned(Array("{}".utf8)), 500),
        (.returned([]), 500),
        (.returned(Array(#"{"statusCode":20000}"#.utf8)), 500),
        (.failed(type: "Function.A", message: "secret details"), 500),
        (.exited, 500),
        (.timedOut, 503),
    ])
    func `a function that fails is answered for as API Gateway does`(
        result: FunctionResult,
        status: Int
    ) {
        let response = GatewayEvent.response(to: result)
        #expect(response.status == status)
        let message = status == 503 ? "Service Unavailable" : "Internal Server Error"
        #expect(response.body == Array(#"{"message":"\#(message)"}"#.utf8))
    }
}

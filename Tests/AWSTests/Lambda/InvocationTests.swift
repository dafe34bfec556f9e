@testable import AWS
import Codec
import Foundation
import Platform
import Testing

struct InvocationTests {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    static func invocation(
        _ headers: HTTPHeaders,
        _ payload: [UInt8] = []
    ) throws(RuntimeAPIError) -> Invocation {
        let response = HTTPResponse(status: 200, headers: headers, body: payload)
        return try Invocation(response, receivedAt: now)
    }

    @Test func `every header of the Runtime API reaches the handler`() throws {
        let headers: HTTPHeaders = [
            "Content-Type": "application/json; charset=utf-8",
            "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "Lambda-Runtime-Deadline-Ms": "1700000003000",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:1:function:f:live",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
            "Lambda-Runtime-Client-Context": #"{"client":{}}"#,
            "Lambda-Runtime-Cognito-Identity": #"{"cognitoIdentityId":"i"}"#,
            "Lambda-Runtime-Aws-Tenant-Id": "blue",
            "X-Unknown": "kept",
        ]
        let invocation = try Self.invocation(headers, [0, 255, 1])
        #expect(invocation.requestID == "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        #expect(invocation.deadline == Deadline(Timestamp(milliseconds: 1_700_000_003_000)))
        #expect(invocation.functionARN == "arn:aws:lambda:eu-west-1:1:function:f:live")
        #expect(invocation.traceID == "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1")
        #expect(invocation.headers == headers)
        #expect(invocation.payload == [0, 255, 1])
    }

    @Test func `header names are compared without case`() throws {
        let invocation = try Self.invocation([
            "lambda-runtime-aws-request-id": "a", "LAMBDA-RUNTIME-TRACE-ID": "t",
        ])
        #expect(invocation.requestID == "a")
        #expect(invocation.traceID == "t")
    }

    @Test func `only the request id is needed`() throws {
        let invocation = try Self.invocation(["Lambda-Runtime-Aws-Request-Id": "a"])
        #expect(invocation.functionARN == nil)
        #expect(invocation.traceID == nil)
        #expect(invocation.payload == [])
    }

    @Test(arguments: [[:], ["Lambda-Runtime-Aws-Request-Id": ""]] as [HTTPHeaders])
    func `an invocation without a request id is none`(headers: HTTPHeaders) {
        #expect(throws: RuntimeAPIError.requestIDAbsent) { try Self.invocation(headers) }
    }

    @Test(arguments: [nil, "", "soon", "-1", "0", "1.5e12", "99999999999999999999999"])
    func `without a readable deadline it has a minute`(deadline: String?) throws {
        var headers: HTTPHeaders = ["Lambda-Runtime-Aws-Request-Id": "a"]
        headers["Lambda-Runtime-Deadline-Ms"] = deadline
        let invocation = try Self.invocation(headers)
        #expect(invocation.deadline.remaining(at: Self.now) == 60_000)
    }

    @Test(
        arguments: [
            (nil, nil), ("", nil), ("Root=", ""), ("1-2-3", nil),
            ("Root=1-2-3", "1-2-3"), ("Sampled=0;Root=1-2-3;Lineage=a:1", "1-2-3"),
        ] as [(String?, String?)]
    )
    func `a trace is searched by its root`(header: String?, root: String?) throws {
        var headers: HTTPHeaders = ["Lambda-Runtime-Aws-Request-Id": "a"]
        headers["Lambda-Runtime-Trace-Id"] = header
        #expect(try Self.invocation(headers).traceRoot == root)
    }
}

struct InvocationErrorTests {
    @Test(arguments: [
        "Function.Oops", "Runtime.Oops", "Function.MalformedEvent", "Runtime.ABC", "Function.Ab",
    ])
    func `a type that the platform takes is kept`(type: String) {
        #expect(InvocationError(type: type, message: "").type == type)
    }

    @Test(arguments: [
        "", "Unhandled", "unhandled", "Function.", "Function.x", "Function.X", "Function.1a",
        "Function.A1", "Function.Oops.More", "Function.Oops ", "Function.Oops\r\nX: y",
        "runtime.Oops",
        "Extension.Oops", ".Oops", "Function.[A", "Function.Oop\u{e9}",
    ])
    func `any other type becomes Function dot Unknown`(type: String) {
        #expect(InvocationError(type: type, message: "").type == "Function.Unknown")
    }

    @Test func `the body has type, message and an empty stack trace`() {
        let error = InvocationError(type: "Function.Oops", message: "line 1\nline \"2\"")
        #expect(
            String(decoding: error.body, as: UTF8.self)
                == #"{"errorType":"Function.Oops","errorMessage":"line 1\nline \"2\"","stackTrace":[]}"#
        )
    }

    @Test func `the cause has the message as its one exception`() {
        let error = InvocationError(type: "Function.Oops", message: "no \u{e9}\u{1f600}\u{7f}")
        #expect(
            error.cause
                == #"{"working_directory":"","exceptions":[{"message":"no \u00e9\ud83d\ude00\u007f","#
                + #""type":"Function.Oops","stack":[]}],"paths":[]}"#
        )
    }

    static let messages: [String] =
        (0..<256).map { String(UnicodeScalar(UInt8($0))) }
        + ["\u{2028}\u{2029}", "\u{feff}", "\u{10ffff}", "\\u0000", "\"}", "e\u{301}", "\r\n\r\n"]

    @Test(arguments: messages)
    func `body and cause say any message in valid JSON`(message: String) throws {
        let error = InvocationError(type: "Function.Oops", message: "a\(message)z")
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(error.body)) as? [String: Any]
        )
        #expect((body["errorMessage"] as? String)?.utf8.elementsEqual("a\(message)z".utf8) == true)
        let cause = try #require(
            JSONSerialization.jsonObject(with: Data(error.cause.utf8)) as? [String: Any]
        )
        let exceptions = try #require(cause["exceptions"] as? [[String: Any]])
        let said = exceptions.first?["message"] as? String
        #expect(said?.utf8.elementsEqual("a\(message)z".utf8) == true)
        #expect(error.cause.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test(arguments: ["\u{1}", "x", "\u{e9}", "\u{20ac}", "\u{1f600}"])
    func `a long message is cut between code points and its cause stays under 64 KiB`(
        character: String
    ) {
        let error = InvocationError(
            type: "Function.Oops",
            message: "-" + String(repeating: character, count: 100_000)
        )
        #expect(error.message.utf8.count <= InvocationError.maximumMessage)
        #expect(error.message.utf8.count > InvocationError.maximumMessage - 4)
        #expect(error.message.hasSuffix(character))
        #expect(error.cause.utf8.count < 65_536)
    }

    @Test func `it describes itself by type and message`() {
        let error = InvocationError(type: "Function.Oops", message: "no such key")
        #expect(error.description == "Function.Oops: no such key")
    }
}

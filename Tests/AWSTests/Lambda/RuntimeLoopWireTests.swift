import Platform
import Synchronization
import TestSupport
import Testing

@testable import AWS

/// The loop on its real connection, against a scripted Runtime API over real sockets.
@Suite(.serialized)
struct RuntimeLoopWireTests {
    typealias Action = LoopbackServer.Action

    /// What arrived, and what the loop says of itself.
    struct Session {
        var server: LoopbackServer
        var report: ScriptedRuntimeAPI.Report
        var posts: [LoopbackServer.Request] { server.requests.filter { $0.method == "POST" } }
    }

    /// Answers `/next` from one list and what is posted from the other, then with 202.
    ///
    /// Once the invocations are used up it breaks every connection, which ends the loop.
    static func serve(
        _ next: [Action],
        post: [Action] = [],
        handler: @escaping RuntimeLoop.Handler = { invocation in invocation.payload }
    ) throws -> Session {
        let script = Mutex((next: next, post: post))
        let server = try LoopbackServer { request in
            script.withLock { script in
                if request.method == "GET" {
                    return script.next.isEmpty ? .close : script.next.removeFirst()
                }
                return script.post.isEmpty
                    ? .text(#"{"status":"OK"}"#, status: 202) : script.post.removeFirst()
            }
        }
        let connection = HTTPConnection()
        let report = try ScriptedRuntimeAPI(next: []).run(address: server.authority) {
            (request, timeout) throws(TransportError) in
            try connection.perform(request, timeoutMilliseconds: timeout)
        } _: {
            handler
        }
        return Session(server: server, report: report)
    }

    static func headers(_ id: String) -> HTTPHeaders {
        [
            "Lambda-Runtime-Aws-Request-Id": id,
            "Lambda-Runtime-Deadline-Ms": "1700000003000",
            "Content-Type": "application/json",
        ]
    }

    static func invocation(_ id: String, _ payload: String = "{}") -> Action {
        .text(payload, headers: headers(id))
    }

    /// Where an invocation's answer went: `a/response`.
    static func answered(_ session: Session) -> [String] {
        session.posts.map { String($0.target.dropFirst("/2018-06-01/runtime/invocation/".count)) }
    }

    @Test func `one connection carries every request`() throws {
        let session = try Self.serve((1...20).map { Self.invocation("\($0)", "\($0)") })
        #expect(session.posts.map(\.text) == (1...20).map { "\($0)" })
        // The script breaks the first and the seven on which the loop asks again.
        #expect(session.server.requests.filter { $0.connection == 1 }.count == 41)
    }

    @Test func `these are the exact bytes of a request for the next invocation`() throws {
        let session = try Self.serve([Self.invocation("a")])
        let authority = session.server.authority
        let head = String(decoding: session.server.requests[0].raw, as: UTF8.self)
        #expect(
            head == "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: \(authority)\r\n"
                + "User-Agent: \(Version.userAgent)\r\n\r\n"
        )
    }

    @Test func `these are the exact bytes of a response`() throws {
        let session = try Self.serve([Self.invocation("a", "[1]")])
        let authority = session.server.authority
        let bytes = String(decoding: session.posts[0].raw, as: UTF8.self)
        #expect(
            bytes == "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\n"
                + "Host: \(authority)\r\nContent-Type: application/json\r\n"
                + "User-Agent: \(Version.userAgent)\r\nContent-Length: 3\r\n\r\n[1]"
        )
    }

    @Test(.thorough, arguments: [0, 1, 1_024, 100_000, 1_048_577, 6_291_556])
    func `a response of any size goes with its length and expects nothing`(size: Int) throws {
        let response = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let session = try Self.serve([Self.invocation("a")]) { _ in response }
        let post = try #require(session.posts.first)
        #expect(post.body == response)
        #expect(post.headers["Content-Length"] == "\(size)")
        #expect(post.headers["Expect"] == nil)
        #expect(post.headers["Transfer-Encoding"] == nil)
    }

    @Test func `an event in chunks arrives whole`() throws {
        let event = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let chunks = stride(from: 0, to: event.count, by: 4_096).map {
            Array(event[$0..<min($0 + 4_096, event.count)])
        }
        let session = try Self.serve([
            .chunked(status: 200, headers: Self.headers("a"), chunks: chunks)
        ])
        #expect(session.posts.first?.body == event)
    }

    @Test func `an event without a content type, or without a body, is an event`() throws {
        let session = try Self.serve([
            .text("x", headers: ["Lambda-Runtime-Aws-Request-Id": "a"]),
            .status(200, headers: ["Lambda-Runtime-Aws-Request-Id": "b"]),
            .chunked(status: 200, headers: Self.headers("c"), chunks: []),
        ])
        #expect(session.posts.map(\.text) == ["x", "", ""])
    }

    @Test func `every header arrives, in any case and with any white space`() throws {
        let wire =
            "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id:   a  \r\n"
            + "LAMBDA-RUNTIME-DEADLINE-MS:1700000003000\r\nLambda-Runtime-Aws-Tenant-Id:\tblue\r\n"
            + "X-Unknown: kept: whole\r\nContent-Length: 0\r\n\r\n"
        var tenant: String?
        var unknown: String?
        let session = try Self.serve([.raw(Array(wire.utf8))]) { invocation in
            tenant = invocation.headers["Lambda-Runtime-Aws-Tenant-Id"]
            unknown = invocation.headers["x-unknown"]
            return []
        }
        #expect(Self.answered(session) == ["a/response"])
        #expect(tenant == "blue")
        #expect(unknown == "kept: whole")
    }

    @Test func `answers that close the connection do not end the process`() throws {
        func closing(_ id: String) -> Action {
            var headers = Self.headers(id)
            headers.append("Connection", "close")
            return .closing(.text(id, headers: headers))
        }
        let session = try Self.serve(
            ["a", "b", "c"].map(closing),
            post: [.closing(.status(202, headers: ["Connection": "close"]))]
        )
        #expect(Self.answered(session) == ["a/response", "b/response", "c/response"])
        #expect(session.report.log.count == 8, "nothing is logged but the end")
    }

    @Test func `a connection that was closed while idle is opened again`() throws {
        let session = try Self.serve([
            .closing(Self.invocation("a")), .closing(Self.invocation("b")), Self.invocation("c"),
        ])
        #expect(Self.answered(session) == ["a/response", "b/response", "c/response"])
    }

    @Test(
        arguments: [
            ("closed", .close), ("reset", .reset), ("403", .status(403)), ("500", .status(500)),
            ("not HTTP", .closing(.raw(Array("SSH-2.0-x\r\n".utf8)))),
            (
                "cut off",
                .closing(
                    .raw(
                        Array(
                            ("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: x\r\n"
                                + "Content-Length: 9\r\n\r\nhalf").utf8
                        )
                    )
                )
            ),
            ("no request id", .text("{}")),
        ] as [(String, Action)]
    )
    func `a next that fails once does not end the process`(name: String, action: Action) throws {
        let session = try Self.serve([action, Self.invocation("a"), action, Self.invocation("b")])
        #expect(Self.answered(session) == ["a/response", "b/response"])
    }

    @Test(arguments: [("closed", .close), ("reset", .reset)] as [(String, Action)])
    func `an answer whose connection breaks is posted once more`(
        name: String,
        action: Action
    ) throws {
        let session = try Self.serve(
            [Self.invocation("a", "1"), Self.invocation("b", "2")],
            post: [action]
        )
        #expect(session.posts.suffix(2).map(\.text) == ["1", "2"])
        #expect(Set(Self.answered(session).dropLast()) == ["a/response"])
    }

    @Test func `a response that is too large is followed by the next invocation`() throws {
        let refusal =
            #"{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","#
            + #""errorType":"RequestEntityTooLarge"}"#
        let session = try Self.serve(
            [Self.invocation("a"), Self.invocation("b")],
            post: [.text(refusal, status: 413)],
            handler: { invocation in
                invocation.requestID == "a" ? [UInt8](repeating: 32, count: 6_291_557) : []
            }
        )
        #expect(Self.answered(session) == ["a/response", "b/response"])
    }

    @Test func `an error answer arrives with its headers whatever the message holds`() throws {
        let message = String(String.UnicodeScalarView((0..<0x180).compactMap(Unicode.Scalar.init)))
        let error = InvocationError(type: "Function.Oops", message: message)
        let session = try Self.serve([Self.invocation("a"), Self.invocation("b")]) {
            (_) throws(InvocationError) in throw error
        }
        #expect(Self.answered(session) == ["a/error", "b/error"])
        let post = try #require(session.posts.first)
        #expect(post.body == error.body)
        #expect(post.headers["Lambda-Runtime-Function-Error-Type"] == "Function.Oops")
        #expect(post.headers["Lambda-Runtime-Function-XRay-Error-Cause"] == error.cause)
        #expect(post.headers["Content-Type"] == "application/json")
    }

    @Test func `an error with the longest message still arrives`() throws {
        let error = InvocationError(
            type: "Function.Oops",
            message: String(repeating: "\u{1}", count: 100_000)
        )
        let session = try Self.serve([Self.invocation("a")]) { (_) throws(InvocationError) in
            throw error
        }
        let post = try #require(session.posts.first)
        #expect(post.headers["Lambda-Runtime-Function-XRay-Error-Cause"] == error.cause)
    }

    @Test func `a Runtime API where nothing listens ends the process with 1`() throws {
        let connection = HTTPConnection()
        let port = try LoopbackServer.unusedPort()
        let report = try ScriptedRuntimeAPI(next: []).run(address: "127.0.0.1:\(port)") {
            (request, timeout) throws(TransportError) in
            try connection.perform(request, timeoutMilliseconds: timeout)
        } _: {
            { invocation in invocation.payload }
        }
        #expect(report.status == 1)
        #expect(report.requests.count == 8)
        #expect(report.log.last?.contains("giving up after 8 attempts") == true)
    }
}

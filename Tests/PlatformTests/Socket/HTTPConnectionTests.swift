import Foundation
import Platform
import TestSupport
import Testing

typealias ServerAction = LoopbackServer.Action

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Bytes of which no two places that matter are alike.
func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0x61, count: count)
    for index in stride(from: 0, to: count, by: 97) {
        bytes[index] = UInt8(truncatingIfNeeded: index / 97)
    }
    return bytes
}

private func raw(_ text: String) -> ServerAction { .raw(Array(text.utf8)) }

@Suite(.serialized) struct HTTPConnectionTests {
    let connection = HTTPConnection()

    private func send(
        _ method: String = "GET",
        _ origin: String,
        _ body: [UInt8] = [],
        headers: HTTPHeaders = [:],
        timeout: Int? = 10_000
    ) throws(TransportError) -> HTTPResponse {
        try connection.perform(
            HTTPRequest(
                method: method,
                origin: origin,
                target: "/a?b",
                headers: headers,
                body: body
            ),
            timeoutMilliseconds: timeout
        )
    }

    private func failure(_ origin: String, timeout: Int? = 10_000) -> TransportError? {
        do throws(TransportError) {
            _ = try send("GET", origin, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("GET", "", "GET /a?b HTTP/1.1\r\nHost: #\r\nX-A: 1\r\n\r\n"),
        ("POST", "", "POST /a?b HTTP/1.1\r\nHost: #\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n"),
        ("POST", "b", "POST /a?b HTTP/1.1\r\nHost: #\r\nX-A: 1\r\nContent-Length: 1\r\n\r\nb"),
    ])
    func `a request goes out with its own headers and nothing else`(
        method: String,
        body: String,
        expected: String
    ) throws {
        let server = try LoopbackServer { _ in .status(202) }
        let response = try send(method, server.origin, Array(body.utf8), headers: ["X-A": "1"])
        #expect(response.status == 202)
        let raw = expected.split(separator: "#").joined(separator: server.authority)
        #expect(text(server.requests[0].raw) == raw)
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 100_000, 6_291_556])
    func `bodies of every size go out and come back on one connection`(length: Int) throws {
        let server = try LoopbackServer { request in
            request.number % 2 == 1
                ? .respond(status: 200, headers: [:], body: request.body)
                : .chunked(
                    status: 200,
                    headers: [:],
                    chunks: stride(from: 0, to: request.body.count, by: 30_000).map {
                        Array(request.body[$0..<min($0 + 30_000, request.body.count)])
                    }
                )
        }
        let body = bytes(length)
        for timeout in [nil, 10_000, nil, 10_000] {
            #expect(try send("POST", server.origin, body, timeout: timeout).body == body)
        }
        #expect(server.connectionCount == 1)
    }

    @Test(
        .thorough,
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"),
            ("HTTP/1.1 200 OK\ncontent-length:3\n\nabc", "abc"),
            ("HTTP/1.1 200\r\nContent-Length:\t3 \r\n\r\nabc", "abc"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                    + "1;x=y\r\na\r\n2 \r\nbc\r\n00\r\nX-A: trailer\r\n\r\n", "abc"
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX-A: early\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
            ("HTTP/1.1 204 No Content\r\n\r\n", ""),
        ]
    )
    func `an answer is read wherever it is cut`(answer: String, body: String) throws {
        let bytes = Array(answer.utf8)
        let server = try LoopbackServer { request in
            let cut = request.number - 1
            return .both(
                .raw(Array(bytes[..<cut])),
                .delayed(milliseconds: 1, .raw(Array(bytes[cut...])))
            )
        }
        for _ in bytes.indices {
            let response = try send("GET", server.origin)
            #expect(response.status == (answer.contains("204") ? 204 : 200))
            #expect(text(response.body) == body)
            #expect(response.headers["X-A"] == nil)
        }
        #expect(server.connectionCount == 1)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\nabc", "abc"),
        ("HTTP/1.0 200 OK\r\n\r\nabc", "abc"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "abc"),
    ])
    func `a connection that the peer ends is followed by a fresh one`(answer: String, body: String)
        throws
    {
        let server = try LoopbackServer { _ in .closing(raw(answer)) }
        for number in 1...3 {
            #expect(text(try send("GET", server.origin).body) == body)
            #expect(server.connectionCount == number)
        }
    }

    @Test func `HEAD has the length of a body and no body`() throws {
        let server = try LoopbackServer { _ in .status(200, headers: ["Content-Length": "9"]) }
        #expect(try send("HEAD", server.origin).body == [])
        #expect(try send("HEAD", server.origin).headers["Content-Length"] == "9")
        #expect(server.connectionCount == 1)
    }

    @Test(arguments: [ServerAction.close, .reset])
    func `a request that a stale connection swallowed goes out once more`(action: ServerAction)
        throws
    {
        let server = try LoopbackServer { request in
            request.connection == 1 && request.number == 2 ? action : .text(request.text)
        }
        let body = [UInt8](repeating: 0x61, count: 300_000)
        for _ in 1...3 { #expect(try send("POST", server.origin, body).body == body) }
        #expect(server.requests.map(\.connection) == [1, 1, 2, 2])
    }

    @Test func `a connection reset while it was idle is replaced`() throws {
        let server = try LoopbackServer { request in
            .both(.text("\(request.number)"), request.connection < 3 ? .reset : .status(500))
        }
        let body = [UInt8](repeating: 0x61, count: 300_000)
        for number in 1...3 {
            #expect(text(try send("POST", server.origin, body).body) == "\(number)")
            usleep(20_000)
        }
        #expect(server.connectionCount == 3)
    }

    @Test func `an answer that comes before the request was read is taken`() throws {
        let server = try HastyServer(
            answer: "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!"
        )
        let response = try send("POST", server.origin, bytes(32 << 20), timeout: nil)
        #expect(response.status == 413)
        #expect(text(response.body) == "no!")
    }

    @Test func `nothing is sent again once some of the answer has come`() throws {
        // The first chunk ends where a piece of input ends: nothing is left over of it.
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        let server = try LoopbackServer { request in
            request.number == 1 ? .text("first") : .closing(raw(start))
        }
        _ = try send("GET", server.origin)
        let error = failure(server.origin)
        #expect(error?.kind == .broken)
        #expect(error?.reason == "the connection was closed inside the answer")
        #expect(server.requests.count == 2)
    }

    @Test(
        .thorough,
        arguments: [
            (ServerAction.close, "the connection was closed without an answer"),
            (.reset, "receive: connection reset by peer"),
            (
                .closing(raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")),
                "the connection was closed inside the answer"
            ),
            (.closing(raw("HTTP/1.1 200 OK\r\nX-")), "the connection was closed inside the answer"),
            (raw("SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP/1.1"),
            (raw("HTTP/2 200\r\n\r\n"), "the answer is not HTTP/1.1"),
            (raw("HTTP/1.1 abc\r\n\r\n"), "the answer is not HTTP/1.1"),
            (raw("\r\n"), "the answer is not HTTP/1.1"),
            (
                raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
                "malformed length of the answer"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
                "malformed length of the answer"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n"),
                "response larger than 67108864 bytes"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n"),
                "response larger than 67108864 bytes"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
                "unknown transfer coding of the answer"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
                "malformed chunk in the answer"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"),
                "malformed chunk in the answer"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n"),
                "malformed chunk in the answer"
            ),
            (
                raw("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 1 << 20) + "\r\n\r\n"),
                "the answer's head is too long"
            ),
        ]
    )
    func `what is not an answer is a broken connection`(action: ServerAction, reason: String) throws
    {
        let server = try LoopbackServer { _ in action }
        let error = failure(server.origin)
        #expect(error?.kind == .broken)
        #expect(error?.description == "GET \(server.origin): \(reason)")
    }

    @Test func `what has not ended in time timed out`() throws {
        for action in [
            ServerAction.never, .both(raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na"), .never),
        ] {
            let server = try LoopbackServer { _ in action }
            let error = failure(server.origin, timeout: 100)
            #expect(error?.kind == .timedOut)
            #expect(error?.description == "GET \(server.origin): timed out")
        }
    }

    @Test func `a refused connection is unreachable`() throws {
        let origin = "http://127.0.0.1:\(try LoopbackServer.unusedPort())"
        let error = failure(origin)
        #expect(error?.kind == .unreachable)
        #expect(error?.description == "GET \(origin): connect: connection refused")
    }

    @Test func `a name is resolved`() throws {
        let server = try LoopbackServer { _ in .text("hello") }
        let origin = "http://localhost:\(server.port)"
        for _ in 1...2 { #expect(text(try send("GET", origin).body) == "hello") }
        #expect(server.connectionCount == 1)
        #expect(server.requests[0].headers["Host"] == "localhost:\(server.port)")
    }

    @Test func `a name that does not exist is unresolved`() {
        #expect(failure("http://pointsman.invalid:80")?.kind == .unresolved)
    }

    @Test func `another origin is another connection`() throws {
        let one = try LoopbackServer { _ in .text("one") }
        let other = try LoopbackServer { _ in .text("other") }
        for _ in 1...2 {
            #expect(text(try send("GET", one.origin).body) == "one")
            #expect(text(try send("GET", other.origin).body) == "other")
        }
    }

    @Test func `a malformed request is not sent`() {
        let error = failure("http://user@127.0.0.1:1")
        #expect(error?.kind == .invalid)
        #expect(error?.reason == "malformed origin")
    }

    @Test func `the connection works on after every failure`() throws {
        let server = try LoopbackServer { request in
            switch request.number % 4 {
            case 1: .close
            case 2: .never
            case 3: .reset
            default: .text("fine")
            }
        }
        var answers = 0
        for _ in 1...12 where failure(server.origin, timeout: 100) == nil { answers += 1 }
        #expect(answers == 3)
    }
}

import Codec
import Foundation
import Platform
import TestSupport
import Testing

/// Moments that requests are given.
private func within(milliseconds: Int) -> Deadline {
    Deadline(WallClock.system.now().adding(milliseconds: milliseconds))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite(.serialized) struct HTTPClientTests {
    let client = HTTPClient()

    private func send(
        _ request: HTTPRequest,
        within milliseconds: Int = 10_000
    ) -> Result<HTTPResponse, TransportError> {
        client.perform([request], within(milliseconds: milliseconds))[0]
    }

    private func failure(_ request: HTTPRequest, within limit: Int = 10_000) -> TransportError? {
        if case .failure(let error) = send(request, within: limit) { error } else { nil }
    }

    // What goes out.

    @Test(arguments: [
        ("GET", "", "GET /a HTTP/1.1\r\nHost: #\r\n\r\n"),
        ("DELETE", "", "DELETE /a HTTP/1.1\r\nHost: #\r\n\r\n"),
        ("HEAD", "", "HEAD /a HTTP/1.1\r\nHost: #\r\n\r\n"),
        ("PUT", "", "PUT /a HTTP/1.1\r\nHost: #\r\nContent-Length: 0\r\n\r\n"),
        ("POST", "", "POST /a HTTP/1.1\r\nHost: #\r\nContent-Length: 0\r\n\r\n"),
        ("PATCH", "", "PATCH /a HTTP/1.1\r\nHost: #\r\nContent-Length: 0\r\n\r\n"),
        ("GET", "b", "GET /a HTTP/1.1\r\nHost: #\r\nContent-Length: 1\r\n\r\nb"),
        ("DELETE", "b", "DELETE /a HTTP/1.1\r\nHost: #\r\nContent-Length: 1\r\n\r\nb"),
        ("PUT", "b", "PUT /a HTTP/1.1\r\nHost: #\r\nContent-Length: 1\r\n\r\nb"),
        ("POST", "b", "POST /a HTTP/1.1\r\nHost: #\r\nContent-Length: 1\r\n\r\nb"),
        ("PATCH", "b", "PATCH /a HTTP/1.1\r\nHost: #\r\nContent-Length: 1\r\n\r\nb"),
    ])
    func `a request without headers goes out with Host and Content-Length alone`(
        method: String,
        body: String,
        expected: String
    ) throws {
        let server = try LoopbackServer { _ in .status(200) }
        let request = HTTPRequest(
            method: method,
            origin: server.origin,
            target: "/a",
            body: Array(body.utf8)
        )
        #expect(try send(request).get().status == 200)
        let raw = expected.split(separator: "#").joined(separator: server.authority)
        #expect(text(server.requests[0].raw) == raw)
    }

    @Test func `target and headers go out as they are, empty ones too`() throws {
        let server = try LoopbackServer { _ in .text("hello", headers: ["X-Answer": " a:b  "]) }
        let request = HTTPRequest(
            method: "PUT",
            origin: server.origin,
            target: "/a%2fb/../%C3%A9/./c?x=%20&y&x=#f",
            headers: [
                "Host": "bucket.example", "Content-Type": "", "X-One": "1", "x-one": "2",
                "User-Agent": "pointsman", "Accept": "a/b", "Expect": "nothing",
            ],
            body: [0x62]
        )
        let response = try send(request).get()
        #expect(response.headers["x-answer"] == "a:b")
        #expect(response.headers["CONTENT-LENGTH"] == "5")
        #expect(text(response.body) == "hello")
        let expected = """
            PUT /a%2fb/../%C3%A9/./c?x=%20&y&x=#f HTTP/1.1\r
            Host: bucket.example\r
            Content-Type:\r
            X-One: 1\r
            x-one: 2\r
            User-Agent: pointsman\r
            Accept: a/b\r
            Expect: nothing\r
            Content-Length: 1\r
            \r
            b
            """
        #expect(text(server.requests[0].raw) == expected)
    }

    @Test func `a large body goes out without waiting for 100 Continue`() throws {
        let server = try LoopbackServer { _ in .status(200) }
        let body = bytes(3_000_000)
        let request = HTTPRequest(method: "PUT", origin: server.origin, target: "/", body: body)
        #expect(try send(request).get().status == 200)
        #expect(server.requests[0].headers["Expect"] == nil)
        #expect(server.requests[0].body == body)
    }

    @Test(arguments: [
        (HTTPRequest(method: "", origin: "http://h", target: "/"), "malformed method"),
        (HTTPRequest(method: "GET /", origin: "http://h", target: "/"), "malformed method"),
        (HTTPRequest(method: "GET", origin: "ftp://h", target: "/"), "malformed origin"),
        (HTTPRequest(method: "GET", origin: "http://", target: "/"), "malformed origin"),
        (HTTPRequest(method: "GET", origin: "http://h/", target: "/"), "malformed origin"),
        (HTTPRequest(method: "GET", origin: "http://u:p@h", target: "/"), "malformed origin"),
        (HTTPRequest(method: "GET", origin: "http://h h", target: "/"), "malformed origin"),
        (HTTPRequest(method: "GET", origin: "http://h:99999", target: "/"), "malformed origin"),
        (HTTPRequest(method: "GET", origin: "http://h", target: ""), "malformed target"),
        (HTTPRequest(method: "GET", origin: "http://h", target: "a"), "malformed target"),
        (HTTPRequest(method: "GET", origin: "http://h", target: "/a b"), "malformed target"),
        (HTTPRequest(method: "GET", origin: "http://h", target: "/a\r\nX: y"), "malformed target"),
        (HTTPRequest(method: "GET", origin: "http://h", target: "/é"), "malformed target"),
        (
            HTTPRequest(method: "GET", origin: "http://h", target: "/", headers: ["a b": "c"]),
            "malformed header name"
        ),
        (
            HTTPRequest(method: "GET", origin: "http://h", target: "/", headers: ["": "c"]),
            "malformed header name"
        ),
        (
            HTTPRequest(method: "GET", origin: "http://h", target: "/", headers: ["a": "c\nd: e"]),
            "malformed value of header a"
        ),
        (
            HTTPRequest(
                method: "GET",
                origin: "http://h",
                target: "/",
                headers: ["content-length": "3"]
            ),
            "header content-length is not the caller's to set"
        ),
        (
            HTTPRequest(method: "HEAD", origin: "http://h", target: "/", body: [1]),
            "a HEAD request has no body"
        ),
    ])
    func `a malformed request is not sent`(request: HTTPRequest, reason: String) {
        let error = failure(request)
        #expect(error?.kind == .invalid)
        #expect(error?.description == "\(request.method) \(request.origin): \(reason)")
    }

    // What comes back.

    @Test(arguments: [200, 204, 301, 304, 400, 404, 412, 500, 503])
    func `every status is an answer, and no redirect is followed`(status: Int) throws {
        let server = try LoopbackServer { _ in .status(status, headers: ["Location": "/b"]) }
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        #expect(try send(request).get().status == status)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        (LoopbackServer.Action.text("abc"), "abc"),
        (.chunked(status: 200, headers: [:], chunks: [[0x61], [0x62, 0x63]]), "abc"),
        (.closing(.raw(Array("HTTP/1.0 200 OK\r\n\r\nabc".utf8))), "abc"),
        (
            .raw(
                Array(
                    ("HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").utf8
                )
            ), "abc"
        ),
        (
            .raw(
                Array(
                    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\nabc\r\n0\r\nX-A: trailer\r\n\r\n").utf8
                )
            ), "abc"
        ),
        (
            .both(
                .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na".utf8)),
                .delayed(milliseconds: 20, .raw(Array("bc".utf8)))
            ), "abc"
        ),
    ])
    func `a body comes back whatever its framing`(action: LoopbackServer.Action, body: String)
        throws
    {
        let server = try LoopbackServer { _ in action }
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        let response = try send(request).get()
        #expect(response.status == 200)
        #expect(text(response.body) == body)
        #expect(response.headers["X-A"] == nil)
    }

    @Test func `HEAD has the length of a body and no body`() throws {
        let server = try LoopbackServer { _ in .status(200, headers: ["Content-Length": "1000"]) }
        let head = HTTPRequest(method: "HEAD", origin: server.origin, target: "/")
        for _ in 1...2 {
            let response = try send(head).get()
            #expect(response.headers["Content-Length"] == "1000")
            #expect(response.body == [])
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `a body above the limit is an error and not memory`() throws {
        let megabyte = [UInt8](repeating: 0, count: 1 << 20)
        let chunks = [[UInt8]](repeating: megabyte, count: 65)
        let server = try LoopbackServer { _ in .chunked(status: 200, headers: [:], chunks: chunks) }
        let error = failure(HTTPRequest(method: "GET", origin: server.origin, target: "/"))
        #expect(error?.kind == .tooLarge)
        #expect(error?.reason == "response larger than 67108864 bytes")
    }

    @Test func `a request says how much of a response is taken`() throws {
        let chunks = [[UInt8]](repeating: [UInt8](repeating: 0, count: 1_000), count: 3)
        let server = try LoopbackServer { _ in .chunked(status: 200, headers: [:], chunks: chunks) }
        var request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        request.largestResponse = 2_999
        let error = failure(request)
        #expect(error?.kind == .tooLarge)
        #expect(error?.reason == "response larger than 2999 bytes")
        request.largestResponse = 3_000
        #expect(try send(request).get().body.count == 3_000)
    }

    // What fails.

    @Test(arguments: [
        (LoopbackServer.Action.close, "empty reply from server"),
        (.reset, "recv failure: Connection reset by peer"),
        (
            .closing(.raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8))),
            "transfer closed with 7 bytes remaining to read"
        ),
        (
            .closing(
                .raw(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc".utf8))
            ),
            "transfer closed with outstanding read data remaining"
        ),
        (.closing(.raw(Array("SSH-2.0-OpenSSH\r\n".utf8))), "received HTTP/0.9 when not allowed"),
    ])
    func `a connection that breaks is a broken one`(
        action: LoopbackServer.Action,
        reason: String
    ) throws {
        let server = try LoopbackServer { _ in action }
        let target = "/secret?X-Amz-Signature=abc"
        let error = failure(HTTPRequest(method: "PUT", origin: server.origin, target: target))
        #expect(error?.kind == .broken)
        #expect(error?.description == "PUT \(server.origin): \(reason)")
    }

    @Test func `a refused connection is unreachable`() throws {
        let port = try LoopbackServer.unusedPort()
        let origin = "http://127.0.0.1:\(port)"
        let error = failure(HTTPRequest(method: "GET", origin: origin, target: "/secret"))
        #expect(error?.kind == .unreachable)
        // The milliseconds in the middle differ.
        let start = "GET \(origin): failed to connect to 127.0.0.1 port \(port) after "
        #expect(error?.description.hasPrefix(start) == true)
        #expect(error?.description.hasSuffix(" ms: Couldn't connect to server") == true)
    }

    @Test func `a name that does not exist is unresolved`() {
        let request = HTTPRequest(method: "GET", origin: "http://pointsman.invalid", target: "/s")
        let error = failure(request)
        #expect(error?.kind == .unresolved)
        #expect(
            error?.description
                == "GET http://pointsman.invalid: could not resolve host: pointsman.invalid"
        )
    }

    @Test(
        .thorough,
        arguments: [
            LoopbackServer.Action.never,
            .delayed(milliseconds: 3_000, .status(200)),
            .both(.raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na".utf8)), .never),
        ]
    )
    func `what has not ended by the deadline timed out`(action: LoopbackServer.Action) throws {
        let server = try LoopbackServer { _ in action }
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/s")
        let error = failure(request, within: 200)
        #expect(error?.kind == .timedOut)
        #expect(error?.reason.hasPrefix("operation timed out after ") == true)
    }

    @Test(arguments: [0, -5_000])
    func `a deadline that has passed makes no connection`(milliseconds: Int) throws {
        let server = try LoopbackServer { _ in .status(200) }
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/s")
        let error = failure(request, within: milliseconds)
        #expect(error?.kind == .notSent)
        #expect(error?.description == "GET \(server.origin): the deadline has passed")
        #expect(server.connectionCount == 0)
    }

    @Test func `the client works on after every failure`() throws {
        let server = try LoopbackServer { request in
            switch request.target {
            case "/close": .close
            case "/reset": .reset
            case "/never": .never
            default: .text(request.target)
            }
        }
        for target in ["/a", "/close", "/b", "/reset", "/c", "/never", "/d"] {
            let request = HTTPRequest(method: "GET", origin: server.origin, target: target)
            switch send(request, within: 300) {
            case .success(let response): #expect(text(response.body) == target)
            case .failure: #expect(["/close", "/reset", "/never"].contains(target))
            }
        }
    }

    // Many at a time, and connections that live on.

    @Test func `results come in the order of the requests`() throws {
        let server = try LoopbackServer { request in
            switch Int(request.target.dropFirst()) ?? 0 {
            case let number where number % 7 == 3: .close
            case let number: .delayed(milliseconds: number % 5, .text("\(number)"))
            }
        }
        let requests = (0..<200).map { number in
            HTTPRequest(method: "GET", origin: server.origin, target: "/\(number)")
        }
        let results = client.perform(requests, within(milliseconds: 20_000))
        #expect(results.count == 200)
        for (number, result) in results.enumerated() {
            switch result {
            case .success(let response): #expect(text(response.body) == "\(number)")
            case .failure(let error): #expect(number % 7 == 3 && error.kind == .broken)
            }
        }
    }

    @Test(
        .thorough,
        arguments: [(4, 4), (5, 4), (10, 5), (20, 7), (100, 15), (400, 30), (600, 32)]
    )
    func `the more requests there are, the more of them share a connection, which is kept`(
        count: Int,
        connections: Int
    ) throws {
        // All connections are open before the first response comes; later ones need no delay.
        let server = try LoopbackServer { request in
            .delayed(milliseconds: request.number <= connections ? 50 : 0, .status(200))
        }
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        for _ in 1...2 {
            let requests = [HTTPRequest](repeating: request, count: count)
            let results = client.perform(requests, within(milliseconds: 20_000))
            #expect(results.allSatisfy { (try? $0.get().status) == 200 })
            #expect(server.connectionCount == connections)
        }
        #expect(server.requests.count == 2 * count)
    }

    @Test func `those that must not go out twice run side by side on 32 connections`() throws {
        let server = try LoopbackServer { request in
            request.connection > HTTPClient.maximumParallelRequests
                ? .status(200) : .delayed(milliseconds: 300, .status(200))
        }
        var request = HTTPRequest(method: "POST", origin: server.origin, target: "/")
        request.isRepeatable = false
        let requests = [HTTPRequest](repeating: request, count: 40)
        // One after the other they would take 9.6 s.
        let results = client.perform(requests, within(milliseconds: 6_000))
        #expect(results.allSatisfy { (try? $0.get().status) == 200 })
        #expect(server.connectionCount == 40)
    }

    @Test func `one after the other they share a connection`() throws {
        let server = try LoopbackServer { .text($0.text) }
        for number in 1...10 {
            let request = HTTPRequest(
                method: number % 2 == 0 ? "GET" : "POST",
                origin: server.origin,
                target: "/",
                body: Array("\(number)".utf8)
            )
            #expect(text(try send(request).get().body) == "\(number)")
        }
        #expect(server.connectionCount == 1)
    }

    @Test(arguments: [0, 100_000])
    func `a connection closed while it was idle is replaced`(bodyLength: Int) throws {
        let server = try LoopbackServer { .closing(.text("\($0.body.count)")) }
        let request = HTTPRequest(
            method: "PUT",
            origin: server.origin,
            target: "/",
            body: [UInt8](repeating: 1, count: bodyLength)
        )
        for _ in 1...5 {
            #expect(text(try send(request).get().body) == "\(bodyLength)")
        }
        #expect(server.connectionCount == 5)
    }

    @Test func `a request that a stale connection swallowed goes out again, body and all`() throws {
        // The second request on a connection is read and the connection then closed: what a
        // client sees that sent just while the server gave the connection up.
        let server = try LoopbackServer { request in
            request.number == 2 ? .close : .text("\(request.text.utf8.count)")
        }
        let body = [UInt8](repeating: 0x61, count: 300_000)
        let request = HTTPRequest(method: "PUT", origin: server.origin, target: "/", body: body)
        #expect(text(try send(request).get().body) == "300000")
        #expect(text(try send(request).get().body) == "300000")
        #expect(server.requests.map(\.connection) == [1, 1, 2])
        #expect(server.requests.allSatisfy { $0.body == body })
    }

    @Test func `that it was swallowed is known if it cannot go out again`() throws {
        let server = try LoopbackServer { request in
            request.number == 2 ? .delayed(milliseconds: 300, .close) : .text("done")
        }
        var request = HTTPRequest(method: "POST", origin: server.origin, target: "/")
        request.body = Array("{}".utf8)
        #expect(text(try send(request).get().body) == "done")
        // The port is closed before the kept connection is: there is no fresh one.
        Thread.detachNewThread {
            _ = server.waitForRequests(2)
            server.stop()
        }
        #expect(failure(request)?.kind == .broken)
    }

    @Test func `one that must not go out twice has a connection of its own, and fails instead`()
        throws
    {
        let server = try LoopbackServer { request in
            request.connection == 2 ? .close : .text("done")
        }
        var request = HTTPRequest(method: "POST", origin: server.origin, target: "/")
        #expect(text(try send(request).get().body) == "done")
        request.isRepeatable = false
        #expect(throws: TransportError.self) { try send(request).get() }
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    @Test(.thorough)
    func `what was begun goes on while others are performed, and takes none of their places`()
        throws
    {
        let server = try LoopbackServer { request in
            request.target == "/slow" ? .delayed(milliseconds: 1_500, .text("slow")) : .text("fast")
        }
        let deadline = within(milliseconds: 20_000)
        let slow = HTTPRequest(method: "GET", origin: server.origin, target: "/slow")
        for number in 0..<40 { client.begin(slow, number, deadline) }
        let clock = ContinuousClock()
        let began = clock.now
        for _ in 0..<3 { #expect(text(try send(fast(server)).get().body) == "fast") }
        #expect(client.ended(within: 0).isEmpty)
        #expect(clock.now - began < .milliseconds(1_400))
        var ended: [EndedRequest] = []
        while ended.count < 40, clock.now - began < .seconds(15) {
            ended += client.ended(within: 1_000)
            #expect(text(try send(fast(server)).get().body) == "fast")
        }
        #expect(Set(ended.map(\.number)) == Set(0..<40))
        #expect(ended.allSatisfy { (try? text($0.result.get().body)) == "slow" })
        #expect(clock.now - began < .seconds(10))
    }

    private func fast(_ server: LoopbackServer) -> HTTPRequest {
        HTTPRequest(method: "GET", origin: server.origin, target: "/fast")
    }

    @Test(.thorough) func `what was begun ends by its limit and by the deadline`() throws {
        let server = try LoopbackServer { _ in .delayed(milliseconds: 3_000, .text("late")) }
        var request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        client.begin(request, 1, within(milliseconds: 0))
        #expect(client.ended(within: 0).first?.number == 1)
        request.timeLimit = 200
        client.begin(request, 2, within(milliseconds: 20_000))
        request.timeLimit = nil
        client.begin(request, 3, within(milliseconds: 600))
        var ended: [Int] = []
        for _ in 0..<100 where ended.count < 2 {
            for end in client.ended(within: 100) {
                ended.append(end.number)
                guard case .failure(let error) = end.result else { continue }
                #expect(error.kind == .timedOut)
            }
        }
        #expect(ended == [2, 3])
        #expect(client.ended(within: 10).isEmpty)
    }

    @Test func `no requests have no results`() {
        #expect(client.perform([], within(milliseconds: 0)).isEmpty)
    }

    @Test func `the transport is the client`() throws {
        let server = try LoopbackServer { _ in .text("hello") }
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        let results = client.transport.perform([request], within(milliseconds: 10_000))
        #expect(try text(results[0].get().body) == "hello")
    }
}

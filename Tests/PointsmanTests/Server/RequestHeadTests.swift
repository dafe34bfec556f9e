import Platform
import Testing

@testable import pointsman

/// Which requests a server on this machine takes for one, and how much body belongs to them.
@Suite struct RequestHeadTests {
    private func head(_ lines: String...) throws -> RequestHead {
        try RequestHead(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)[...])
    }

    @Test func `the path and the query are as they came`() throws {
        let head = try head("POST /a%2Fb?c=d?e HTTP/1.1", "Host: a", "x-y:  z  ")
        #expect(head.request.method == "POST")
        #expect((head.request.path, head.request.query) == ("/a%2Fb", "c=d?e"))
        #expect(head.request.headers["X-Y"] == "z")
        #expect(
            (head.length, head.keepsConnection, head.expectsContinue) == (.bytes(0), true, false)
        )
    }

    @Test func `what follows is told by the headers`() throws {
        #expect(try head("PUT / HTTP/1.1", "content-length: 12").length == .bytes(12))
        #expect(try head("PUT / HTTP/1.1", "Transfer-Encoding: Chunked").length == .chunks)
        #expect(try head("PUT / HTTP/1.1", "Expect: 100-Continue").expectsContinue)
        #expect(try !head("GET / HTTP/1.1", "Connection: close").keepsConnection)
        #expect(try !head("GET / HTTP/1.0").keepsConnection)
    }

    @Test(arguments: [
        ("GET /", "it is no request of HTTP/1.1 for a path"),
        ("GET http://a/ HTTP/1.1", "it is no request of HTTP/1.1 for a path"),
        ("GET / HTTP/2", "it is no request of HTTP/1.1 for a path"),
        ("G\u{e9}T / HTTP/1.1", "it is no request of HTTP/1.1 for a path"),
        ("GET / HTTP/1.1\r\nno colon", "a header is malformed"),
        ("GET / HTTP/1.1\r\na : b", "a header is malformed"),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded", "a header is malformed"),
        ("GET / HTTP/1.1\r\nHost: a\r\nhost: b", "the request has 2 headers Host"),
        (
            "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1",
            "the request has 2 headers Content-Length"
        ),
        (
            "PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
            "the request says two lengths of its body"
        ),
        (
            "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked",
            "the body's transfer coding is not chunked"
        ),
        ("PUT / HTTP/1.1\r\nContent-Length: -1", "the body's length is not a number"),
        ("PUT / HTTP/1.1\r\nContent-Length: +1", "the body's length is not a number"),
        (
            "PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999",
            "the body's length is not a number"
        ),
    ])
    func `what two readers could take for two things is refused`(text: String, reason: String) {
        #expect(throws: RefusedRequest(400, reason)) { try head(text) }
    }

    @Test func `a line ends where its bytes end, whatever else a text calls a line`() throws {
        let head = try head("GET / HTTP/1.1", "a: b\u{2028}Host: c\u{85}d")
        #expect(head.request.headers.fields.count == 1)
    }
}

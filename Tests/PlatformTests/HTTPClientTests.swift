import Codec
import Foundation
import Platform
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    @Test func `a request goes out with its own headers and nothing else`() throws {
        let server = try LoopbackServer { _ in .text("hello") }
        var request = get(server, "/a%2Fb/../c?x=%20&y")
        request.headers = ["X-One": "1", "X-Empty": ""]
        let response = try HTTPClient().perform([request], within(milliseconds: 5_000))[0].get()
        #expect(response.status == 200)
        #expect(response.headers["content-length"] == "5")
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
        let expected = """
            GET /a%2Fb/../c?x=%20&y HTTP/1.1\r
            Host: \(server.authority)\r
            X-One: 1\r
            X-Empty:\r
            \r

            """
        #expect(String(decoding: server.requests[0].raw, as: UTF8.self) == expected)
    }
}

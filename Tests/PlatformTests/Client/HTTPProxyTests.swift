import Codec
import Platform
import TestSupport
import Testing

@Suite(.serialized) struct HTTPProxyTests {
    private func send(
        _ origin: String,
        _ variables: [String: String]
    ) throws -> Result<HTTPResponse, TransportError> {
        let client = HTTPClient()
        client.proxy = try HTTPProxy(environment: Environment { variables[$0] })
        let request = HTTPRequest(
            method: "GET",
            origin: origin,
            target: "/",
            headers: ["Authorization": "for the server alone"]
        )
        let deadline = Deadline(WallClock.system.now().adding(milliseconds: 10_000))
        return client.perform([request], deadline)[0]
    }

    @Test(arguments: ["HTTPS_PROXY", "https_proxy"])
    func `an HTTPS request goes through the proxy, which sees host and port alone`(
        variable: String
    ) throws {
        let proxy = try LoopbackServer { _ in .status(403) }
        let result = try send("https://s3.example", [variable: proxy.origin])
        let error = #expect(throws: TransportError.self) { try result.get() }
        #expect(error?.reason.contains("403") == true)
        let request = try #require(proxy.requests.first)
        #expect(request.method == "CONNECT")
        #expect(request.target == "s3.example:443")
        #expect(request.headers["Authorization"] == nil)
        #expect(request.headers["Proxy-Authorization"] == nil)
    }

    @Test func `a user name and a password are the proxy's alone, and in no error`() throws {
        let proxy = try LoopbackServer { _ in .status(407) }
        let url = "http://mona:pass%20word@\(proxy.authority)"
        let result = try send("https://s3.example", ["HTTPS_PROXY": url])
        let expected = "Basic " + Base64.encode(Array("mona:pass word".utf8))
        #expect(proxy.requests.first?.headers["Proxy-Authorization"] == expected)
        let error = #expect(throws: TransportError.self) { try result.get() }
        #expect(error?.description.contains("pass") == false)
    }

    @Test(arguments: ["127.0.0.1", "example.com,127.0.0.1", "*"])
    func `a host that is excepted is reached without it`(exceptions: String) throws {
        let proxy = try LoopbackServer { _ in .status(403) }
        let server = try LoopbackServer(greeting: .close) { _ in .close }
        let variables = ["HTTPS_PROXY": proxy.origin, "NO_PROXY": exceptions]
        _ = try send("https://\(server.authority)", variables)
        #expect(proxy.connectionCount == 0)
        #expect(server.connectionCount > 0)
    }

    @Test func `what goes over HTTP goes through none`() throws {
        let proxy = try LoopbackServer { _ in .status(403) }
        let server = try LoopbackServer { _ in .status(200) }
        #expect(try send(server.origin, ["HTTPS_PROXY": proxy.origin]).get().status == 200)
        #expect(proxy.connectionCount == 0)
    }

    @Test func `a client that was given none uses none, whatever the environment says`() throws {
        let proxy = try LoopbackServer { _ in .status(403) }
        let server = try LoopbackServer(greeting: .close) { _ in .close }
        let variable = ProcessVariable("https_proxy")
        variable.set(proxy.origin)
        _ = try send("https://\(server.authority)", [:])
        variable.set(nil)
        #expect(server.connectionCount > 0)
        #expect(proxy.connectionCount == 0)
    }

    @Test(arguments: [
        "socks5://127.0.0.1:1080", "socks5://u:p@h:1080", "https://127.0.0.1:1", "http://",
        "http://a b",
        "http://a:b/c:99999",
        "http://host/path", "http://host:99999",
    ])
    func `what is no proxy is an error without the value`(value: String) {
        #expect(throws: HTTPProxy.Defect.self) {
            try HTTPProxy(environment: Environment { $0 == "HTTPS_PROXY" ? value : nil })
        }
    }

    @Test(arguments: [
        "http://proxy.example:3128", "proxy.example:3128", "http://u:p@proxy.example",
    ])
    func `a proxy is shown as a secret`(value: String) throws {
        let environment = Environment { $0 == "HTTPS_PROXY" ? value : nil }
        let proxy = try #require(try HTTPProxy(environment: environment))
        #expect("\(proxy)" == "***")
    }
}

import Codec
import Foundation
import Platform
import TestSupport
import Testing

@Suite(.serialized) struct HTTPClientTLSTests {
    private func send(
        _ origin: String,
        caBundle: [UInt8]? = nil,
        by client: HTTPClient = HTTPClient()
    ) -> Result<HTTPResponse, TransportError> {
        let request = HTTPRequest(method: "GET", origin: origin, target: "/s", caBundle: caBundle)
        let deadline = Deadline(WallClock.system.now().adding(milliseconds: 10_000))
        return client.perform([request], deadline)[0]
    }

    private func failure(_ result: Result<HTTPResponse, TransportError>) -> TransportError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test(.needsOpenSSL) func `a request's own certificates are trusted for it alone`() throws {
        let server = try TLSServer()
        let pem = Array(try Data(contentsOf: server.certificate))
        let client = HTTPClient()
        for _ in 1...2 {
            #expect(try send(server.origin, caBundle: pem, by: client).get().status == 200)
            let error = failure(send(server.origin, by: client))
            #expect(error?.kind == .untrusted)
            #expect(
                error?.description
                    == "GET \(server.origin): SSL certificate problem: self-signed certificate"
            )
        }
    }

    @Test(.needsOpenSSL) func `a request's own certificates replace the system's`() throws {
        let (server, other) = (try TLSServer(), try TLSServer())
        let pem = Array(try Data(contentsOf: other.certificate))
        let client = HTTPClient(caBundle: server.certificate.path)
        #expect(try send(server.origin, by: client).get().status == 200)
        #expect(failure(send(server.origin, caBundle: pem, by: client))?.kind == .untrusted)
    }

    @Test(.needsOpenSSL, arguments: ["-tls1_2", "-tls1_3"])
    func `a further connection goes on with the session of an earlier one`(version: String) throws {
        let server = try TLSServer(options: [version])
        let request = HTTPRequest(method: "GET", origin: server.origin, target: "/")
        let deadline = Deadline(WallClock.system.now().adding(milliseconds: 10_000))
        func goOn(_ requests: [HTTPRequest], by client: HTTPClient) throws -> [Bool] {
            try client.perform(requests, deadline).map { result in
                let page = String(decoding: try result.get().body, as: UTF8.self)
                return page.contains("Reused, TLSv1")
            }
        }
        // Of two connections at once, the second may find the session in use with TLS 1.3.
        var isShared = false
        for _ in 1...10 where !isShared {
            let client = HTTPClient(caBundle: server.certificate.path)
            #expect(try goOn([request], by: client) == [false])
            isShared = try goOn([request, request], by: client) == [true, true]
        }
        #expect(isShared)
    }

    @Test(.needsOpenSSL) func `a certificate for another name is not trusted`() throws {
        let server = try TLSServer(name: "DNS:other.example")
        let pem = Array(try Data(contentsOf: server.certificate))
        let error = failure(send(server.origin, caBundle: pem))
        #expect(error?.kind == .untrusted)
        #expect(
            error?.reason
                == "SSL: no alternative certificate subject name matches target host name '127.0.0.1'"
        )
    }

    @Test(.needsOpenSSL, arguments: [("-tls1_2", true), ("-tls1_3", true), ("-tls1_1", false)])
    func `TLS is at least 1.2`(version: String, isEnough: Bool) throws {
        let options = [version, "-cipher", "DEFAULT@SECLEVEL=0"]
        let server = try TLSServer(options: options)
        let pem = Array(try Data(contentsOf: server.certificate))
        let result = send(server.origin, caBundle: pem)
        #expect((try? result.get().status) == (isEnough ? 200 : nil))
        #expect(failure(result)?.kind == (isEnough ? nil : .untrusted))
    }

    @Test(arguments: [LoopbackServer.Action.close, .reset])
    func `a connection that breaks in the handshake has sent nothing, and is not untrusted`(
        action: LoopbackServer.Action
    ) throws {
        let server = try LoopbackServer(greeting: .delayed(milliseconds: 50, action)) { _ in .close
        }
        let error = failure(send("https://\(server.authority)"))
        #expect(error?.kind == .notSent)
        #expect(error?.reason == "recv failure: Connection reset by peer")
    }

    @Test func `a server that speaks no TLS is not trusted`() throws {
        let server = try LoopbackServer(greeting: .text("hello")) { _ in .close }
        let error = failure(send("https://\(server.authority)"))
        #expect(error?.kind == .untrusted)
        // OpenSSL's version stands before it.
        #expect(
            error?.reason.hasSuffix(" error:0A00010B:SSL routines::wrong version number") == true
        )
    }

    @Test func `a bundle that cannot be read is an error that names it`() {
        let error = failure(send("https://127.0.0.1:1", by: HTTPClient(caBundle: "/no/such.pem")))
        #expect(error?.kind == .untrusted)
        #expect(
            error?.description
                == "GET https://127.0.0.1:1: no CA bundle can be read of /no/such.pem"
        )
    }

    @Test(.needsOpenSSL) func `a request's own certificates that are none are an error`() throws {
        let server = try TLSServer()
        let error = failure(send(server.origin, caBundle: Array("no PEM".utf8)))
        #expect(error?.kind == .untrusted)
        #expect(error?.reason == "error importing CA certificate blob")
    }
}

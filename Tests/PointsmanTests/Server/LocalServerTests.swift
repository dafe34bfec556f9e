import Codec
import Foundation
import Platform
import Synchronization
import Testing

@testable import pointsman

/// What a server on this machine reads, over real sockets.
@Suite struct LocalServerTests {
    /// So long that no limit counts: beside other tests the server may wait minutes for a thread.
    static let patient = LocalServer.Limits(arrival: 600, idle: 600, transfer: 600)

    /// Asks on a thread of its own: the client waits, and the server needs those that are there.
    static func answer(
        _ server: LocalServer,
        _ host: String,
        body: [UInt8] = []
    ) async -> HTTPResponse? {
        let request = HTTPRequest(
            method: "POST",
            origin: "http://" + server.address,
            target: "/a%2Fb?c=d",
            headers: ["Host": host],
            body: body
        )
        let deadline = Deadline(WallClock.system.now().adding(milliseconds: 600_000))
        return await withCheckedContinuation { answered in
            Thread.detachNewThread {
                let client = HTTPClient(caBundle: nil, clock: .system)
                answered.resume(returning: try? client.perform([request], deadline)[0].get())
            }
        }
    }

    @Test func `a request by its own name is passed on as it came`() async throws {
        let server = try await LocalServer(limits: Self.patient) { request in
            HTTPResponse(
                status: 200,
                body: Array((request.path + request.query).utf8) + request.body
            )
        }
        let answer = await Self.answer(server, server.address, body: [0x21])
        #expect(answer?.status == 200)
        #expect(answer.map { String(decoding: $0.body, as: UTF8.self) } == "/a%2Fbc=d!")
        await server.stop()
    }

    @Test func `one by another name is refused before anybody sees it`() async throws {
        let refused = Mutex<[Int]>([])
        let server = try await LocalServer(
            limits: Self.patient,
            refused: { _, response in refused.withLock { $0.append(response.status) } },
            { _ in
                Issue.record("it was passed on")
                return HTTPResponse(status: 200)
            }
        )
        let answer = await Self.answer(server, "evil.example")
        #expect(answer?.status == 403)
        let reason = (answer.flatMap { try? JSON(parsing: $0.body) })?["reason"]?.string
        #expect(
            reason
                == "the request is for 'evil.example', which is not this server; a tunnel's name is allowed with --host"
        )
        #expect(refused.withLock(\.self) == [403])
        await server.stop()
    }
}

import FlyingFox
import FlyingSocks
import Foundation
import Platform

/// A request that a server on this machine took, its body read.
struct LocalRequest: Sendable {
    /// The method in upper case.
    var method: String
    /// The path as it came, percent-encoded.
    var path: String
    /// The query as it came, without the question mark.
    var query: String
    var headers: Platform.HTTPHeaders
    var body: [UInt8]
}

/// An HTTP server on 127.0.0.1: FlyingFox behind this project's own words.
final class LocalServer: Sendable {
    typealias Handler = @Sendable (LocalRequest) async -> Platform.HTTPResponse

    /// The port it listens on.
    let port: UInt16
    private let server: HTTPServer

    /// `127.0.0.1:8080`.
    var address: String { "127.0.0.1:\(port)" }

    /// No answer takes longer, in seconds; a Runtime API waits for as long as there is no event.
    private static let patience: Double = 365 * 86_400

    /// Listens; on any free port where that is 0.
    ///
    /// Throws where the port cannot be had.
    init(port: UInt16 = 0, _ handler: @escaping Handler) async throws(Failure) {
        let server: HTTPServer
        do {
            server = HTTPServer(
                address: try .inet(ip4: "127.0.0.1", port: port),
                timeout: Self.patience,
                logger: .disabled,
                handler: ClosureHTTPHandler { request in
                    let taken = try await LocalRequest(request)
                    return FlyingFox.HTTPResponse(await handler(taken))
                }
            )
        } catch {
            throw Failure("listening on 127.0.0.1:\(port): \(error.localizedDescription)")
        }
        let (events, progress) = AsyncStream.makeStream(of: (any Error)?.self)
        Task {
            do {
                try await server.run()
            } catch {
                progress.yield(error)
            }
        }
        Task {
            do {
                try await server.waitUntilListening(timeout: 60)
                progress.yield(nil)
            } catch {
                progress.yield(error)
            }
        }
        for await case let error? in events.prefix(1) {
            throw Failure("listening on 127.0.0.1:\(port): \(Self.reason(error))")
        }
        guard case .ip4(_, let bound)? = await server.listeningAddress else {
            throw Failure("listening on 127.0.0.1:\(port): the server has no address")
        }
        self.server = server
        self.port = bound
    }

    /// Takes no more requests, and breaks off those under way.
    func stop() async {
        await server.stop()
    }

    private static func reason(_ error: any Error) -> String {
        if case .failed(_, let code, _)? = error as? SocketError, code == EADDRINUSE {
            return "another program has that port; choose one with --port"
        }
        if case .failed(_, let code, _)? = error as? SocketError, code == EACCES {
            return "this user may not have that port; choose one above 1023 with --port"
        }
        return "\(error)"
    }
}

extension LocalRequest {
    fileprivate init(_ request: FlyingFox.HTTPRequest) async throws {
        method = request.method.rawValue
        path = request.target.path()
        query = request.target.query()
        headers = Platform.HTTPHeaders()
        for field in request.headers { headers.append(field.key.rawValue, field.value) }
        body = [UInt8](try await request.bodyData)
    }
}

extension FlyingFox.HTTPResponse {
    fileprivate init(_ response: Platform.HTTPResponse) {
        var headers = FlyingFox.HTTPHeaders()
        for field in response.headers.fields {
            headers.addValue(field.value, for: HTTPHeader(field.name))
        }
        let isHeadOnly = response.status == 204 || response.status == 304
        self.init(
            statusCode: HTTPStatusCode(response.status, phrase: ""),
            headers: headers,
            body: isHeadOnly ? Data() : Data(response.body)
        )
    }
}

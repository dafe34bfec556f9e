import Codec
import FlyingFox
import FlyingSocks
import Foundation
import Platform
import Synchronization

struct LocalRequest: Sendable {
    var method: String
    var path: String
    /// The query as it came, without the question mark.
    var query = ""
    var headers: Platform.HTTPHeaders
    var body: [UInt8]
    /// The port that the server listens on.
    var port: UInt16 = 0
}

/// An HTTP server on 127.0.0.1, by FlyingFox.
final class LocalServer: Sendable {
    typealias Handler = @Sendable (LocalRequest) async -> Platform.HTTPResponse
    /// Takes a request that the handler was not given, and the response.
    typealias Refused = @Sendable (LocalRequest, Platform.HTTPResponse) -> Void

    /// The largest body that is read, in bytes: more than API Gateway, Lambda and the functions send.
    static let largestBody = 64 * 1_024 * 1_024

    let port: UInt16
    private let server: HTTPServer

    /// `127.0.0.1:8080`.
    var address: String { "127.0.0.1:\(port)" }

    /// No response takes longer, in seconds; a Runtime API waits for as long as there is no event.
    private static let patience: Double = 365 * 86_400

    /// Listens; on any free port where that is 0.
    ///
    /// - Parameters:
    ///   - hosts: The names that a request may be for; the body of another is not read.
    ///   - refused: Takes such a request.
    init(
        port: UInt16 = 0,
        hosts: HostNames = HostNames(),
        refused: @escaping Refused = { _, _ in },
        _ handler: @escaping Handler
    ) async throws(Failure) {
        let server: HTTPServer
        let own = Mutex<UInt16>(0)
        do {
            server = HTTPServer(
                address: try .inet(ip4: "127.0.0.1", port: port),
                timeout: Self.patience,
                logger: .disabled,
                handler: ClosureHTTPHandler { request in
                    var taken = LocalRequest(request)
                    taken.port = own.withLock { $0 }
                    let host = taken.headers["Host"]
                    guard hosts.allow(host, port: taken.port) else {
                        let response = Self.refusal(of: host, hint: hosts.hint)
                        refused(taken, response)
                        return FlyingFox.HTTPResponse(response)
                    }
                    guard let body = try await Self.body(of: request) else {
                        return FlyingFox.HTTPResponse(Platform.HTTPResponse(status: 413))
                    }
                    taken.body = body
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
        own.withLock { $0 = bound }
        self.server = server
        self.port = bound
    }

    /// Takes no more requests, and breaks off those under way.
    func stop() async {
        await server.stop()
    }

    /// The body; `nil` where it is too large.
    private static func body(of request: FlyingFox.HTTPRequest) async throws -> [UInt8]? {
        guard request.bodySequence.count ?? 0 <= largestBody else { return nil }
        var body: [UInt8] = []
        for try await part in request.bodySequence {
            body += part
            guard body.count <= largestBody else { return nil }
        }
        return body
    }

    private static func refusal(of host: String?, hint: String) -> Platform.HTTPResponse {
        let name = host.map { "'\($0.prefix(100))'" } ?? "no host"
        let reason =
            "the request is for \(name), which is not this server\(hint)"
        return Platform.HTTPResponse(
            status: 403,
            json: JSON(["outcome": .string("rejected"), "reason": .string(reason)])
        )
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
    fileprivate init(_ request: FlyingFox.HTTPRequest) {
        method = request.method.rawValue
        path = request.target.path()
        query = request.target.query()
        headers = Platform.HTTPHeaders()
        for field in request.headers { headers.append(field.key.rawValue, field.value) }
        body = []
    }
}

extension Platform.HTTPResponse {
    init(status: Int, json: JSON) {
        let headers: Platform.HTTPHeaders = ["Content-Type": "application/json"]
        self.init(status: status, headers: headers, body: json.encoded())
    }

    init(status: Int, xml: String) {
        let headers: Platform.HTTPHeaders = ["Content-Type": "application/xml"]
        self.init(status: status, headers: headers, body: Array(xml.utf8))
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

/// The names that a request to a server on this machine may be for.
///
/// A web page that makes its own name point to 127.0.0.1 (DNS rebinding) reaches the port, but the
/// browser says in `Host` which name it was told.
struct HostNames: Sendable {
    /// Names for which the port has to be the server's own.
    var own = ["127.0.0.1"]
    /// Names of tunnels, with any port.
    var others: [String] = []
    /// What a refusal ends with.
    var hint = "; a tunnel's name is allowed with --host"

    /// A person's names for this machine, and a tunnel's.
    static func frontDoor(_ others: [String]) -> HostNames {
        HostNames(own: ["127.0.0.1", "localhost", "[::1]"], others: others)
    }

    /// A browser's names for this machine, and no other.
    static let browser = HostNames(own: ["127.0.0.1", "localhost"], hint: "")

    /// Whether a request with that `Host` is for the server that listens on a port.
    func allow(_ host: String?, port: UInt16) -> Bool {
        guard let host = host?.lowercased() else { return false }
        if own.contains(where: { host == "\($0):\(port)" || (port == 80 && host == $0) }) {
            return true
        }
        let digits = host.reversed().prefix { $0.isASCII && $0.isNumber }
        let isPort = host.dropLast(digits.count).last == ":"
        let name = isPort ? host.dropLast(digits.count + 1) : host[...]
        return others.contains { $0.lowercased() == name }
    }
}

/// The fields of a query, decoded.
struct QueryItems {
    private(set) var items: [NamedValue] = []

    init(_ query: String) {
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0]).removingPercentEncoding ?? ""
            let value = parts.count > 1 ? String(parts[1]).removingPercentEncoding ?? "" : ""
            items.append(NamedValue(name, value))
        }
    }

    subscript(name: String) -> String? { items.last { $0.name == name }?.value }
}

import Codec
import FlyingSocks
import Foundation
import Platform
import Synchronization

/// An HTTP server on 127.0.0.1, over the sockets of FlyingSocks.
///
/// What any program of this machine may send is bounded: connections, bytes and seconds. FlyingFox's own server
/// bounds none of them, keeps one of several headers of a name, and ends without a word when files run out.
final class LocalServer: Sendable {
    typealias Handler = @Sendable (LocalRequest) async -> HTTPResponse
    /// Takes a request that the handler was not given, and the response.
    typealias Refused = @Sendable (LocalRequest, HTTPResponse) -> Void

    struct Limits: Sendable {
        /// Connections that are open at a time; further ones wait until one has ended.
        var connections = 64
        /// Bytes of a request's line and headers.
        var head = 64 * 1_024
        /// Bytes of a body, by the request's line and headers: by itself more than Lambda and the functions send.
        var body: @Sendable (LocalRequest) -> Int = { _ in 64 * 1_024 * 1_024 }
        /// Seconds in which the first request's line and headers come.
        var arrival: Double = 10
        /// Seconds in which those of the next one come.
        var idle: Double = 120
        /// Seconds in which a body comes, or a response is taken.
        var transfer: Double = 60
    }

    let port: UInt16
    private let hosts: HostNames
    private let limits: Limits
    private let refused: Refused
    private let tell: @Sendable (String) -> Void
    private let handler: Handler
    private let open = Mutex(0)
    private let running = Mutex<Task<Void, Never>?>(nil)

    /// `127.0.0.1:8080`.
    var address: String { "127.0.0.1:\(port)" }

    /// Listens; on any free port where that is 0.
    ///
    /// - Parameters:
    ///   - hosts: The names that a request may be for; the body of another is not read.
    ///   - refused: Takes such a request, and one that is too large.
    ///   - tell: Takes what a limit has done, and why the server has ended by itself.
    init(
        port: UInt16 = 0,
        hosts: HostNames = HostNames(),
        limits: Limits = Limits(),
        refused: @escaping Refused = { _, _ in },
        tell: @escaping @Sendable (String) -> Void = { StandardError.tell($0) },
        _ handler: @escaping Handler
    ) async throws(Failure) {
        let pool: SocketPool<ePoll> = .ePoll()
        let listening: AsyncSocket
        do {
            let socket = try Socket(domain: AF_INET)
            do {
                try socket.setValue(true, for: .localAddressReuse)
                try socket.bind(to: .inet(ip4: "127.0.0.1", port: port))
                try socket.listen()
                guard case .ip4(_, let bound) = try socket.sockname() else {
                    throw SocketError.unsupportedAddress
                }
                self.port = bound
                try await pool.prepare()
                listening = try AsyncSocket(socket: socket, pool: pool)
            } catch {
                try? socket.close()
                throw error
            }
        } catch {
            throw Failure("listening on 127.0.0.1:\(port): \(Self.reason(error))")
        }
        (self.hosts, self.limits, self.handler) = (hosts, limits, handler)
        (self.refused, self.tell) = (refused, tell)
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await pool.run() }
                group.addTask { await self.accept(on: listening) }
                await group.next()
                group.cancelAll()
            }
            try? listening.close()
        }
        running.withLock { $0 = task }
    }

    /// Takes no more requests, and breaks off those under way.
    func stop() async {
        let task = running.withLock(\.self)
        task?.cancel()
        await task?.value
    }

    /// Takes connections as long as there is room for one more.
    private func accept(on listening: AsyncSocket) async {
        let (places, freeing) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<limits.connections { freeing.yield() }
        for await _ in places {
            guard let socket = await next(on: listening) else { return }
            let count = open.withLock { count in
                count += 1
                return count
            }
            if count == limits.connections {
                tell("\(address): \(count) connections are open, and others wait until one ends")
            }
            Task {
                await serve(socket)
                try? socket.close()
                open.withLock { $0 -= 1 }
                freeing.yield()
            }
        }
    }

    /// The next connection; `nil` once the server has ended.
    private func next(on listening: AsyncSocket) async -> AsyncSocket? {
        var hasTold = false
        while !Task.isCancelled {
            do {
                return try await listening.accept()
            } catch SocketError.failed(_, let code, let message) where Self.passes.contains(code) {
                if !hasTold, code != ECONNABORTED {
                    tell("\(address): no connection can be taken now: \(message.lowercased())")
                    hasTold = true
                }
                try? await Task.sleep(for: .milliseconds(200))
            } catch {
                if !Task.isCancelled { tell("\(address) has ended: \(Self.reason(error))") }
                return nil
            }
        }
        return nil
    }

    /// What does not last: a client that has gone, and files and memory that others may give back.
    private static let passes = [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EINTR]

    /// Answers the requests of one connection, one after the other.
    private func serve(_ socket: AsyncSocket) async {
        let connection = ClientConnection(socket)
        var limit = limits.arrival
        do {
            while let head = try await head(on: connection, within: limit) {
                guard try await answer(head, on: connection) else { return }
                limit = limits.idle
            }
        } catch let refusal as RefusedRequest {
            await refuse(refusal, on: connection)
        } catch {
            // The client has gone.
        }
    }

    private func head(on connection: ClientConnection, within limit: Double) async throws
        -> RequestHead?
    {
        let most = limits.head
        do {
            return try await TimedOut.after(limit) { try await connection.head(atMost: most) }
        } catch is TimedOut {
            // A browser opens connections that it may need.
            guard await connection.hasBegun else { return nil }
            throw RefusedRequest(408, "the request has not come within \(Int(limit)) s")
        }
    }

    /// Answers a request; returns whether another one may follow.
    private func answer(_ head: RequestHead, on connection: ClientConnection) async throws -> Bool {
        var request = head.request
        request.port = port
        do {
            guard hosts.allow(request.headers["Host"], port: port) else {
                throw refusal(of: request.headers["Host"])
            }
            request.body = try await body(of: head, request, on: connection)
        } catch let refusal as RefusedRequest {
            refused(request, refusal.response)
            await refuse(refusal, on: connection)
            return false
        }
        let response = await handler(request)
        // The connection of a client that may not ask is closed.
        let stays = head.keepsConnection && ![401, 403, 413].contains(response.status)
        let isHead = request.method == "HEAD"
        try await TimedOut.after(limits.transfer) {
            try await connection.write(response, toHead: isHead, closing: !stays)
        }
        return stays
    }

    private func body(
        of head: RequestHead,
        _ request: LocalRequest,
        on connection: ClientConnection
    ) async throws -> [UInt8] {
        let most = limits.body(request)
        do {
            return try await TimedOut.after(limits.transfer) {
                try await connection.body(of: head, atMost: most)
            }
        } catch is TimedOut {
            throw RefusedRequest(408, "the body has not come within \(Int(limits.transfer)) s")
        }
    }

    private func refuse(_ refusal: RefusedRequest, on connection: ClientConnection) async {
        if [400, 408, 431].contains(refusal.status) {
            tell("\(address): refused: \(refusal.reason)")
        }
        try? await TimedOut.after(2) {
            try await connection.write(refusal.response, toHead: false, closing: true)
            // A client that is still sending would lose the response to what it sends into a closed connection.
            try await connection.discard()
        }
    }

    private func refusal(of host: String?) -> RefusedRequest {
        let name = host.map { "'\($0.prefix(100))'" } ?? "no host"
        return RefusedRequest(
            403,
            "the request is for \(name), which is not this server\(hosts.hint)"
        )
    }

    private static func reason(_ error: any Error) -> String {
        guard case .failed(_, let code, let message)? = error as? SocketError else {
            return "\(error)"
        }
        switch code {
        case EADDRINUSE: return "another program has that port; choose one with --port"
        case EACCES: return "this user may not have that port; choose one above 1023 with --port"
        default: return message.lowercased()
        }
    }
}

/// Why a request is refused before anybody is asked.
struct RefusedRequest: Error, Equatable {
    let status: Int
    let reason: String

    init(_ status: Int, _ reason: String) {
        (self.status, self.reason) = (status, reason)
    }

    var response: HTTPResponse {
        HTTPResponse(
            status: status,
            json: JSON(["outcome": .string("rejected"), "reason": .string(reason)])
        )
    }
}

/// The error of what has taken too long.
struct TimedOut: Error {
    /// What a task returns; throws and cancels it where that takes more seconds.
    static func after<Value: Sendable>(
        _ seconds: Double,
        _ task: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await task() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw TimedOut() }
            return value
        }
    }
}

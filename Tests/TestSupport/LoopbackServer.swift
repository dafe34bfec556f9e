import Foundation
import Glibc
package import Platform
import Synchronization

/// A scripted HTTP/1.1 server on a random loopback port, over raw sockets.
///
/// A closure is shown each request and says what is to happen: an answer, exact bytes, a
/// reset, silence. Every connection has a thread of its own, so that waiting in one disturbs
/// no other; the closure itself is called by one thread at a time. All requests are kept.
package final class LoopbackServer: Sendable {
    /// A request as it came.
    package struct Request: Sendable, Equatable {
        /// The method, such as `GET`.
        package var method: String
        /// The target exactly as on the request line.
        package var target: String
        /// The header fields in order.
        package var headers: HTTPHeaders
        /// The body, transfer coding removed.
        package var body: [UInt8]
        /// Every byte of the request as it came.
        package var raw: [UInt8]
        /// Which connection it came on, from 1, in the order in which they were accepted.
        package var connection: Int
        /// Which request it is of the whole server, from 1.
        package var number: Int

        /// The body as text.
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// What happens to a request.
    package indirect enum Action: Sendable {
        /// An answer; `Content-Length` is added unless the headers have one.
        case respond(status: Int, headers: HTTPHeaders, body: [UInt8])
        /// An answer in chunked transfer coding, one chunk for each array.
        case chunked(status: Int, headers: HTTPHeaders, chunks: [[UInt8]])
        /// Exactly these bytes.
        case raw([UInt8])
        /// The action after that many milliseconds.
        case delayed(milliseconds: Int, Action)
        /// The action; then the connection is closed, whatever its headers said.
        case closing(Action)
        /// One action after the other.
        case both(Action, Action)
        /// The connection is closed without an answer.
        case close
        /// The connection is reset (RST) without an answer.
        case reset
        /// No answer; the connection stays open until the client or the server ends it.
        case never

        /// An answer with a text as its body.
        package static func text(
            _ text: String,
            status: Int = 200,
            headers: HTTPHeaders = [:]
        ) -> Action {
            .respond(status: status, headers: headers, body: Array(text.utf8))
        }

        /// An answer without a body.
        package static func status(_ status: Int, headers: HTTPHeaders = [:]) -> Action {
            .respond(status: status, headers: headers, body: [])
        }
    }

    /// Decides what happens to a request.
    package typealias Handler = @Sendable (Request) -> Action

    /// The server could not be started.
    package struct StartError: Error, CustomStringConvertible {
        /// The call that failed and why.
        package var description: String
    }

    /// The port it listens on, on 127.0.0.1.
    package let port: Int
    private let state: ServerState

    /// `http://127.0.0.1:<port>`.
    package var origin: String { "http://127.0.0.1:\(port)" }
    /// `127.0.0.1:<port>`.
    package var authority: String { "127.0.0.1:\(port)" }
    /// Every request so far, in the order in which they were read.
    package var requests: [Request] { state.requests }
    /// How many connections were accepted so far.
    package var connectionCount: Int { state.connectionCount }

    /// Starts listening; the server ends with the last reference to it.
    ///
    /// - Parameters:
    ///   - greeting: What happens to each connection before a request is read from it.
    ///   - handler: What happens to each request.
    package init(greeting: Action? = nil, _ handler: @escaping Handler) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw StartError(description: "socket: errno \(errno)") }
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 1024) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else {
            let error = StartError(description: "bind or listen: errno \(errno)")
            Glibc.close(listener)
            throw error
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        state = ServerState(listener: listener, greeting: greeting, handler: handler)
        let state = state
        startThread(named: "loopback \(port)") { state.acceptConnections() }
    }

    deinit {
        state.stop()
    }

    /// Ends the server: refuses new connections and shuts those that stand.
    package func stop() {
        state.stop()
    }

    /// Waits until that many requests have come; `false` when they have not in 10 seconds.
    package func waitForRequests(_ count: Int) -> Bool {
        for _ in 0..<2_000 {
            if requests.count >= count { return true }
            usleep(5_000)
        }
        return false
    }

    /// A loopback port on which nothing listens at the moment.
    package static func unusedPort() throws -> Int {
        let server = try LoopbackServer { _ in .close }
        server.stop()
        return server.port
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

/// What the accepting thread, the connections' threads and the tests share.
private final class ServerState: Sendable {
    private struct Shared {
        var requests: [LoopbackServer.Request] = []
        var connectionCount = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    private let listener: Int32
    private let greeting: LoopbackServer.Action?
    private let handler: LoopbackServer.Handler
    private let shared = Mutex(Shared())
    /// Held while the handler runs: it sees one request at a time.
    private let turn = Mutex(())

    init(
        listener: Int32,
        greeting: LoopbackServer.Action?,
        handler: @escaping LoopbackServer.Handler
    ) {
        self.listener = listener
        self.greeting = greeting
        self.handler = handler
    }

    var requests: [LoopbackServer.Request] { shared.withLock { $0.requests } }
    var connectionCount: Int { shared.withLock { $0.connectionCount } }

    func acceptConnections() {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            let number: Int? = shared.withLock { shared in
                guard !shared.isStopped else { return nil }
                shared.connectionCount += 1
                shared.open.insert(descriptor)
                return shared.connectionCount
            }
            guard let number else {
                Glibc.close(descriptor)
                break
            }
            // A child process of a test must not keep the connection open.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
            startThread(named: "loopback connection \(number)") {
                self.serve(ServerSocket(descriptor: descriptor), connection: number)
            }
        }
        Glibc.close(listener)
    }

    func stop() {
        shared.withLock { shared in
            guard !shared.isStopped else { return }
            shared.isStopped = true
            // Shutting down wakes the threads that wait in accept and recv; they close.
            Glibc.shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in shared.open { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func serve(_ socket: ServerSocket, connection: Int) {
        var socket = socket
        let goesOn = greeting.map { perform($0, on: socket) } ?? true
        while goesOn, let parsed = socket.readRequest() {
            let action = turn.withLock { _ in
                let request = shared.withLock { shared in
                    var request = parsed
                    request.connection = connection
                    request.number = shared.requests.count + 1
                    shared.requests.append(request)
                    return request
                }
                return handler(request)
            }
            guard perform(action, on: socket) else { break }
        }
        shared.withLock { shared in
            _ = shared.open.remove(socket.descriptor)
            // Inside the lock: `stop` must not shut a number that was given away again.
            Glibc.close(socket.descriptor)
        }
    }

    /// Does it; `false` when the connection is to be closed.
    private func perform(_ action: LoopbackServer.Action, on socket: ServerSocket) -> Bool {
        switch action {
        case .respond(let status, var headers, let body):
            if headers["Content-Length"] == nil, status != 204, status != 304 {
                headers.append("Content-Length", "\(body.count)")
            }
            return socket.send(head(status, headers) + body)
        case .chunked(let status, var headers, let chunks):
            headers.append("Transfer-Encoding", "chunked")
            guard socket.send(head(status, headers)) else { return false }
            for chunk in chunks where !chunk.isEmpty {
                let size = Array("\(String(chunk.count, radix: 16))\r\n".utf8)
                guard socket.send(size + chunk + Array("\r\n".utf8)) else { return false }
            }
            return socket.send(Array("0\r\n\r\n".utf8))
        case .raw(let bytes):
            return socket.send(bytes)
        case .delayed(let milliseconds, let action):
            usleep(UInt32(milliseconds) * 1_000)
            return perform(action, on: socket)
        case .closing(let action):
            _ = perform(action, on: socket)
            return false
        case .both(let first, let second):
            return perform(first, on: socket) && perform(second, on: socket)
        case .close:
            return false
        case .reset:
            // Closing with a linger time of 0 discards what is unsent and sends RST.
            var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout<Glibc.linger>.size)
            setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
            return false
        case .never:
            socket.waitForEnd()
            return false
        }
    }

    private func head(_ status: Int, _ headers: HTTPHeaders) -> [UInt8] {
        var text = "HTTP/1.1 \(status) Status\r\n"
        for field in headers.fields { text += "\(field.name): \(field.value)\r\n" }
        return Array("\(text)\r\n".utf8)
    }
}

/// The server's end of a connection and what was read of it but not used yet.
private struct ServerSocket {
    let descriptor: Int32
    private var pending: [UInt8] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads one whole request; `nil` at the end of the connection or when it is not HTTP.
    mutating func readRequest() -> LoopbackServer.Request? {
        var searched = 0
        var end: Int?
        while end == nil {
            end = Self.endOfHead(pending, from: searched)
            searched = max(0, pending.count - 3)
            if end == nil, !readMore() { return nil }
        }
        guard let end else { return nil }
        let lines = String(decoding: pending[..<end], as: UTF8.self)
            .components(separatedBy: "\r\n")
        let words = lines[0].components(separatedBy: " ")
        guard words.count == 3 else { return nil }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...]
            headers.append(String(line[..<colon]), value.trimmingCharacters(in: .whitespaces))
        }
        var position = end
        guard let body = readBody(headers, from: &position) else { return nil }
        let raw = Array(pending[..<position])
        pending.removeFirst(position)
        return LoopbackServer.Request(
            method: words[0],
            target: words[1],
            headers: headers,
            body: body,
            raw: raw,
            connection: 0,
            number: 0
        )
    }

    private mutating func readBody(_ headers: HTTPHeaders, from position: inout Int) -> [UInt8]? {
        if headers["Transfer-Encoding"]?.lowercased() == "chunked" {
            var body: [UInt8] = []
            while true {
                guard let line = readLine(from: &position), let size = Int(line, radix: 16),
                    let chunk = read(size, from: &position), readLine(from: &position) == ""
                else { return nil }
                if size == 0 { return body }
                body += chunk
            }
        }
        guard let length = headers["Content-Length"] else { return [] }
        guard let size = Int(length) else { return nil }
        return read(size, from: &position)
    }

    private mutating func read(_ count: Int, from position: inout Int) -> [UInt8]? {
        while pending.count < position + count {
            if !readMore() { return nil }
        }
        defer { position += count }
        return Array(pending[position..<position + count])
    }

    private mutating func readLine(from position: inout Int) -> String? {
        while true {
            if let end = pending[position...].firstIndex(of: 0x0a) {
                let line = pending[position..<end].filter { $0 != 0x0d }
                position = end + 1
                return String(decoding: line, as: UTF8.self)
            }
            if !readMore() { return nil }
        }
    }

    private mutating func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        let count = receive(&buffer)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }

    private func receive(_ buffer: inout [UInt8]) -> Int {
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// Waits until the client closes or the server is stopped; what still comes is dropped.
    func waitForEnd() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while receive(&buffer) > 0 {}
    }

    /// Sends all of it; `false` when the client is gone.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= 4 else { return nil }
        var index = start
        while index + 3 < bytes.count {
            if bytes[index] == 0x0d, bytes[index + 1] == 0x0a, bytes[index + 2] == 0x0d,
                bytes[index + 3] == 0x0a
            {
                return index + 4
            }
            index += 1
        }
        return nil
    }
}

/// Runs a closure on a thread of its own: Swift's own threads must never block in a socket.
private func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 512 * 1024
    thread.start()
}

internal import CLibraries

/// A connected TCP socket, closed once.
@safe final class StreamSocket {
    private let descriptor: CInt
    /// The libcurl handle that opened the socket, if one did, and that closes it.
    private let opener: CurlHandle?

    /// Connects to `http://host:port`.
    ///
    /// Names and IPv6 addresses are left to libcurl, which only connects then.
    init(connectingTo origin: String, timeoutMilliseconds: Int) throws(ConnectionFailure) {
        if let address = IPv4Address(origin: origin) {
            opener = nil
            descriptor = try address.connect(timeoutMilliseconds)
        } else {
            let handle = try Self.handle(connectingTo: origin, timeoutMilliseconds)
            var socket: CInt = -1
            let code = unsafe pointsman_curl_get_socket(handle.pointer, &socket)
            guard code == CURLE_OK, socket >= 0, pointsman_make_blocking(socket) == 0 else {
                throw ConnectionFailure(.unreachable, "connect: no socket")
            }
            opener = consume handle
            descriptor = socket
        }
        // Small packets are sent at once. If it fails, requests are only slower.
        _ = setOption(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, CInt(1))
    }

    deinit {
        if opener == nil { _ = close(descriptor) }
    }

    /// Sends one after the other, in as few calls as it can.
    func send(_ head: [UInt8], _ body: [UInt8], _ limit: TimeLimit) throws(ConnectionFailure) {
        var sent = 0
        while sent < head.count + body.count {
            let flags = try wait(for: POLLOUT, limit) | CInt(MSG_NOSIGNAL)
            let count = unsafe head.withUnsafeBytes { head in
                unsafe body.withUnsafeBytes { body in
                    var parts = unsafe [
                        iovec(head.dropFirst(sent)),
                        iovec(body.dropFirst(max(0, sent - head.count))),
                    ]
                    return unsafe parts.withUnsafeMutableBufferPointer { parts in
                        var message = unsafe msghdr()
                        unsafe message.msg_iov = parts.baseAddress
                        unsafe message.msg_iovlen = parts.count
                        return unsafe sendmsg(descriptor, &message, flags)
                    }
                }
            }
            if count < 0, isPassing(pointsman_errno()) { continue }
            guard count >= 0 else {
                // Nothing of an answer was read yet: the peer closed while it was idle.
                var failure = systemFailure(.broken, "send")
                failure.isBeforeAnswer = true
                throw failure
            }
            sent += count
        }
    }

    /// Adds what has come, at least one byte; returns how many, 0 where the peer closed.
    func receive(
        upTo count: Int,
        into bytes: inout ByteBuffer,
        _ limit: TimeLimit
    ) throws(ConnectionFailure) -> Int {
        while true {
            let flags = try wait(for: POLLIN, limit)
            var received = 0
            unsafe bytes.append(upTo: count) { space in
                received = unsafe recv(descriptor, space.baseAddress, count, flags)
                return max(0, received)
            }
            if received < 0, isPassing(pointsman_errno()) { continue }
            guard received >= 0 else { throw systemFailure(.broken, "receive") }
            return received
        }
    }

    /// Waits until the socket is ready, if there is a limit; returns the flags for the call.
    private func wait(for event: CInt, _ limit: TimeLimit) throws(ConnectionFailure) -> CInt {
        guard let remaining = limit.remainingMilliseconds else { return 0 }
        var one = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let ready = unsafe poll(&one, 1, CInt(clamping: remaining))
        guard ready != 0 else { throw ConnectionFailure(.timedOut, "timed out") }
        return CInt(MSG_DONTWAIT)
    }

    /// A signal came, or after all there was nothing to do: the call is to be made again.
    private func isPassing(_ error: CInt) -> Bool {
        error == EINTR || error == EAGAIN
    }

    private static func handle(
        connectingTo origin: String,
        _ timeoutMilliseconds: Int
    ) throws(ConnectionFailure) -> CurlHandle {
        do throws(CurlFailure) {
            let handle = try CurlHandle()
            try handle.keepErrorText()
            try handle.set(CURLOPT_URL, origin)
            try handle.set(CURLOPT_CONNECT_ONLY, 1)
            try handle.set(CURLOPT_NOSIGNAL, 1)
            try handle.set(CURLOPT_CONNECTTIMEOUT_MS, timeoutMilliseconds)
            try handle.setNoProxy()
            try handle.check(handle.perform())
            return handle
        } catch {
            let error = TransportError(error, of: HTTPRequest(method: "", origin: "", target: ""))
            throw ConnectionFailure(error.kind, error.reason)
        }
    }
}

/// The address in `http://127.0.0.1:9001`.
private struct IPv4Address {
    private var address = sockaddr_in()

    init?(origin: String) {
        let authority = Array(origin.utf8.dropFirst("http://".utf8.count))
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(String(decoding: authority[(colon + 1)...], as: UTF8.self))
        else { return nil }
        let host = String(decoding: authority[..<colon], as: UTF8.self)
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
    }

    /// A new socket that is connected to it.
    func connect(_ timeoutMilliseconds: Int) throws(ConnectionFailure) -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw systemFailure(.invalid, "socket") }
        // It holds for connect(2) too (socket(7)); afterwards there is none.
        let timeout = timeval(
            tv_sec: timeoutMilliseconds / 1_000,
            tv_usec: timeoutMilliseconds % 1_000 * 1_000
        )
        var address = address
        guard setOption(descriptor, SOL_SOCKET, SO_SNDTIMEO, timeout),
            unsafe pointsman_connect(descriptor, &address) == 0,
            setOption(descriptor, SOL_SOCKET, SO_SNDTIMEO, timeval())
        else {
            let failure =
                pointsman_errno() == EINPROGRESS
                ? ConnectionFailure(.timedOut, "connect: timed out")
                : systemFailure(.unreachable, "connect")
            _ = close(descriptor)
            throw failure
        }
        return descriptor
    }
}

private func setOption<Value: BitwiseCopyable>(
    _ descriptor: CInt,
    _ level: CInt,
    _ option: CInt,
    _ value: Value
) -> Bool {
    var value = value
    let length = socklen_t(MemoryLayout<Value>.size)
    return unsafe setsockopt(descriptor, level, option, &value, length) == 0
}

/// What `errno` says about a call, such as `connect: connection refused`.
private func systemFailure(_ kind: TransportError.Kind, _ call: String) -> ConnectionFailure {
    guard let text = unsafe strerror(pointsman_errno()) else {
        return ConnectionFailure(kind, call)
    }
    let reason = TransportError.inLowerCase(unsafe String(cString: text))
    return ConnectionFailure(kind, "\(call): \(reason)")
}

extension iovec {
    /// Bytes that are only read; they must outlive it.
    fileprivate init(_ bytes: Slice<UnsafeRawBufferPointer>) {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: bytes)
        unsafe self.init(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            iov_len: bytes.count
        )
    }
}

internal import CLibraries
internal import Codec

/// One connection that is kept alive, for the Runtime API: plain HTTP/1.1, one request at a time.
///
/// It speaks over a socket of its own, not through libcurl, whose share of such an exchange
/// is larger than all the rest, and whose code would have to be read from the disk before
/// the first event. It uses no proxy, follows no redirect and expects nothing.
package final class HTTPConnection {
    /// How long it may take to connect, in milliseconds: the peer is on this machine.
    static let connectTimeoutMilliseconds = 1_000

    private var stream: HTTPStream?
    private var origin = ""

    package init() {}

    /// Sends a request and waits for its whole answer.
    ///
    /// A connection that the peer closed meanwhile is opened again, and the request sent once
    /// more, unless some of an answer had come.
    ///
    /// - Parameters:
    ///   - request: What to send; its `caBundle` is not used.
    ///   - timeoutMilliseconds: How long the whole exchange may take; `nil` is for ever.
    package func perform(
        _ request: HTTPRequest,
        timeoutMilliseconds: Int?
    ) throws(TransportError) -> HTTPResponse {
        do throws(ConnectionFailure) {
            if let defect = request.defect { throw ConnectionFailure(.invalid, defect) }
            let limit = TimeLimit(milliseconds: timeoutMilliseconds)
            let head = Self.head(of: request)
            if let response = try exchangeOnOldStream(request, head, limit) { return response }
            let most = Self.connectTimeoutMilliseconds
            let stream = HTTPStream(
                over: try StreamSocket(
                    connectingTo: request.origin,
                    timeoutMilliseconds: max(1, min(most, limit.remainingMilliseconds ?? most))
                )
            )
            self.stream = stream
            origin = request.origin
            return try exchange(on: stream, request, head, limit)
        } catch {
            stream = nil
            throw TransportError(error.kind, of: request, error.reason)
        }
    }

    /// The answer over the connection that stands; `nil` if there is none or it was closed.
    private func exchangeOnOldStream(
        _ request: HTTPRequest,
        _ head: [UInt8],
        _ limit: TimeLimit
    ) throws(ConnectionFailure) -> HTTPResponse? {
        guard let stream, origin == request.origin else { return nil }
        do throws(ConnectionFailure) {
            return try exchange(on: stream, request, head, limit)
        } catch {
            guard error.isBeforeAnswer else { throw error }
            return nil
        }
    }

    private func exchange(
        on stream: HTTPStream,
        _ request: HTTPRequest,
        _ head: [UInt8],
        _ limit: TimeLimit
    ) throws(ConnectionFailure) -> HTTPResponse {
        do throws(ConnectionFailure) {
            try stream.send(head, request.body, limit)
        } catch {
            // It may have answered before it had read all, and closed: a 413 comes so.
            guard error.kind == .broken,
                let response = try? stream.receive(answering: request.method, limit)
            else { throw error }
            self.stream = nil
            return response
        }
        let response = try stream.receive(answering: request.method, limit)
        if !stream.isReusable { self.stream = nil }
        return response
    }

    private static func head(of request: HTTPRequest) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(512)
        head += request.method.utf8
        head.append(0x20)
        head += request.target.utf8
        head += " HTTP/1.1\r\nHost: ".utf8
        head += request.origin.utf8.dropFirst("http://".utf8.count)
        for field in request.headers.fields {
            head += "\r\n".utf8
            head += field.name.utf8
            head += ": ".utf8
            head += field.value.utf8
        }
        if !request.body.isEmpty || request.method == "POST" {
            head += "\r\nContent-Length: ".utf8
            head += String(request.body.count).utf8
        }
        head += "\r\n\r\n".utf8
        return head
    }
}

/// Why an exchange failed.
struct ConnectionFailure: Error, Equatable {
    var kind: TransportError.Kind
    /// The reason in lower case.
    var reason: String
    /// The connection ended before any of the answer came: it may have been closed while idle.
    var isBeforeAnswer = false

    init(_ kind: TransportError.Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

/// The time at which an exchange must have ended, on the monotonic clock; or none.
struct TimeLimit {
    private let end: Int?

    init(milliseconds: Int?) {
        end = milliseconds.map { Self.now() + $0 }
    }

    /// What is left, at least 0; `nil` is for ever.
    var remainingMilliseconds: Int? { end.map { max(0, $0 - Self.now()) } }

    private static func now() -> Int {
        var time = timespec()
        // Cannot fail: the clock is known and the pointer is valid (clock_gettime(2)).
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}

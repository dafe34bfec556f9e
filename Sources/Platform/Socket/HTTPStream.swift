internal import Codec

/// HTTP/1.1 over one socket: a request goes out, its answer comes in (RFC 9112).
final class HTTPStream {
    /// The longest head that is accepted, in bytes.
    static let maximumHeadLength = 1 << 20
    /// What is read at a time where the length is not known, in bytes.
    private static let pieceLength = 16 << 10

    /// Whether another request may follow: the answer ended and the peer keeps the connection.
    private(set) var isReusable = true
    private let socket: StreamSocket
    /// What was received and not used yet: `input[used...]`.
    private var input = ByteBuffer()
    private var used = 0
    /// Something of the answer to the last request has come.
    private var answerHasBegun = false

    init(over socket: StreamSocket) {
        self.socket = socket
    }

    /// Sends a request: its head, and its body after it.
    func send(_ head: [UInt8], _ body: [UInt8], _ limit: TimeLimit) throws(ConnectionFailure) {
        isReusable = false
        answerHasBegun = false
        try socket.send(head, body, limit)
    }

    /// Waits for the answer to the request that was sent.
    func receive(answering method: String, _ limit: TimeLimit) throws(ConnectionFailure)
        -> HTTPResponse
    {
        var response = try readHead(limit).finish()
        let framing = try HTTPFraming(of: response, answering: method)
        var body = ByteBuffer()
        switch framing.length {
        case .none: break
        case .bytes(let count): try read(count, into: &body, limit)
        case .chunks: try readChunks(into: &body, limit)
        case .untilClosed: try readToEnd(into: &body, limit)
        }
        response.body = body.finish()
        // Bytes after the response would be taken for the next one.
        isReusable = framing.keepsConnection && used == input.count
        return response
    }

    private func readHead(_ limit: TimeLimit) throws(ConnectionFailure) -> HTTPResponseReader {
        var reader = HTTPResponseReader()
        var length = 0
        while !reader.headersEnded {
            let end = try endOfLine(limit)
            let isFirst = length == 0
            length += end - used
            guard length <= Self.maximumHeadLength else {
                throw ConnectionFailure(.broken, "the answer's head is too long")
            }
            let isHTTP = unsafe input.withBytes(used..<end) { line in
                unsafe reader.readHeaderLine(line)
                return unsafe !isFirst || line.starts(with: "HTTP/1.".utf8)
            }
            used = end
            // The first line has said what it is.
            guard isHTTP, reader.status >= 100 else {
                throw ConnectionFailure(.broken, "the answer is not HTTP/1.1")
            }
        }
        return reader
    }

    private func readChunks(into body: inout ByteBuffer, _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        while true {
            let end = try endOfLine(limit)
            let size = unsafe input.withBytes(used..<end) { unsafe HTTPFraming.chunkSize($0) }
            guard let size else { throw Self.malformedChunk }
            used = end
            if size == 0 { break }
            try read(size, into: &body, limit)
            guard try lengthOfLine(limit) <= 2 else { throw Self.malformedChunk }
        }
        // Trailers, which are not used, end with an empty line.
        while try lengthOfLine(limit) > 2 {}
    }

    private func readToEnd(into body: inout ByteBuffer, _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        try read(input.count - used, into: &body, limit)
        repeat {
            try Self.check(body.count + Self.pieceLength)
        } while try socket.receive(upTo: Self.pieceLength, into: &body, limit) > 0
    }

    /// Reads that many bytes: first what is there, the rest right into the body.
    private func read(_ count: Int, into body: inout ByteBuffer, _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        let end = body.count + count
        try Self.check(end)
        // Exactly for the one chunk that an event usually is; many of them grow it by doubling.
        if body.count == 0 { body.reserve(end) }
        let held = min(count, input.count - used)
        unsafe input.withBytes(used..<used + held) { unsafe body.append($0) }
        used += held
        while body.count < end {
            guard try socket.receive(upTo: end - body.count, into: &body, limit) > 0 else {
                throw Self.closedInside
            }
        }
    }

    /// Skips the next line and tells how long it is, its line break included.
    private func lengthOfLine(_ limit: TimeLimit) throws(ConnectionFailure) -> Int {
        let end = try endOfLine(limit)
        defer { used = end }
        return end - used
    }

    /// Where the line that starts at `used` ends; its rest is received if it is not there.
    private func endOfLine(_ limit: TimeLimit) throws(ConnectionFailure) -> Int {
        var searched = used
        while true {
            for index in searched..<input.count where input[index] == 0x0a { return index + 1 }
            searched = input.count - used
            guard searched <= Self.maximumHeadLength else {
                throw ConnectionFailure(.broken, "the answer's head is too long")
            }
            try receiveMore(limit)
        }
    }

    /// Receives something; what was used before makes room for it.
    private func receiveMore(_ limit: TimeLimit) throws(ConnectionFailure) {
        input.removeFirst(used)
        used = 0
        do throws(ConnectionFailure) {
            guard try socket.receive(upTo: Self.pieceLength, into: &input, limit) > 0 else {
                throw answerHasBegun
                    ? Self.closedInside
                    : ConnectionFailure(.broken, "the connection was closed without an answer")
            }
            answerHasBegun = true
        } catch {
            var failure = error
            failure.isBeforeAnswer = !answerHasBegun && failure.kind == .broken
            throw failure
        }
    }

    private static var closedInside: ConnectionFailure {
        ConnectionFailure(.broken, "the connection was closed inside the answer")
    }

    private static var malformedChunk: ConnectionFailure {
        ConnectionFailure(.broken, "malformed chunk in the answer")
    }

    private static func check(_ bodyLength: Int) throws(ConnectionFailure) {
        let most = HTTPRequest.usualLargestResponse
        guard bodyLength <= most else {
            throw ConnectionFailure(.broken, "response larger than \(most) bytes")
        }
    }
}

/// How a response's body is delimited (RFC 9112 section 6.3), and what becomes of the connection.
struct HTTPFraming: Equatable {
    /// Where the body ends.
    enum Length: Equatable {
        case none
        case bytes(Int)
        case chunks
        case untilClosed
    }

    var length: Length
    /// Whether the peer keeps the connection open (RFC 9112 section 9.3).
    var keepsConnection: Bool

    init(of response: HTTPResponse, answering method: String) throws(ConnectionFailure) {
        let connection = response.headers["Connection"]
        keepsConnection = connection.map { !equalsIgnoringASCIICase($0, "close") } ?? true
        if method == "HEAD" || response.status == 204 || response.status == 304 {
            length = .none
        } else if let coding = response.headers["Transfer-Encoding"] {
            guard equalsIgnoringASCIICase(coding, "chunked") else {
                throw ConnectionFailure(.broken, "unknown transfer coding of the answer")
            }
            length = .chunks
        } else if let declared = response.headers["Content-Length"] {
            guard let count = Int(declared), count >= 0 else {
                throw ConnectionFailure(.broken, "malformed length of the answer")
            }
            length = .bytes(count)
        } else {
            length = .untilClosed
            keepsConnection = false
        }
    }

    /// The size in the first line of a chunk, in hexadecimal digits, extensions left out.
    static func chunkSize(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
        var size: Int?
        for index in line.indices {
            let byte = unsafe line[index]
            guard let digit = Hex.value(of: byte) else {
                return byte == UInt8(ascii: ";") || byte.isASCIIWhiteSpace ? size : nil
            }
            let longer = (size ?? 0) << 4 | Int(digit)
            guard longer <= HTTPRequest.usualLargestResponse else { return nil }
            size = longer
        }
        return nil
    }
}

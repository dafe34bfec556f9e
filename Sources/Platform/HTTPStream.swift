/// HTTP/1.1 over one socket: a request goes out, its answer comes in (RFC 9112).
final class HTTPStream {
    /// The longest head that is taken, in bytes.
    static let maximumHeadLength = 1 << 20
    /// What is read at a time where the length is not known, in bytes.
    private static let pieceLength = 16 << 10

    /// Whether another request may follow: the answer ended and the peer keeps the connection.
    private(set) var isReusable = true
    private let socket: StreamSocket
    /// What was received and not used yet: `input[used...]`.
    private var input: [UInt8] = []
    private var used = 0

    init(over socket: StreamSocket) {
        self.socket = socket
    }

    /// Sends a request: its head, and its body after it.
    func send(_ head: [UInt8], _ body: [UInt8], _ limit: TimeLimit) throws(ConnectionFailure) {
        isReusable = false
        try socket.send(head, body, limit)
    }

    /// Waits for the answer to the request that was sent.
    func receive(answering method: String, _ limit: TimeLimit) throws(ConnectionFailure)
        -> HTTPResponse
    {
        var reader = HTTPResponseReader(reusing: [])
        try readHead(into: &reader, limit)
        var response = reader.response
        let framing = try HTTPFraming(of: response, answering: method)
        switch framing.length {
        case .none: break
        case .bytes(let count): try read(count, into: &response.body, limit)
        case .chunks: try readChunks(into: &response.body, limit)
        case .untilClosed: try readToEnd(into: &response.body, limit)
        }
        // Bytes that nobody asked for would be taken for the next answer.
        isReusable = framing.keepsConnection && used == input.count
        return response
    }

    private func readHead(into reader: inout HTTPResponseReader, _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        let start = try endOfLine(limit)
        guard input[used..<start].starts(with: "HTTP/1.".utf8) else {
            throw ConnectionFailure(.broken, "the answer is not HTTP/1.1")
        }
        var length = 0
        while !reader.headersEnded {
            let end = try endOfLine(limit)
            length += end - used
            guard length <= Self.maximumHeadLength else {
                throw ConnectionFailure(.broken, "the answer's head is too long")
            }
            unsafe input.withUnsafeBufferPointer { input in
                unsafe reader.readHeaderLine(UnsafeBufferPointer(rebasing: input[used..<end]))
            }
            used = end
        }
    }

    private func readChunks(into body: inout [UInt8], _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        while true {
            guard let size = HTTPFraming.chunkSize(try readLine(limit)) else {
                throw ConnectionFailure(.broken, "malformed chunk in the answer")
            }
            if size == 0 { break }
            try read(size, into: &body, limit)
            guard try readLine(limit).allSatisfy({ $0 == 0x0d || $0 == 0x0a }) else {
                throw ConnectionFailure(.broken, "malformed chunk in the answer")
            }
        }
        // Trailers, which nobody asked for, end with an empty line.
        while try readLine(limit).count > 2 {}
    }

    private func readToEnd(into body: inout [UInt8], _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        try read(input.count - used, into: &body, limit)
        repeat {
            try Self.check(body.count + Self.pieceLength)
        } while try socket.receive(upTo: Self.pieceLength, into: &body, limit) > 0
    }

    /// Reads that many bytes: first what is there, the rest right into the body.
    private func read(_ count: Int, into body: inout [UInt8], _ limit: TimeLimit)
        throws(ConnectionFailure)
    {
        try Self.check(body.count + count)
        let end = body.count + count
        let held = min(count, input.count - used)
        // Exactly for the one chunk that an event usually is; many of them grow it by doubling.
        if body.isEmpty { body.reserveCapacity(end) }
        body += input[used..<used + held]
        used += held
        while body.count < end {
            guard try socket.receive(upTo: end - body.count, into: &body, limit) > 0 else {
                throw ConnectionFailure(.broken, "the connection was closed inside the answer")
            }
        }
    }

    /// The next line, its line break included.
    private func readLine(_ limit: TimeLimit) throws(ConnectionFailure) -> ArraySlice<UInt8> {
        let end = try endOfLine(limit)
        defer { used = end }
        return input[used..<end]
    }

    /// Where the line that starts at `used` ends; its rest is received where it is not there.
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
        let isBeforeAnswer = used == input.count
        if isBeforeAnswer {
            input.removeAll(keepingCapacity: true)
        } else {
            input.removeFirst(used)
        }
        used = 0
        do throws(ConnectionFailure) {
            guard try socket.receive(upTo: Self.pieceLength, into: &input, limit) > 0 else {
                throw ConnectionFailure(.broken, "the connection was closed without an answer")
            }
        } catch {
            var failure = error
            failure.isBeforeAnswer = isBeforeAnswer && failure.kind == .broken
            throw failure
        }
    }

    private static func check(_ bodyLength: Int) throws(ConnectionFailure) {
        let most = HTTPResponseReader.maximumBodyLength
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
    static func chunkSize(_ line: ArraySlice<UInt8>) -> Int? {
        var size: Int?
        for byte in line {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: ";"), 0x09, 0x20, 0x0d, 0x0a: return size
            default: return nil
            }
            let longer = (size ?? 0) << 4 | Int(digit)
            guard longer <= HTTPResponseReader.maximumBodyLength else { return nil }
            size = longer
        }
        return nil
    }
}

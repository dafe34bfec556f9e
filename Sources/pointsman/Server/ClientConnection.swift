import Codec
import FlyingSocks
import Foundation
import Platform

/// A client's connection: requests come in, responses go out (HTTP/1.1, RFC 9112).
actor ClientConnection {
    private let socket: AsyncSocket
    /// What was received and not used yet: `input[used...]`.
    private var input: [UInt8] = []
    private var used = 0

    init(_ socket: AsyncSocket) {
        self.socket = socket
    }

    /// Whether something of the next request has come.
    var hasBegun: Bool { used < input.count }

    /// The next request's line and headers; `nil` where the client has ended.
    ///
    /// - Parameter most: Bytes that they may have.
    func head(atMost most: Int) async throws -> RequestHead? {
        var end: Int?
        while true {
            // An empty line before a request is passed over.
            while used < input.count, input[used] == 0x0d || input[used] == 0x0a { used += 1 }
            end = endOfHead
            guard (end ?? input.count) - used <= most else {
                throw RefusedRequest(431, "the request's headers have more than \(most) bytes")
            }
            if end != nil { break }
            guard try await receive() else {
                guard hasBegun else { return nil }
                throw SocketError.disconnected
            }
        }
        let bytes = input[used..<(end ?? used)]
        used += bytes.count
        return try RequestHead(bytes)
    }

    /// Where the empty line after the headers ends.
    private var endOfHead: Int? {
        var last: Int?
        for index in used..<input.count where input[index] == 0x0a {
            if let last, index - last == 1 || (index - last == 2 && input[index - 1] == 0x0d) {
                return index + 1
            }
            last = index
        }
        return nil
    }

    /// The body that follows a request's headers.
    ///
    /// - Parameter most: Bytes that it may have; no more are read.
    func body(of head: RequestHead, atMost most: Int) async throws -> [UInt8] {
        let tooLarge = RefusedRequest(413, "the body has more than \(most) bytes")
        if case .bytes(let count) = head.length, count > most { throw tooLarge }
        if head.expectsContinue {
            try await socket.write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        var body: [UInt8] = []
        switch head.length {
        case .bytes(let count): try await read(count, into: &body)
        case .chunks:
            while true {
                let size = try await chunkSize()
                if size == 0 { break }
                guard size <= most - body.count else { throw tooLarge }
                try await read(size, into: &body)
                guard try await line().isEmpty else { throw Self.malformedChunk }
            }
            // Trailers, which are not used, end with an empty line.
            while try await !line().isEmpty {}
        }
        return body
    }

    private func chunkSize() async throws -> Int {
        let text = try await line().prefix { $0 != UInt8(ascii: ";") }
        let digits = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        guard (1...8).contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit),
            let size = Int(digits, radix: 16)
        else { throw Self.malformedChunk }
        return size
    }

    private static var malformedChunk: RefusedRequest {
        RefusedRequest(400, "a chunk of the body is malformed")
    }

    /// The next line, without its end.
    private func line() async throws -> [UInt8] {
        while true {
            if let end = input[used...].firstIndex(of: 0x0a) {
                defer { used = end + 1 }
                return Array(
                    input[used..<end].last == 0x0d ? input[used..<end - 1] : input[used..<end]
                )
            }
            guard input.count - used <= 8_192 else { throw Self.malformedChunk }
            guard try await receive() else { throw SocketError.disconnected }
        }
    }

    private func read(_ count: Int, into body: inout [UInt8]) async throws {
        let end = body.count + count
        while true {
            let part = input[used...].prefix(end - body.count)
            body += part
            used += part.count
            if body.count == end { return }
            guard try await receive() else { throw SocketError.disconnected }
        }
    }

    /// Receives something more; false where the client has ended.
    private func receive() async throws -> Bool {
        do {
            let bytes = try await socket.read(atMost: 65_536)
            input.removeFirst(used)
            used = 0
            input += bytes
            return true
        } catch SocketError.disconnected {
            return false
        }
    }

    /// Sends a response; to the method HEAD without its body.
    func write(_ response: HTTPResponse, toHead: Bool, closing: Bool) async throws {
        var head = "HTTP/1.1 \(response.status) \r\n"
        for field in response.headers.fields { head += "\(field.name): \(field.value)\r\n" }
        let hasBody = response.status != 204 && response.status != 304
        if hasBody { head += "Content-Length: \(response.body.count)\r\n" }
        head += closing ? "Connection: close\r\n\r\n" : "\r\n"
        var bytes = Data(head.utf8)
        if hasBody, !toHead { bytes += response.body }
        try await socket.write(bytes)
    }

    /// Reads until the client ends, and keeps nothing.
    func discard() async throws {
        while try await receive() { used = input.count }
    }
}

/// A request's line and headers.
struct RequestHead {
    enum Length: Equatable {
        case bytes(Int)
        case chunks
    }

    /// The request, without its body.
    let request: LocalRequest
    let length: Length
    /// Whether the client keeps the connection for another request.
    let keepsConnection: Bool
    /// Whether it waits for a word before it sends the body.
    let expectsContinue: Bool

    /// Reads them as they came, up to the empty line.
    init(_ bytes: ArraySlice<UInt8>) throws {
        var lines = bytes.split(separator: 0x0a).map { line in
            String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
        }[...]
        if lines.last?.isEmpty == true { lines.removeLast() }
        let line = lines.popFirst()?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard line.count == 3, line[2] == "HTTP/1.1" || line[2] == "HTTP/1.0",
            line[1].hasPrefix("/"), line[0].allSatisfy(Self.isToken)
        else { throw RefusedRequest(400, "it is no request of HTTP/1.1 for a path") }
        var headers = HTTPHeaders()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy(Self.isToken) else {
                throw RefusedRequest(400, "a header is malformed")
            }
            headers.append(String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
        // Two readers would choose two different ones.
        for name in ["Host", "Content-Length", "Transfer-Encoding"] {
            let count = headers.fields.count { $0.name.lowercased() == name.lowercased() }
            guard count <= 1 else {
                throw RefusedRequest(400, "the request has \(count) headers \(name)")
            }
        }
        let target = line[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        request = LocalRequest(
            method: String(line[0]),
            path: String(target[0]),
            query: target.count > 1 ? String(target[1]) : "",
            headers: headers,
            body: []
        )
        length = try Self.length(headers)
        let connection = headers["Connection"]?.lowercased() ?? ""
        keepsConnection = line[2] == "HTTP/1.1" && !connection.contains("close")
        expectsContinue = headers["Expect"]?.lowercased() == "100-continue"
    }

    private static func length(_ headers: HTTPHeaders) throws -> Length {
        if let coding = headers["Transfer-Encoding"] {
            guard headers["Content-Length"] == nil else {
                throw RefusedRequest(400, "the request says two lengths of its body")
            }
            guard coding.lowercased() == "chunked" else {
                throw RefusedRequest(400, "the body's transfer coding is not chunked")
            }
            return .chunks
        }
        guard let text = headers["Content-Length"] else { return .bytes(0) }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(text) else {
            throw RefusedRequest(400, "the body's length is not a number")
        }
        return .bytes(count)
    }

    /// Whether a character may be in a method or in a header's name (RFC 9110, 5.6.2).
    private static func isToken(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        return character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

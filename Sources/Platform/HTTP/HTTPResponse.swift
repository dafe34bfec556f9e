internal import Codec

package struct HTTPResponse: Equatable, Sendable {
    package var status: Int
    /// The headers in the order in which they came.
    package var headers: HTTPHeaders
    /// The body, transfer coding removed.
    package var body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Puts a response together from the lines of its head and the pieces of its body.
struct HTTPResponseReader {
    /// The longest body that is accepted, in bytes.
    var largestBody = HTTPRequest.usualLargestResponse

    /// The status of the head that was read last, 0 before there is one.
    private(set) var status = 0
    private(set) var headers = HTTPHeaders()
    private(set) var body = ByteBuffer()
    /// The body was longer than is accepted.
    private(set) var isTooLarge = false
    /// The whole head was read, and it was not that of a 1xx response.
    private(set) var headersEnded = false

    /// The response with the body that was taken.
    consuming func finish() -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: body.finish())
    }

    /// Takes one line of the head, its line break included.
    mutating func readHeaderLine(_ line: UnsafeBufferPointer<UInt8>) {
        // What follows the head are the trailers of a chunked body, which are not used.
        guard !headersEnded else { return }
        var end = line.count
        while end > 0, unsafe line[end - 1].isASCIIWhiteSpace { end -= 1 }
        if end == 0 {
            // A head with a 1xx status is not the response: another head follows it.
            headersEnded = status >= 200
            return
        }
        let colon = unsafe line.firstIndex(of: UInt8(ascii: ":"))
        guard let colon, colon < end, unsafe !isStatusLine(line) else {
            if unsafe isStatusLine(line) { unsafe readStatusLine(line) }
            return
        }
        var start = colon + 1
        while start < end, unsafe line[start].isASCIIWhiteSpace { start += 1 }
        let name = unsafe String(decoding: line[..<colon], as: UTF8.self)
        let value = unsafe String(decoding: line[start..<end], as: UTF8.self)
        if equalsIgnoringASCIICase(name, "Content-Length"), let length = Int(value), length > 0 {
            body.reserve(min(length, largestBody))
        }
        headers.append(name, value)
    }

    /// Takes a piece of the body; `false` if it is too much.
    mutating func readBody(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        guard body.count + piece.count <= largestBody else {
            isTooLarge = true
            return false
        }
        unsafe body.append(piece)
        return true
    }

    private mutating func readStatusLine(_ line: UnsafeBufferPointer<UInt8>) {
        // `HTTP/1.1 200 OK` (RFC 9112 section 4).
        status = 0
        headers = HTTPHeaders()
        guard let space = unsafe line.firstIndex(of: 0x20) else { return }
        for index in line.indices.dropFirst(space + 1).prefix(3) {
            let digit = unsafe Int(line[index]) - 0x30
            guard digit >= 0, digit <= 9 else { return }
            status = status * 10 + digit
        }
    }

    private func isStatusLine(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        // Nearly every line is told by its first byte.
        unsafe line.first == UInt8(ascii: "H") && line.starts(with: "HTTP/".utf8)
    }
}

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
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: ";"), 0x09, 0x20, 0x0d, 0x0a: return size
            default: return nil
            }
            let longer = (size ?? 0) << 4 | Int(digit)
            guard longer <= HTTPRequest.usualLargestResponse else { return nil }
            size = longer
        }
        return nil
    }
}

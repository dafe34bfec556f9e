import Codec
package import Platform

/// One invocation of the function, as the Runtime API handed it out.
///
/// Everything but the request id may be absent: a runtime must not end for want of a header.
package struct Invocation: Equatable, Sendable {
    /// How long an invocation may take whose deadline is absent or unreadable, in milliseconds.
    ///
    /// The real one cannot be known then; a minute is what the template gives the functions.
    package static let defaultTimeoutMilliseconds = 60_000

    package var requestID: String
    /// When Lambda gives up on it.
    package var deadline: Deadline
    /// The ARN by which the function was invoked, with its version or alias.
    package var functionARN: String?
    package var traceID: String?
    /// All headers of the Runtime API's response.
    package var headers: HTTPHeaders
    /// The event: bytes as received.
    package var payload: [UInt8]

    package init(requestID: String, deadline: Deadline, payload: [UInt8]) {
        self.requestID = requestID
        self.deadline = deadline
        self.headers = HTTPHeaders()
        self.payload = payload
    }

    /// Reads the Runtime API's answer to a request for the next invocation.
    ///
    /// - Throws: `RuntimeAPIError.requestIDAbsent`.
    init(_ response: HTTPResponse, receivedAt now: Timestamp) throws(RuntimeAPIError) {
        let headers = response.headers
        guard let requestID = headers[RuntimeAPI.Header.requestID], !requestID.isEmpty else {
            throw .requestIDAbsent
        }
        self.init(
            requestID: requestID,
            deadline: Self.deadline(headers[RuntimeAPI.Header.deadline])
                ?? Deadline(now.adding(milliseconds: Self.defaultTimeoutMilliseconds)),
            payload: response.body
        )
        self.functionARN = headers[RuntimeAPI.Header.functionARN]
        self.traceID = headers[RuntimeAPI.Header.traceID]
        self.headers = headers
    }

    /// The trace's own id out of the trace header, by which X-Ray is searched.
    package var traceRoot: String? {
        traceID?.utf8.split(separator: UInt8(ascii: ";"))
            .first { $0.starts(with: "Root=".utf8) }
            .map { String(decoding: $0.dropFirst("Root=".utf8.count), as: UTF8.self) }
    }

    /// Milliseconds since 1970, in decimal digits; anything else is no deadline.
    private static func deadline(_ header: String?) -> Deadline? {
        guard let header, let milliseconds = Int(header), milliseconds > 0 else { return nil }
        return Deadline(Timestamp(milliseconds: milliseconds))
    }
}

/// The failure of an invocation or of a function's start, as Lambda and the caller see it.
package struct InvocationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Longer messages are cut to that many UTF-8 bytes.
    ///
    /// So the X-Ray cause stays below 64 KiB, to which the platform crops it, even where each
    /// byte is written as `\u00XX`.
    package static let maximumMessage = 8_192

    /// The type, which matches `(Runtime|Function)\.[A-Z][a-zA-Z]+`.
    ///
    /// The platform logs any other as `Runtime.Unknown`.
    package let type: String
    package let message: String

    /// Makes an error; a type that the platform would not take becomes `Function.Unknown`.
    package init(type: String, message: String) {
        self.type = Self.isType(type) ? type : "Function.Unknown"
        self.message = Self.cut(message)
    }

    /// `Function.MalformedEvent: invalid JSON at byte 0: …`.
    package var description: String { "\(type): \(message)" }

    /// The body of an error response.
    var body: [UInt8] {
        var json = JSONWriter()
        json.object { error in
            error.member("errorType", type)
            error.member("errorMessage", message)
            error.strings("stackTrace", [])
        }
        return json.bytes
    }

    /// The X-Ray cause: JSON in ASCII without control characters, as a header field needs it.
    ///
    /// Source: <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>,
    /// "Errors and exceptions".
    var cause: String {
        var json = JSONWriter()
        json.object { cause in
            cause.member("working_directory", "")
            cause.array("exceptions") { exceptions in
                exceptions.object { exception in
                    exception.member("message", message)
                    exception.member("type", type)
                    exception.strings("stack", [])
                }
            }
            cause.strings("paths", [])
        }
        return Self.ascii(json.bytes)
    }

    /// Escapes what is not ASCII, which in JSON is always inside strings.
    private static func ascii(_ json: [UInt8]) -> String {
        var escaped = ""
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if (0x20..<0x7F).contains(scalar.value) {
                escaped.unicodeScalars.append(scalar)
            } else {
                for unit in scalar.utf16 {
                    escaped += "\\u" + Hex.lower([UInt8(unit >> 8), UInt8(unit & 0xFF)])
                }
            }
        }
        return escaped
    }

    private static func isType(_ type: String) -> Bool {
        let bytes = Array(type.utf8)
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")) else { return false }
        let category = bytes[..<dot]
        let reason = bytes[(dot + 1)...]
        return (category.elementsEqual("Runtime".utf8) || category.elementsEqual("Function".utf8))
            && reason.count > 1
            && reason[reason.startIndex].isASCIIUppercase
            && reason.allSatisfy { $0.isASCIILetter }
    }

    /// The message, or as many whole code points of it as fit.
    private static func cut(_ message: String) -> String {
        guard message.utf8.count > maximumMessage else { return message }
        let bytes = Array(message.utf8)
        var end = maximumMessage
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

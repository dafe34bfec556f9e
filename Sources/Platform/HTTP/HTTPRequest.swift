internal import Codec

/// An HTTP request as a value, ready to be sent.
///
/// The URL is kept in two parts: the origin may be shown in a log or an error,
/// the target may hold a secret (a presigned query, a webhook's path) and may not.
package struct HTTPRequest: Equatable, Sendable {
    package var method: String
    /// Scheme and authority, without a final slash: `https://s3.eu-west-1.amazonaws.com`.
    package var origin: String
    /// Path and query as they are sent, percent-encoded: `/bucket/key?versionId=3`.
    package var target: String
    /// The headers in the order in which they are sent.
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// PEM certificates to trust for this request instead of the system's bundle.
    package var caBundle: [UInt8]?
    /// Whether the client may send it twice: when a kept connection breaks before a response comes,
    /// the server may or may not have had the request.
    ///
    /// One that is not repeatable goes over a connection of its own.
    package var isRepeatable: Bool
    /// Milliseconds that it may take from the moment it is sent; `nil` for all that the deadline
    /// allows.
    package var timeLimit: Int?
    /// The longest response body that is accepted, in bytes; reading stops if it is longer.
    package var largestResponse: Int

    /// The limit for a trusted service: more than any of its responses, and what a broken
    /// one may cost in memory.
    package static let usualLargestResponse = 64 << 20

    package init(
        method: String,
        origin: String,
        target: String,
        headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8] = [],
        caBundle: [UInt8]? = nil,
        isRepeatable: Bool = true,
        timeLimit: Int? = nil,
        largestResponse: Int = HTTPRequest.usualLargestResponse
    ) {
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body
        self.caBundle = caBundle
        self.isRepeatable = isRepeatable
        self.timeLimit = timeLimit
        self.largestResponse = largestResponse
    }
}

extension HTTPRequest {
    /// Why this request must not be sent; `nil` if it may.
    ///
    /// What stands in a request line or a header field goes out as it is: a line break or a
    /// space inside would be another request (RFC 9112 sections 3 and 11.2).
    var defect: String? {
        if !isToken(method) { return "malformed method" }
        guard let url = try? HTTPURL(origin), url.origin.utf8.elementsEqual(origin.utf8) else {
            return "malformed origin"
        }
        if target.utf8.first != UInt8(ascii: "/")
            || !allBytes(of: target, satisfy: { $0 > 0x20 && $0 < 0x7f })
        {
            return "malformed target"
        }
        for field in headers.fields {
            if !isToken(field.name) {
                return "malformed header name"
            }
            if !allBytes(of: field.value, satisfy: { $0 != 0 && $0 != 0x0a && $0 != 0x0d }) {
                return "malformed value of header \(field.name)"
            }
            // The framing is decided by the body alone.
            if equalsIgnoringASCIICase(field.name, "Content-Length")
                || equalsIgnoringASCIICase(field.name, "Transfer-Encoding")
            {
                return "header \(field.name) is not the caller's to set"
            }
        }
        if method == "HEAD", !body.isEmpty { return "a HEAD request has no body" }
        return nil
    }

    var isHTTPS: Bool { origin.utf8.starts(with: "https://".utf8) }
}

/// A `token` (RFC 9110 section 5.6.2).
private func isToken(_ text: String) -> Bool {
    !text.utf8.isEmpty
        && allBytes(of: text) { byte in
            // The hyphen alone of the others stands in most names: the rest is searched.
            byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-")
                || "!#$%&'*+.^_`|~".utf8.contains(byte)
        }
}

private func allBytes(of text: String, satisfy isGood: (UInt8) -> Bool) -> Bool {
    let bytes = text.utf8.span
    for index in bytes.indices where !isGood(bytes[index]) { return false }
    return true
}

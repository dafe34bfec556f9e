/// An HTTP request as a value, ready to be sent.
///
/// The URL is kept in two parts: the origin may be shown in a log or an error,
/// the target may hold a secret (a presigned query, a webhook's path) and may not.
package struct HTTPRequest: Equatable, Sendable {
    /// The method, such as `GET`.
    package var method: String
    /// Scheme and authority, without a final slash: `https://s3.eu-west-1.amazonaws.com`.
    package var origin: String
    /// Path and query as they go on the wire, percent-encoded: `/bucket/key?versionId=3`.
    package var target: String
    /// The headers in the order in which they are sent.
    package var headers: HTTPHeaders
    /// The body; empty means none.
    package var body: [UInt8]
    /// PEM certificates to trust for this request instead of the system's bundle.
    package var caBundle: [UInt8]?
    /// Whether the client may send it twice: a kept connection that breaks before an answer comes
    /// does not tell whether the server had the request.
    ///
    /// One that is not repeatable goes over a connection of its own.
    package var isRepeatable: Bool
    /// Milliseconds that it may take from the moment it is sent; `nil` for all that the deadline
    /// allows.
    package var timeLimit: Int?
    /// The longest body of a response that is taken, in bytes; reading ends where it is longer.
    package var largestResponse: Int

    /// What is taken of a service that is trusted: more than any of its answers, and what a broken
    /// one may cost in memory.
    package static let usualLargestResponse = 64 << 20

    /// Makes a request.
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

/// A whole HTTP response.
package struct HTTPResponse: Equatable, Sendable {
    /// The status code, such as 404.
    package var status: Int
    /// The headers in the order in which they came.
    package var headers: HTTPHeaders
    /// The body, transfer coding removed.
    package var body: [UInt8]

    /// Makes a response.
    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Header fields in order; names are compared without regard to ASCII case.
package struct HTTPHeaders: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    /// One header field.
    package struct Field: Equatable, Sendable {
        /// The field's name, in the case in which it was written.
        package var name: String
        /// The field's value, without surrounding white space.
        package var value: String

        /// Makes a field.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in order.
    package private(set) var fields: [Field]

    /// No fields.
    package init() {
        self.fields = []
    }

    /// Fields in the order in which they are written down.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// Adds a field after the others.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The first field of that name; setting replaces all of that name, `nil` removes them.
    package subscript(name: String) -> String? {
        get {
            for field in fields where equalsIgnoringASCIICase(field.name, name) {
                return field.value
            }
            return nil
        }
        set {
            fields.removeAll { equalsIgnoringASCIICase($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }
}

/// Whether two strings are the same bytes once ASCII letters are lower-cased.
package func equalsIgnoringASCIICase(_ one: String, _ other: String) -> Bool {
    let one = one.utf8.span
    let other = other.utf8.span
    guard one.count == other.count else { return false }
    for index in one.indices where one[index] != other[index] {
        let lowered = one[index] | 0x20
        let isLetter = lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z")
        guard isLetter, lowered == other[index] | 0x20 else { return false }
    }
    return true
}

package import Platform
import Codec

/// One invocation of the function, as the Runtime API handed it out.
///
/// Everything but the request id may be absent: a runtime must not end for want of a header.
package struct Invocation: Equatable, Sendable {
    /// How long an invocation may take whose deadline is absent or unreadable, in milliseconds.
    ///
    /// The real one cannot be known then; a minute is what the template gives the functions.
    package static let defaultTimeoutMilliseconds = 60_000

    /// Names the invocation in answers and logs.
    package var requestID: String
    /// When Lambda gives up on it.
    package var deadline: Deadline
    /// The ARN by which the function was invoked, with its version or alias.
    package var functionARN: String?
    /// The X-Ray trace header.
    package var traceID: String?
    /// The mobile SDK's client context, as it came: JSON, not parsed.
    package var clientContext: String?
    /// The Cognito identity, as it came: JSON, not parsed.
    package var cognitoIdentity: String?
    /// The tenant, for functions with tenant isolation.
    package var tenantID: String?
    /// The media type of the payload.
    package var contentType: String?
    /// All headers of the Runtime API's answer, these included.
    package var headers: HTTPHeaders
    /// The event: bytes as received.
    package var payload: [UInt8]

    /// Makes an invocation that has what every one has.
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
        self.clientContext = headers[RuntimeAPI.Header.clientContext]
        self.cognitoIdentity = headers[RuntimeAPI.Header.cognitoIdentity]
        self.tenantID = headers[RuntimeAPI.Header.tenantID]
        self.contentType = headers[RuntimeAPI.Header.contentType]
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

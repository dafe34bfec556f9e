import Codec
package import Platform

/// The requests of the Lambda Runtime API as values, version 2018-06-01.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
package struct RuntimeAPI: Equatable, Sendable {
    /// Names of header fields, of requests and responses.
    enum Header {
        static let requestID = "Lambda-Runtime-Aws-Request-Id"
        static let deadline = "Lambda-Runtime-Deadline-Ms"
        static let functionARN = "Lambda-Runtime-Invoked-Function-Arn"
        static let traceID = "Lambda-Runtime-Trace-Id"
        static let contentType = "Content-Type"
        static let userAgent = "User-Agent"
        static let errorType = "Lambda-Runtime-Function-Error-Type"
        static let errorCause = "Lambda-Runtime-Function-XRay-Error-Cause"
    }

    /// The largest response that the platform accepts, in bytes: 6 MiB and 100.
    ///
    /// A larger one is answered 413, after the caller has been told `Function.ResponseSizeTooLarge`.
    static let maximumResponse = 6_291_556

    private static let root = "/2018-06-01/runtime"

    /// Scheme and authority of the Runtime API: `http://127.0.0.1:9001`.
    let origin: String
    /// What stands before the paths of the Runtime API: `/7d3f`, else empty.
    private let base: String

    /// The Runtime API at an address, which is the value of `AWS_LAMBDA_RUNTIME_API`.
    ///
    /// Lambda's own is a host and a port. An emulator's may have a path, letters and digits, by which
    /// it knows its own processes: every runtime puts the address before `/2018-06-01`.
    ///
    /// - Throws: `RuntimeAPIError.malformedAddress` where it is anything else.
    package init(address: String) throws(RuntimeAPIError) {
        guard let url = try? HTTPURL("http://" + address), url.port != nil,
            url.path.utf8.isEmpty || Self.isSegment(url.path.utf8)
        else { throw .malformedAddress(address) }
        self.origin = url.origin
        self.base = url.path
    }

    /// Asks for the next invocation.
    package var next: HTTPRequest {
        HTTPRequest(
            method: "GET",
            origin: origin,
            target: base + Self.root + "/invocation/next",
            headers: [Header.userAgent: Version.userAgent]
        )
    }

    /// Answers an invocation with what its handler returned.
    package func response(to requestID: String, body: [UInt8]) -> HTTPRequest {
        post("/invocation/" + encoded(requestID) + "/response", body: body)
    }

    /// Answers an invocation with the error that its handler threw.
    package func failure(of requestID: String, _ error: InvocationError) -> HTTPRequest {
        post("/invocation/" + encoded(requestID) + "/error", error)
    }

    /// Says that the function could not be made ready.
    package func initFailure(_ error: InvocationError) -> HTTPRequest {
        post("/init/error", error)
    }

    /// A target of its requests without what an emulator knows its processes by: for messages.
    static func shown(_ target: String) -> String {
        if target.utf8.starts(with: root.utf8) { return target }
        return String(
            decoding: Array(target.utf8.dropFirst().drop { $0 != UInt8(ascii: "/") }),
            as: UTF8.self
        )
    }

    private func post(_ path: String, _ error: InvocationError) -> HTTPRequest {
        var request = post(path, body: error.body)
        request.headers.append(Header.errorType, error.type)
        request.headers.append(Header.errorCause, error.cause)
        return request
    }

    private func post(_ path: String, body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            method: "POST",
            origin: origin,
            target: base + Self.root + path,
            headers: [Header.contentType: "application/json", Header.userAgent: Version.userAgent],
            body: body
        )
    }

    /// A request id is a UUID; encoded, it stays one segment of the path in any case.
    private func encoded(_ requestID: String) -> String {
        PercentEncoding.encode(requestID)
    }

    /// Whether a path is a slash and letters or digits.
    private static func isSegment(_ path: String.UTF8View) -> Bool {
        path.first == UInt8(ascii: "/") && path.count > 1
            && path.dropFirst().allSatisfy { $0.isASCIILetterOrDigit }
    }
}

/// A failed request to the Runtime API.
package enum RuntimeAPIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `AWS_LAMBDA_RUNTIME_API` is not a host and a port.
    case malformedAddress(String)
    case unanswered(path: String, TransportError)
    /// The answer's status says no; the type is the Runtime API's own, such as `InvalidRequestID`.
    case refused(method: String, path: String, status: Int, type: String?)
    /// The next invocation has no request id, so it cannot be answered.
    case requestIDAbsent

    package var description: String {
        switch self {
        case .malformedAddress(let address):
            "AWS_LAMBDA_RUNTIME_API: expected host:port, found '\(address)'"
        case .unanswered(let path, let error):
            "Runtime API: \(error.method) \(path): \(error.reason)"
        case .refused(let method, let path, let status, let type):
            "Runtime API: \(method) \(path): \(status)" + (type.map { " " + $0 } ?? "")
        case .requestIDAbsent:
            "Runtime API: GET /2018-06-01/runtime/invocation/next: no request id in the answer"
        }
    }

    /// The refusal that a response to a request is.
    init(refusing request: HTTPRequest, _ response: HTTPResponse) {
        let answer = try? JSON(parsing: response.body)
        self = .refused(
            method: request.method,
            path: RuntimeAPI.shown(request.target),
            status: response.status,
            type: answer?["errorType"]?.string
        )
    }
}

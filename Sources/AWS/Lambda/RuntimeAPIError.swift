package import Platform
import Codec

/// What can go wrong between the process and the Runtime API.
package enum RuntimeAPIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `AWS_LAMBDA_RUNTIME_API` is not a host and a port.
    case malformedAddress(String)
    /// No answer came.
    case unanswered(path: String, TransportError)
    /// The answer's status says no; the type is the Runtime API's own, such as `InvalidRequestID`.
    case refused(method: String, path: String, status: Int, type: String?)
    /// The next invocation has no request id, so it cannot be answered.
    case requestIDAbsent

    /// What was being done, to what, and why it failed.
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

internal import Codec

/// Sends requests and waits for all responses: the interface between the code that decides and the
/// network.
///
/// `HTTPClient` is the real one; tests put counting and failing ones in its place.
package struct Transport {
    /// Sends the requests in parallel and returns one result for each, in their order.
    ///
    /// Never takes longer than the deadline allows: what has not ended by then is
    /// a `TransportError` of kind `timedOut`, or `notSent` where it never went out.
    package var perform:
        (_ requests: [HTTPRequest], _ deadline: Deadline) -> [Result<HTTPResponse, TransportError>]

    /// Sends a request and does not wait for its answer: ``ended`` returns it under that number.
    ///
    /// It goes on while other requests are performed, and takes none of their places.
    package var begin: (_ request: HTTPRequest, _ number: Int, _ deadline: Deadline) -> Void

    /// What came of requests that were begun; waits for the first of them to end, and no longer
    /// than so many milliseconds.
    package var ended: (_ milliseconds: Int) -> [EndedRequest]

    package init(
        perform: @escaping ([HTTPRequest], Deadline) -> [Result<HTTPResponse, TransportError>],
        begin: @escaping (HTTPRequest, Int, Deadline) -> Void,
        ended: @escaping (Int) -> [EndedRequest]
    ) {
        self.perform = perform
        self.begin = begin
        self.ended = ended
    }

    /// Makes a transport of a closure: what was begun is performed together, once it is asked for.
    package init(
        perform: @escaping ([HTTPRequest], Deadline) -> [Result<HTTPResponse, TransportError>]
    ) {
        let begun = BegunRequests()
        self.init(
            perform: perform,
            begin: { request, number, deadline in
                begun.requests.append(request)
                begun.numbers.append(number)
                begun.deadline = deadline
            },
            ended: { _ in
                guard let deadline = begun.deadline else { return [] }
                let (requests, numbers) = (begun.requests, begun.numbers)
                begun.requests = []
                begun.numbers = []
                begun.deadline = nil
                return zip(numbers, perform(requests, deadline)).map {
                    EndedRequest(number: $0, result: $1)
                }
            }
        )
    }

    private final class BegunRequests {
        var requests: [HTTPRequest] = []
        var numbers: [Int] = []
        var deadline: Deadline?
    }
}

package struct EndedRequest {
    /// The number that it was begun under.
    package var number: Int
    package var result: Result<HTTPResponse, TransportError>

    package init(number: Int, result: Result<HTTPResponse, TransportError>) {
        self.number = number
        self.result = result
    }
}

/// Why no HTTP response came.
package struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of failure it was: what may be retried is decided by this.
    package enum Kind: Equatable, Sendable {
        /// The name could not be resolved.
        case unresolved
        /// No connection: refused or unreachable.
        case unreachable
        /// The deadline or the call's own limit passed.
        case timedOut
        /// No byte of the request went out: there was no time left, or the connection or its TLS
        /// handshake was not finished.
        case notSent
        /// The TLS handshake or the certificate check failed.
        case untrusted
        /// The connection broke after it stood: reset, closed early, not HTTP.
        case broken
        /// A response came and was longer than is accepted.
        case tooLarge
        /// The request could not be made at all: a malformed URL, no memory.
        case invalid

        /// Whether the same request may be answered the next time.
        package var isTransient: Bool {
            switch self {
            case .unresolved, .unreachable, .timedOut, .notSent, .broken: true
            case .untrusted, .tooLarge, .invalid: false
            }
        }

        /// Whether the server may have acted on the request: it may have had all of it.
        package var isOutcomeUnknown: Bool {
            switch self {
            case .timedOut, .broken, .tooLarge: true
            case .unresolved, .unreachable, .notSent, .untrusted, .invalid: false
            }
        }

        /// A name for it, where a server's answer would have an error code.
        package var code: String {
            switch self {
            case .unresolved: "Unresolved"
            case .unreachable: "Unreachable"
            case .timedOut: "TimedOut"
            case .notSent: "NotSent"
            case .broken: "ConnectionBroken"
            case .untrusted: "Untrusted"
            case .tooLarge: "ResponseTooLarge"
            case .invalid: "InvalidRequest"
            }
        }
    }

    package var kind: Kind
    package var method: String
    /// The request's origin; never its path or query, which may hold a secret.
    package var origin: String
    /// The reason in the library's own words.
    package var reason: String

    package init(_ kind: Kind, method: String, origin: String, reason: String) {
        self.kind = kind
        self.method = method
        self.origin = origin
        self.reason = reason
    }

    init(_ kind: Kind, of request: HTTPRequest, _ reason: String) {
        self.init(kind, method: request.method, origin: request.origin, reason: reason)
    }

    /// `PUT https://s3.eu-west-1.amazonaws.com: connection refused`.
    package var description: String { "\(method) \(origin): \(reason)" }
}

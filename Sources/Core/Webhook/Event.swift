package import Codec

/// What the `webhook` function was invoked with.
package enum Event: Sendable {
    /// A request that API Gateway or a Function URL passed on.
    case http(HTTPEvent)
    /// An invocation by AWS itself, which IAM has let through.
    case direct(DirectInvocation)

    /// Tells what an event is, reading it once.
    ///
    /// Takes the shapes of API Gateway's REST API (v1) and HTTP API (v2), of a
    /// Function URL, of a CodeCommit trigger and of CodeCommit's EventBridge events.
    package init(_ bytes: [UInt8]) throws(EventError) {
        let envelope: Envelope
        do throws(JSONError) {
            envelope = try Envelope(bytes)
        } catch {
            throw .unreadable(error)
        }
        if let method = envelope.method {
            self = .http(HTTPEvent(envelope, method: method))
        } else if let source = envelope.recordSource {
            guard source == "aws:codecommit" else { throw .unexpected("records of \(source)") }
            self = .direct(DirectInvocation(.codeCommitTrigger, event: bytes))
        } else if let type = envelope.detailType {
            guard CodeCommitStateChange.detailTypes.contains(type) else {
                throw .unexpected("an EventBridge event of type \(type)")
            }
            self = .direct(DirectInvocation(.codeCommitStateChange, event: bytes))
        } else {
            throw .unexpected("an object with \(envelope.memberNames)")
        }
    }
}

/// Why an event is nothing that the function can take.
package enum EventError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is not JSON, or a part of it has another type than in any event known.
    case unreadable(JSONError)
    /// It is something else.
    case unexpected(_ found: String)

    /// One sentence for the invocation's error.
    package var description: String {
        switch self {
        case .unreadable(let error):
            "reading the event: \(error)"
        case .unexpected(let found):
            "reading the event: expected a request of API Gateway or a Function URL, "
                + "a CodeCommit trigger or a CodeCommit event of EventBridge, found \(found)"
        }
    }
}

internal import Codec
internal import Platform

/// A provider's message as received: nothing of it may be believed yet.
package struct Delivery: Sendable {
    /// Who is to have sent it, as the route says.
    enum Provider: Sendable {
        /// GitHub, which signs.
        case github
        /// Docker Hub, which cannot sign: the route's last segment is what it shows.
        case dockerHub(token: Secret)
    }

    /// How the body is written.
    enum Format: Sendable {
        case json
        /// `payload=` and so on.
        case form

        /// What is accepted, for an answer.
        static let names = "application/json or application/x-www-form-urlencoded"
    }

    /// Who is to have sent it.
    let provider: Provider
    /// The request's headers; none of them is signed.
    let headers: HTTPHeaders
    let format: Format
    let body: [UInt8]

    /// The delivery's id, for answers and log lines; computed each time.
    var id: String {
        let named: String? =
            switch provider {
            case .github: DeliveryID.github(headers: headers)
            case .dockerHub: nil
            }
        return named ?? DeliveryID.hash(of: body)
    }
}

extension Delivery.Format {
    /// The format of a media type; parameters and case do not count (RFC 9110, section 8.3.1).
    init?(contentType: String) {
        let type = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }
        let name = String(decoding: type.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
        if equalsIgnoringASCIICase(name, "application/json") {
            self = .json
        } else if equalsIgnoringASCIICase(name, "application/x-www-form-urlencoded") {
            self = .form
        } else {
            return nil
        }
    }
}

/// An invocation by AWS itself: IAM decides who may invoke a function, so there is no signature.
package struct DirectInvocation: Sendable {
    enum Kind: Sendable {
        case codeCommitTrigger
        case codeCommitStateChange
        case githubPush
    }

    let kind: Kind
    let event: [UInt8]

    init(_ kind: Kind, event: [UInt8]) {
        self.kind = kind
        self.event = event
    }
}

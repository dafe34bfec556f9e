internal import Codec
internal import Platform

/// A provider's message as received: nothing of it may be believed yet.
package struct Delivery: Sendable {
    /// How the body is written.
    enum Format: Sendable {
        case json
        /// `payload=` and so on.
        case form

        /// What is accepted, for an answer.
        static let names = "application/json or application/x-www-form-urlencoded"
    }

    /// Which provider is to have sent it, as the route says.
    let provider: Provider
    /// What the path ends with, if the provider proves itself with that.
    var token: Secret?
    /// The request's headers; none of them is signed.
    let headers: HTTPHeaders
    let format: Format
    let body: [UInt8]

    /// The delivery's id, for answers and log lines; computed each time.
    var id: String {
        provider.deliveryID(headers, body) ?? DeliveryID.hash(of: body)
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

    /// The JSON text of a body, out of the form where it was sent as one.
    func payload(of body: [UInt8]) throws(ParsingError) -> [UInt8] {
        switch self {
        case .json:
            return body
        case .form:
            guard let payload = FormFields(body).value(named: "payload") else {
                throw ParsingError("reading the form: it has no readable field payload")
            }
            return payload
        }
    }
}

/// An invocation by AWS itself: IAM decides who may invoke a function, so there is no signature.
package struct DirectInvocation: Sendable {
    let kind: DirectEvent
    let event: [UInt8]

    init(_ kind: DirectEvent, event: [UInt8]) {
        self.kind = kind
        self.event = event
    }
}

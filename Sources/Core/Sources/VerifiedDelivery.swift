package import Codec
package import Platform

/// A delivery whose sender has been checked: only the functions of this file can make one.
package struct VerifiedDelivery: Sendable {
    /// The delivery's id, for answers, log lines and the decision record.
    let id: String
    /// The headers of a webhook's request, which nobody has signed.
    let headers: HTTPHeaders
    let format: Delivery.Format
    let body: [UInt8]
    /// The SHA-256 of the body and what the provider adds to it, to be continued: the beginning of
    /// every start's identity.
    let digest: SHA256
    fileprivate let read: Provider.Reading

    fileprivate init(_ delivery: Delivery) {
        let id = delivery.provider.deliveryID(delivery.headers, delivery.body)
        var digest = SHA256(of: delivery.body)
        self.id = id ?? Hex.lower(digest.finalize())
        digest.update(Array(delivery.provider.identity(delivery.headers).utf8))
        self.digest = digest
        headers = delivery.headers
        format = delivery.format
        body = delivery.body
        read = delivery.provider.read
    }

    fileprivate init(_ invocation: DirectInvocation) {
        digest = SHA256(of: invocation.event)
        id = Hex.lower(digest.finalize())
        headers = HTTPHeaders()
        format = .json
        body = invocation.event
        read = invocation.kind.read
    }
}

extension Delivery {
    /// Whether the delivery carries what its sender is checked by, in the right form.
    ///
    /// Without it nothing can verify the delivery, so no secret needs to be read.
    func hasProof(at now: Timestamp) -> Bool {
        provider.proof(self, now) != nil
    }

    /// Checks who sent the delivery; `nil` when its signature or token is absent or wrong.
    ///
    /// - Parameter secrets: What the provider shares with us, the current and the previous version.
    ///   An empty one lets nothing through.
    package func verified(by secrets: [Secret], at now: Timestamp) -> VerifiedDelivery? {
        guard let proof = provider.proof(self, now) else { return nil }
        for secret in secrets where !secret.revealed.isEmpty {
            // Nearly always it is the first: the current version. Which one it was is no secret.
            if proof.isMade(secret) { return VerifiedDelivery(self) }
        }
        return nil
    }

    /// The delivery without a check of its sender: it is in the user's own file.
    ///
    /// For people's machines alone: nothing that is deployed may say this (a fence holds it).
    package func vouchedFor() -> VerifiedDelivery {
        VerifiedDelivery(self)
    }
}

extension DirectInvocation {
    /// The invocation as a delivery: IAM has checked the sender before the function ran.
    package func verified() -> VerifiedDelivery {
        VerifiedDelivery(self)
    }
}

extension VerifiedDelivery {
    /// Reads the body.
    ///
    /// A webhook's delivery has at most one change, a CodeCommit trigger one for every reference.
    /// None has an event time that is later than now can be.
    package func parse(receivedAt: Timestamp) throws(ParsingError) -> ParsedDelivery {
        try read(self, receivedAt).withoutMadeUpTimes()
    }

    /// Reads the event that the body is, out of the form where it was sent as one.
    ///
    /// - Parameter name: what the event is called in messages.
    func parse<Event: ProviderEvent>(
        _ event: Event.Type,
        named name: String,
        receivedAt: Timestamp
    ) throws(ParsingError) -> ParsedDelivery {
        let payload = try format.payload(of: body)
        let receipt = Receipt(
            event: name,
            receivedAt: receivedAt,
            delivery: id,
            bodyDigest: BodyDigest(digest)
        )
        return try mapError(try Event(payload)) { ParsingError.unreadable(name, $0) }
            .parsed(receipt)
    }
}

/// An event of a provider, as far as it is read.
protocol ProviderEvent {
    init(_ payload: [UInt8]) throws(JSONError)

    /// The change that it is, or why there is none.
    consuming func parsed(_ receipt: Receipt) throws(ParsingError) -> ParsedDelivery
}

/// What is known of an event besides its body.
struct Receipt {
    /// What it is called in messages.
    var event: String
    var receivedAt: Timestamp
    /// The id of the delivery, as ``Change/delivery``.
    var delivery: String
    /// What the identity of every start begins with.
    var bodyDigest: BodyDigest
}

extension SHA256 {
    /// The digest of a message, open to more of it.
    init(of message: [UInt8]) {
        self.init()
        update(message)
    }
}

import Codec
package import Platform

/// A delivery whose sender has been checked: only the functions of this file can make one.
package struct VerifiedDelivery: Sendable {
    /// Whose words the body is in.
    enum Source: Sendable {
        /// A webhook's request, with the event's name as its header says.
        case github(event: String?)
        case dockerHub
        case direct(DirectInvocation.Kind)
    }

    /// The delivery's id, for answers, log lines and the decision record.
    let id: String
    let source: Source
    let format: Delivery.Format
    let body: [UInt8]
    /// The SHA-256 of the body, to be continued: the beginning of every start's identity.
    let digest: SHA256

    fileprivate init(
        id: String?,
        source: Source,
        format: Delivery.Format,
        body: [UInt8],
        digest: SHA256
    ) {
        self.id = id ?? Hex.lower(digest.finalize())
        self.source = source
        self.format = format
        self.body = body
        self.digest = digest
    }
}

extension Delivery {
    /// Whether the delivery carries what its sender is checked by, in the right form.
    ///
    /// Without it nothing can verify the delivery, so no secret needs to be read.
    func hasAuthentication(allowingSHA1: Bool) -> Bool {
        switch provider {
        case .github: GitHubSignature(headers: headers, allowingSHA1: allowingSHA1) != nil
        // Any last segment of the path may be the token.
        case .dockerHub: true
        }
    }

    /// Checks who sent the delivery; `nil` when its signature or token is absent or wrong.
    ///
    /// - Parameters:
    ///   - secrets: What the provider shares with us, the current and the previous one: GitHub's
    ///     webhook secrets or Docker Hub's tokens. An empty one lets nothing through.
    ///   - allowingSHA1: Take GitHub's SHA-1 signature where the SHA-256 one is absent.
    package func verified(by secrets: [Secret], allowingSHA1: Bool) -> VerifiedDelivery? {
        switch provider {
        case .github:
            let signature = GitHubSignature(headers: headers, allowingSHA1: allowingSHA1)
            guard signature?.isRight(for: body, secrets: secrets) == true else { return nil }
            return gitHub
        case .dockerHub(let token):
            guard DockerHubToken.isOne(of: secrets, token) else { return nil }
            return dockerHub
        }
    }

    /// The delivery without a check of its sender: it is in the user's own file.
    ///
    /// For people's machines alone: nothing that is deployed may say this (a fence holds it).
    package func vouchedFor() -> VerifiedDelivery {
        switch provider {
        case .github: gitHub
        case .dockerHub: dockerHub
        }
    }

    private var gitHub: VerifiedDelivery {
        VerifiedDelivery(
            id: DeliveryID.github(headers: headers),
            source: .github(event: headers["x-github-event"]),
            format: format,
            body: body,
            digest: SHA256(of: body)
        )
    }

    private var dockerHub: VerifiedDelivery {
        VerifiedDelivery(
            id: nil,
            source: .dockerHub,
            format: format,
            body: body,
            digest: SHA256(of: body)
        )
    }
}

extension DirectInvocation {
    /// The invocation as a delivery: IAM has checked the sender before the function ran.
    package func verified() -> VerifiedDelivery {
        VerifiedDelivery(
            id: nil,
            source: .direct(kind),
            format: .json,
            body: event,
            digest: SHA256(of: event)
        )
    }
}

extension SHA256 {
    /// The digest of a message, open to more of it.
    init(of message: [UInt8]) {
        self.init()
        update(message)
    }
}

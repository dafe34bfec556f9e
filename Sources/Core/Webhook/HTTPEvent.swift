package import Codec
package import Platform

/// A request that API Gateway or a Function URL passed on, not yet routed.
package struct HTTPEvent: Sendable {
    /// The method as it came.
    package let method: String
    /// The path as it came: with or without the stage, percent-encoded or not.
    package let path: String
    /// The headers in order, names as they came.
    package let headers: HTTPHeaders
    /// When API Gateway or the Function URL took the request, where the event tells.
    package let requestTime: Timestamp?
    /// The raw body, base64 removed; `nil` where the event says base64 and it is not.
    let body: [UInt8]?

    /// A request that was not passed on but is at hand: one that was recorded.
    package init(method: String, path: String, headers: HTTPHeaders, body: [UInt8]) {
        self.method = method
        self.path = path
        self.headers = headers
        self.requestTime = nil
        self.body = body
    }

    init(_ envelope: Envelope, method: String) {
        self.method = method
        path = envelope.path
        headers = envelope.headers
        requestTime = envelope.requestTime.map { Timestamp(milliseconds: $0) }
        body = envelope.isBase64Encoded ? Base64.decode(envelope.body) : envelope.body
    }
}

extension HTTPEvent {
    /// Finds the provider by the path's last segments, and checks method and content type.
    ///
    /// Whatever stands before those segments (a stage, a base path) does not count, nor do
    /// empty segments, so a slash at the end changes nothing. Throws the answer to refuse with.
    ///
    /// - Parameter dockerHub: Whether there is a token for the Docker Hub route; without one
    ///   the route does not exist.
    package func route(dockerHub: Bool) throws(Answer) -> Delivery {
        guard let provider = provider(dockerHub: dockerHub) else {
            throw refused(404, "no such route")
        }
        guard method == "POST" else {
            throw refused(405, "expected POST, found '\(clipped(method))'")
        }
        if case .github = provider, let other = senderOfGitHubsHeaders {
            throw .malformed(other, delivery: id)
        }
        guard let contentType = headers["content-type"] else {
            throw refused(415, "no content type")
        }
        guard let format = Delivery.Format(contentType: contentType) else {
            let found = clipped(contentType)
            throw refused(415, "the content type '\(found)' is not \(Delivery.Format.names)")
        }
        guard let body else {
            throw .malformed("the body is not the base64 that the event says it is", delivery: id)
        }
        return Delivery(provider: provider, headers: headers, format: format, body: body)
    }

    /// What to tell a sender that sends GitHub's headers besides its own; `nil` for GitHub itself.
    ///
    /// Forgejo sends Gitea's and Gogs's headers too, Gitea sends those of Gogs.
    private var senderOfGitHubsHeaders: String? {
        for (prefix, name) in [("x-forgejo-", "Forgejo"), ("x-gitea-", "Gitea")]
        where hasHeader(prefix) {
            return "the request is \(name)'s, whose route is POST …/gitea"
        }
        return hasHeader("x-gogs-") ? "the request is that of Gogs, which is not supported" : nil
    }

    private func hasHeader(_ prefix: String) -> Bool {
        headers.fields.contains { field in
            let beginning = String(
                decoding: field.name.utf8.prefix(prefix.utf8.count),
                as: UTF8.self
            )
            return equalsIgnoringASCIICase(beginning, prefix)
        }
    }

    private var id: String {
        DeliveryID.github(headers: headers) ?? DeliveryID.hash(of: body ?? [])
    }

    private func refused(_ status: Int, _ reason: String) -> Answer {
        Answer(status: status, outcome: .rejected, reason: reason, delivery: id)
    }

    private func provider(dockerHub: Bool) -> Delivery.Provider? {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"))
        guard let last = segments.last else { return nil }
        let beforeLast = segments.dropLast().last ?? "".utf8[...]
        if last.elementsEqual("github".utf8) { return .github }
        if last.elementsEqual("push".utf8), beforeLast.elementsEqual("ghorg".utf8) {
            return .github
        }
        if dockerHub, beforeLast.elementsEqual("dockerhub".utf8),
            let token = PercentEncoding.decode(Array(last), plusIsSpace: false)
        {
            return .dockerHub(token: Secret(token))
        }
        return nil
    }
}

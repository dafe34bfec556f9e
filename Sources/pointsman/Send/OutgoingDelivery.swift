import Codec
import Foundation
import Platform

/// A delivery as its provider would make it now: new id, new signature.
struct OutgoingDelivery: Equatable, Sendable {
    /// What comes after the endpoint's URL.
    var path: String
    var headers: HTTPHeaders
    /// The raw body, which the signature covers.
    var body: [UInt8]
    /// GitHub's delivery id; Docker Hub has none.
    var delivery: String?

    /// A payload of GitHub's, signed as GitHub signs
    /// (https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers).
    init(
        gitHub event: String,
        payload: [UInt8],
        contentType: String = "application/json",
        path: String = "/github",
        delivery: String,
        secret: Secret
    ) {
        self.path = path
        self.delivery = delivery
        body = payload
        headers = [
            "Accept": "*/*",
            "Content-Type": contentType,
            "User-Agent": "GitHub-Hookshot/pointsman",
            "X-GitHub-Delivery": delivery,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": "1",
            "X-GitHub-Hook-Installation-Target-Type": "repository",
            "X-Hub-Signature": "sha1="
                + Hex.lower(HMAC.sha1(key: secret.revealed, message: payload)),
            "X-Hub-Signature-256": "sha256="
                + Hex.lower(HMAC.sha256(key: secret.revealed, message: payload)),
        ]
    }

    /// A payload of Docker Hub's, which is not signed: the token is a part of its path.
    init(dockerHub payload: [UInt8], token: Secret) {
        path = "/dockerhub/" + PercentEncoding.encode(token.text, keepingSlash: false)
        headers = ["Content-Type": "application/json", "User-Agent": "Go-http-client/2.0"]
        body = payload
    }

    /// A recorded request, signed anew; `nil` where the bytes are not one.
    ///
    /// - Parameter dockerHubToken: `nil` where nobody has said that a secret may be part of a URL:
    ///   what a file says of itself is no reason to put one there.
    init?(
        recorded bytes: [UInt8],
        secret: Secret,
        dockerHubToken: Secret?,
        delivery: String? = nil
    ) throws(Failure) {
        guard let json = try? JSON(parsing: bytes), json["path"] != nil, json["headers"] != nil,
            json["requestContext"] == nil, let recorded = try? RecordedRequest(bytes)
        else { return nil }
        if recorded.path.contains("/dockerhub/") {
            self.init(dockerHub: recorded.body, token: try Self.allowed(dockerHubToken))
            return
        }
        self.init(
            gitHub: recorded.headers["X-GitHub-Event"] ?? "push",
            payload: recorded.body,
            contentType: recorded.headers["Content-Type"] ?? "application/json",
            path: recorded.path,
            delivery: delivery ?? Self.newID(),
            secret: secret
        )
    }

    /// A payload that stands alone: Docker Hub's by its members, GitHub's otherwise.
    init(
        payload: [UInt8],
        event: String?,
        secret: Secret,
        dockerHubToken: Secret? = nil,
        delivery: String? = nil
    ) throws(Failure) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: payload)
        } catch {
            throw Failure("it is not JSON: \(error)")
        }
        if event == nil, json["push_data"] != nil {
            self.init(dockerHub: payload, token: try Self.allowed(dockerHubToken))
            return
        }
        guard let event = event ?? Self.event(json) else {
            throw Failure("it does not say which event it is: name it with --event")
        }
        self.init(
            gitHub: event,
            payload: payload,
            delivery: delivery ?? Self.newID(),
            secret: secret
        )
    }

    static func newID() -> String { UUID().uuidString.lowercased() }

    private static func allowed(_ token: Secret?) throws(Failure) -> Secret {
        guard let token else {
            throw Failure(
                "it is an event of Docker Hub, which is not signed: the secret would go out as a part "
                    + "of the URL. If it is the token of that route, say so with --docker-hub"
            )
        }
        return token
    }

    /// The event of a payload that only one has.
    private static func event(_ payload: JSON) -> String? {
        if payload["zen"] != nil { return "ping" }
        if payload["pull_request"] != nil, payload["action"] != nil { return "pull_request" }
        return payload["ref"] != nil && payload["commits"] != nil ? "push" : nil
    }
}

/// What the webhook says of a delivery.
struct WebhookAnswer {
    /// `202 accepted: a push to main of octo-org/monorepo (delivery 0b24fd4c)`.
    let summary: String
    /// `{"status": 202, "answer": {…}}`; a text where the answer is no JSON.
    let json: JSON

    init(_ response: HTTPResponse) {
        let answer = try? JSON(parsing: response.body)
        let body = String(decoding: response.body, as: UTF8.self)
        json = JSON(["status": .int(response.status), "answer": answer ?? .string(body)])
        guard let answer, let outcome = answer["outcome"]?.string else {
            let text = String(decoding: response.body.prefix(2_000), as: UTF8.self)
            summary = text.isEmpty ? "\(response.status)" : "\(response.status) \(text.printable)"
            return
        }
        let reason = answer["reason"]?.string ?? ""
        let delivery = answer["delivery"]?.string.map { " (delivery \($0))" } ?? ""
        summary = "\(response.status) \(outcome): \(reason)\(delivery)".printable
    }
}

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
    /// The provider's delivery id; Docker Hub has none.
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

    /// A payload of Gitea's, signed as Gitea signs: of a form, its field `payload`.
    init(
        gitea event: String,
        payload: [UInt8],
        contentType: String = "application/json",
        delivery: String,
        secret: Secret
    ) {
        path = "/gitea"
        self.delivery = delivery
        body = payload
        let isForm = contentType.lowercased().hasPrefix("application/x-www-form-urlencoded")
        let signed = isForm ? FormFields(payload).value(named: "payload") ?? payload : payload
        let code = Hex.lower(HMAC.sha256(key: secret.revealed, message: signed))
        headers = [
            "Content-Type": contentType,
            "X-Gitea-Delivery": delivery,
            "X-Gitea-Event": event,
            "X-Gitea-Signature": code,
            "X-Hub-Signature-256": "sha256=\(code)",
        ]
    }

    /// A payload of GitLab's, signed where the secret is a signing token, else with the secret beside it
    /// (https://docs.gitlab.com/user/project/integrations/webhooks/).
    init(
        gitLab event: String,
        payload: [UInt8],
        delivery: String,
        secret: Secret,
        at now: Timestamp
    ) throws(Failure) {
        path = "/gitlab"
        self.delivery = delivery
        body = payload
        headers = [
            "Content-Type": "application/json",
            "User-Agent": "GitLab/pointsman",
            "Idempotency-Key": delivery,
            "X-Gitlab-Event": event,
            "webhook-id": delivery,
            "webhook-timestamp": String(now.milliseconds / 1_000),
        ]
        guard secret.text.hasPrefix("whsec_") else {
            headers["X-Gitlab-Token"] = secret.text
            return
        }
        guard let key = Data(base64Encoded: String(secret.text.dropFirst(6))), !key.isEmpty else {
            throw Failure("the secret begins with whsec_, and what follows is not base64")
        }
        let signed = Array("\(delivery).\(now.milliseconds / 1_000).".utf8) + payload
        let code = HMAC.sha256(key: Array(key), message: signed)
        headers["webhook-signature"] = "v1,\(Data(code).base64EncodedString())"
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
        delivery: String? = nil,
        at now: Timestamp = WallClock.system.now()
    ) throws(Failure) {
        guard let json = try? JSON(parsing: bytes), json["path"] != nil, json["headers"] != nil,
            json["requestContext"] == nil, let recorded = try? RecordedRequest(bytes)
        else { return nil }
        if recorded.path.contains("/dockerhub/") {
            self.init(dockerHub: recorded.body, token: try Self.allowed(dockerHubToken))
            return
        }
        try self.init(recorded, secret: secret, delivery: delivery ?? Self.newID(), at: now)
    }

    /// A request of GitHub, Gitea or GitLab, signed anew.
    private init(
        _ recorded: RecordedRequest,
        secret: Secret,
        delivery: String,
        at now: Timestamp
    ) throws(Failure) {
        let contentType = recorded.headers["Content-Type"] ?? "application/json"
        if recorded.path.hasSuffix("/gitea") {
            let event = recorded.headers["X-Gitea-Event"] ?? recorded.headers["X-Forgejo-Event"]
            self.init(
                gitea: event ?? "push",
                payload: recorded.body,
                contentType: contentType,
                delivery: delivery,
                secret: secret
            )
        } else if recorded.path.hasSuffix("/gitlab") {
            try self.init(
                gitLab: recorded.headers["X-Gitlab-Event"] ?? "Push Hook",
                payload: recorded.body,
                delivery: delivery,
                secret: secret,
                at: now
            )
        } else {
            self.init(
                gitHub: recorded.headers["X-GitHub-Event"] ?? "push",
                payload: recorded.body,
                contentType: contentType,
                path: recorded.path,
                delivery: delivery,
                secret: secret
            )
        }
    }

    /// A payload that stands alone: its provider is told by its members, and is GitHub otherwise.
    init(
        payload: [UInt8],
        event: String?,
        secret: Secret,
        dockerHubToken: Secret? = nil,
        delivery: String? = nil,
        at now: Timestamp = WallClock.system.now()
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
        let names = Set((json.members ?? []).map(\.key))
        if names.contains("Records") || names.contains("detail-type") {
            throw Failure(
                "it is an event that AWS itself gives to the function, not by HTTP: `pointsman local "
                    + "--event` takes it"
            )
        }
        if event == nil, let known = ProviderPayload(payload, names), known.path != "/github" {
            let recorded = RecordedRequest(path: known.path, headers: known.headers, body: payload)
            try self.init(
                recorded,
                secret: secret,
                delivery: delivery ?? Self.newID(),
                at: now
            )
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
        if payload["merge_group"] != nil { return "merge_group" }
        if payload["issue"] != nil, payload["comment"] != nil { return "issue_comment" }
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

import Codec
import Platform

@testable import Core

/// The secret of GitHub's own example, with which everything in `events/` is signed.
let secret = Secret("It's a Secret to Everybody")
let moment = Timestamp(milliseconds: 1_800_000_000_000)
/// GitHub, whose SHA-1 signature does not count.
let gitHub = Provider.gitHub(allowingSHA1: false)

/// An event of a Function URL, as Lambda gives it to the function.
func functionURLEvent(
    method: String = "POST",
    path: String = "/github",
    headers: [(String, String)] = [("content-type", "application/json")],
    body: [UInt8]
) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
        writer.member("version", "2.0")
        writer.member("rawPath", path)
        writer.key("headers")
        writer.object { writer in
            for (name, value) in headers { writer.member(name, value) }
        }
        writer.key("requestContext")
        writer.object { writer in
            writer.key("http")
            writer.object { $0.member("method", method) }
        }
        writer.member("body", Base64.encode(body))
        writer.member("isBase64Encoded", true)
    }
    return writer.bytes
}

/// A GitHub delivery of a JSON body, signed as GitHub signs it.
func githubEvent(_ event: String?, body: String) -> [UInt8] {
    let code = HMAC.sha256(key: secret.revealed, message: Array(body.utf8))
    var headers = [
        ("content-type", "application/json"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hub-signature-256", "sha256=" + Hex.lower(code)),
    ]
    if let event { headers.append(("x-github-event", event)) }
    return functionURLEvent(headers: headers, body: Array(body.utf8))
}

/// A Gitea delivery of a JSON body, signed as Gitea signs it.
func giteaEvent(_ event: String?, body: String) -> [UInt8] {
    var headers = [
        ("content-type", "application/json"),
        ("x-gitea-delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"),
        ("x-gitea-signature", giteaSignature(body)),
    ]
    if let event { headers.append(("x-gitea-event", event)) }
    return functionURLEvent(path: "/gitea", headers: headers, body: Array(body.utf8))
}

/// The hexadecimal HMAC-SHA256 that Gitea sends.
func giteaSignature(_ body: String) -> String {
    Hex.lower(HMAC.sha256(key: secret.revealed, message: Array(body.utf8)))
}

/// A GitLab delivery with the secret beside it.
func gitLabEvent(
    _ event: String?,
    body: String,
    headers others: [(String, String)] = [("webhook-id", "a2f1c6b0-5f0e-4a9b-8f58-d2b6e1a9c3e4")]
) -> [UInt8] {
    var headers =
        [
            ("content-type", "application/json"),
            ("x-gitlab-token", String(decoding: secret.revealed, as: UTF8.self)),
        ] + others
    if let event { headers.append(("x-gitlab-event", event)) }
    return functionURLEvent(path: "/gitlab", headers: headers, body: Array(body.utf8))
}

/// The text of a JSON object whose members are replaced or, with `nil`, left out.
func object(
    _ members: [(String, String)],
    changing changes: [(String, String?)] = []
) -> String {
    var members = members
    for (name, value) in changes {
        members.removeAll { $0.0 == name }
        if let value { members.append((name, value)) }
    }
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
}

/// What `webhook` makes of an event before it hands anything over.
enum WebhookResult: Equatable {
    case parsed(ParsedDelivery, delivery: String)
    case refused(WebhookResponse)
    case failed(String)

    init(
        of event: [UInt8],
        dockerHubTokens: [Secret] = [Secret("0b6e1c9a5f27d348")],
        secrets others: [Secret] = [secret]
    ) {
        do {
            switch try Event(event) {
            case .direct(let invocation):
                let verified = invocation.verified()
                self = .parsed(try verified.parse(receivedAt: moment), delivery: verified.id)
            case .http(let request):
                let providers: [Provider] =
                    [gitHub, .gitea, .gitLab] + (dockerHubTokens.isEmpty ? [] : [.dockerHub])
                let delivery = try request.route(among: providers)
                let secrets = delivery.token == nil ? others : dockerHubTokens
                guard let verified = delivery.verified(by: secrets, at: moment) else {
                    throw WebhookResponse.unauthorized(delivery: delivery.id)
                }
                let parsed = try mapError(try verified.parse(receivedAt: moment)) {
                    (error: ParsingError) in
                    WebhookResponse.malformed(error.description, delivery: verified.id)
                }
                self = .parsed(parsed, delivery: verified.id)
            }
        } catch let answer as WebhookResponse {
            self = .refused(answer)
        } catch {
            self = .failed("\(error)")
        }
    }

    /// One line: `202 accepted: push to …`, `401 unauthorized: …`, or the error.
    var line: String {
        switch self {
        case .parsed(let parsed, let delivery):
            let answer = WebhookResponse(parsed, delivery: delivery)
            return "\(answer.status) \(answer.outcome): \(answer.reason)"
        case .refused(let answer):
            return "\(answer.status) \(answer.outcome): \(answer.reason)"
        case .failed(let reason):
            return reason
        }
    }

    /// The changes, where there are any.
    var changes: [Change] {
        if case .parsed(let parsed, _) = self { parsed.changes } else { [] }
    }
}

/// What a GitHub delivery comes to, as one line.
func line(_ event: String?, _ body: String) -> String {
    WebhookResult(of: githubEvent(event, body: body)).line
}

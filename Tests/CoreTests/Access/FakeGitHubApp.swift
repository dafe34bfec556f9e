import Codec
import Platform
import TestSupport

@testable import Core

/// GitHub's API as an App sees it: what its own token and those of its installations may do.
final class FakeGitHubApp {
    /// The number of each installation, by whose it is.
    var installations = ["repos/octo/mono": 67, "repos/octo/other": 67, "orgs/octo": 68]
    /// The App's number, and the key that its tokens are signed with.
    var id = "12345"
    var key = SampleKey.pkcs1
    /// Seconds for which a token of an installation is valid.
    var lifetime = 3_600
    /// What is answered to anything but the making of tokens.
    var answer: (_ request: HTTPRequest) -> HTTPResponse = { _ in HTTPResponse(status: 200) }
    /// What is answered instead, where it is not `nil`.
    var instead: (_ request: HTTPRequest) -> HTTPResponse? = { _ in nil }
    /// The time.
    var now: () -> Timestamp

    /// `GET /repos/octo/mono/installation`, …, in order.
    private(set) var calls: [String] = []
    /// What each token was asked for: the request's body.
    private(set) var asked: [String] = []
    /// What the other calls were made with.
    private(set) var used: [String] = []
    private var valid: [String: Timestamp] = [:]

    init(now: @escaping () -> Timestamp) {
        self.now = now
    }

    /// The secret that the App's owner has put into Secrets Manager.
    static func secret(
        id: String = "12345",
        key: String = SampleKey.pkcs1,
        more: String = ""
    ) -> String {
        let key = String(decoding: JSON.string(key).encoded(), as: UTF8.self)
        return #"{"appId":\#(id),"privateKey":\#(key)\#(more)}"#
    }

    /// Ends what was issued.
    func revokeTokens() {
        valid = [:]
    }

    func forgetCalls() {
        calls = []
        asked = []
        used = []
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        calls.append("\(request.method) \(request.target)")
        if let response = instead(request) { return response }
        let token = String((request.headers["Authorization"] ?? "").dropFirst("Bearer ".count))
        let path = request.target.split(separator: "/").map(String.init)
        if path.last == "installation" {
            guard isOwn(token) else { return FakeGitHub.refusal(401, "Bad credentials") }
            guard let id = installations[path.dropLast().joined(separator: "/")] else {
                return FakeGitHub.refusal(404, "Not Found")
            }
            return .json(#"{"id":\#(id),"account":{"login":"octo"}}"#)
        }
        if path.last == "access_tokens" {
            guard isOwn(token) else { return FakeGitHub.refusal(401, "Bad credentials") }
            guard installations.values.contains(Int(path[2]) ?? 0) else {
                return FakeGitHub.refusal(404, "Not Found")
            }
            asked.append("\(path[2]) \(String(decoding: request.body, as: UTF8.self))")
            let token = "ghs_\(asked.count)"
            let end = now().adding(milliseconds: lifetime * 1_000)
            valid[token] = end
            return .json(#"{"token":"\#(token)","expires_at":"\#(end.iso8601)"}"#, status: 201)
        }
        used.append(isOwn(token) ? "the App's own" : token)
        guard isOwn(token) || valid[token].map({ $0 > now() }) == true else {
            return FakeGitHub.refusal(401, "Bad credentials")
        }
        return answer(request)
    }

    /// Whether a token is one that the App has signed, and valid now.
    private func isOwn(_ token: String) -> Bool {
        let parts = token.split(separator: ".").map(String.init)
        guard parts.count == 3, let claims = Self.claims(token),
            Self.decoded(parts[0]) == #"{"alg":"RS256","typ":"JWT"}"#,
            let key = RSAPrivateKey(pem: Secret(key)),
            let signature = key.signature(of: Array("\(parts[0]).\(parts[1])".utf8))
        else { return false }
        let seconds = now().milliseconds / 1_000
        guard Base64.encodeURLSafe(signature) == parts[2], claims["iss"]?.string == id,
            let issued = claims["iat"]?.int, let expires = claims["exp"]?.int
        else { return false }
        // What GitHub requires: not from the future, not over, and no longer than ten minutes ahead.
        return issued <= seconds && seconds < expires && expires <= seconds + 600
    }

    /// What a JSON Web Token says.
    static func claims(_ token: String) -> JSON? {
        let parts = token.split(separator: ".").map(String.init)
        guard parts.count == 3 else { return nil }
        return try? JSON(parsing: Array(decoded(parts[1]).utf8))
    }

    private static func decoded(_ text: String) -> String {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return String(decoding: Base64.decode(Array(padded.utf8)) ?? [], as: UTF8.self)
    }
}

extension HTTPResponse {
    static func json(
        _ text: String,
        status: Int = 200,
        headers: HTTPHeaders = [:]
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
    }
}

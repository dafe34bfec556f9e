internal import Codec
internal import Platform

/// What GitHub's API is called for: the token of an App is made for it alone.
enum GitHubPurpose: Sendable {
    /// To read which paths have changed in a repository, `owner/name`.
    case paths(repository: String)
    /// To learn who may ask for a run in a repository, and which commit a pull request is at.
    case comments(repository: String)
    /// To set the statuses of a repository's commits.
    case statuses(repository: String)
    /// To redeliver what a repository's webhooks have delivered.
    case repositoryHooks(String)
    /// To redeliver what an organisation's webhooks have delivered.
    case organizationHooks(String)
    /// What only the App itself may do, without an installation: to redeliver to its own webhook.
    case app

    /// The permissions that it needs, each with its access
    /// (https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app).
    var permissions: [NamedValue] {
        switch self {
        case .paths: [NamedValue("contents", "read"), NamedValue("pull_requests", "read")]
        case .comments: [NamedValue("metadata", "read"), NamedValue("pull_requests", "read")]
        case .statuses: [NamedValue("statuses", "write")]
        case .repositoryHooks: [NamedValue("repository_hooks", "write")]
        case .organizationHooks: [NamedValue("organization_hooks", "write")]
        case .app: []
        }
    }

    /// The name of the repository that it is about, without its owner.
    var repository: String? {
        switch self {
        case .paths(let repository), .comments(let repository), .statuses(let repository),
            .repositoryHooks(let repository):
            BucketKeys.nameWithoutOwner(repository)
        case .organizationHooks, .app: nil
        }
    }

    /// Whose installation it needs: `repos/{owner}/{name}` or `orgs/{name}`; `app` needs none.
    var owner: String {
        switch self {
        case .paths(let name), .comments(let name), .statuses(let name),
            .repositoryHooks(let name):
            "repos/\(name)"
        case .organizationHooks(let name): "orgs/\(name)"
        case .app: "app"
        }
    }

    /// What tells it from others: tokens are kept by it.
    var key: [UInt8] {
        let names = permissions.map { $0.name }.joined(" ")
        return Array("\(names) \(owner)".utf8)
    }
}

/// What the secret of `GITHUB_TOKEN_ARN` says: a token as text, or a GitHub App as a JSON object
/// `{"appId": 12345, "privateKey": "-----BEGIN …", "installationId": 67}`.
enum GitHubCredential {
    /// A token, which may be used for whatever it may do.
    case token(Secret)
    case app(GitHubApp)

    /// Why the secret is neither; no message holds a part of it.
    struct Refusal: Error {
        /// `the secret arn:… is a GitHub App without 'privateKey'`.
        var reason: String
    }

    /// Reads a secret's value.
    ///
    /// - Parameter source: what messages call the secret.
    init(_ secret: Secret, from source: String) throws(Refusal) {
        // Files, and what is pasted, end with a line break.
        let text = secret.trimmed
        guard let first = text.revealed.first else { throw Refusal(reason: "the token is empty") }
        guard first == UInt8(ascii: "{") else {
            self = .token(text)
            return
        }
        let json = try mapError(try JSON(parsing: text.revealed)) { (error: JSONError) in
            Refusal(
                reason:
                    "\(source) begins with '{', but is no JSON: see byte \(error.offset)"
            )
        }
        self = .app(try GitHubApp(json, from: source))
    }
}

/// A GitHub App: what it signs with, and where it is installed.
struct GitHubApp {
    /// Its number, in digits.
    let id: String
    /// The installation to use; `nil` to look for that of each repository.
    let installation: Int?
    private let key: RSAPrivateKey

    /// Reads what a secret says of one.
    fileprivate init(_ json: JSON, from source: String) throws(GitHubCredential.Refusal) {
        func refusal(_ problem: String) -> GitHubCredential.Refusal {
            GitHubCredential.Refusal(reason: "the GitHub App in \(source) \(problem)")
        }
        func value(_ name: String) -> JSON? { json[name] == .null ? nil : json[name] }
        let missing = ["appId", "privateKey"].filter { value($0) == nil }
        guard missing.isEmpty, let id = value("appId"), let pem = value("privateKey") else {
            throw refusal("has no \(missing.map { "'\($0)'" }.joined(" and no "))")
        }
        guard let number = Self.number(id) else {
            throw refusal("has an 'appId' that is no number")
        }
        self.id = String(number)
        guard let key = pem.string.flatMap({ RSAPrivateKey(pem: Secret($0)) }) else {
            throw refusal("has a 'privateKey' that is no RSA key in PEM, PKCS#1 or PKCS#8")
        }
        self.key = key
        guard let installation = value("installationId") else {
            self.installation = nil
            return
        }
        guard let number = Self.number(installation) else {
            throw refusal("has an 'installationId' that is no number")
        }
        self.installation = number
    }

    /// A positive number, also if it is written as text.
    private static func number(_ value: JSON) -> Int? {
        let number = value.int ?? value.string.flatMap { Int($0) }
        return number.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Seconds that the App's own token is dated back, for clocks that differ, and is valid for:
    /// GitHub takes none that ends more than 10 minutes ahead
    /// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
    private static let datedBack = 60
    private static let lifetime = 540

    /// The App's own token, a JSON Web Token that it has signed (RFC 7519); `nil` if its key signs
    /// nothing.
    func token(at now: Timestamp) -> Secret? {
        let seconds = now.milliseconds / 1_000
        var claims = JSONWriter()
        claims.object { json in
            json.member("iat", seconds - Self.datedBack)
            json.member("exp", seconds + Self.lifetime)
            json.member("iss", id)
        }
        let header = Base64.encodeURLSafe(Array(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
        let text = "\(header).\(Base64.encodeURLSafe(claims.bytes))"
        return key.signature(of: Array(text.utf8))
            .map { Secret("\(text).\(Base64.encodeURLSafe($0))") }
    }
}

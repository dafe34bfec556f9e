internal import AWS
internal import Codec
package import Platform

/// A secret as a target may use it: it says itself where it may go, and for whose rules.
///
/// Its text is what is sent, or a JSON object `{"token": …, "server": …, "repositories": […]}` or
/// `{"url": …, "repositories": […]}`. No message holds a part of it.
package struct TargetSecret {
    /// What a target uses a secret for.
    package enum Use: Equatable, Sendable {
        /// The URL of a webhook, which is where it goes (`UrlSecretArn`).
        case url
        /// A token for the API server that a rule names (`TokenSecretArn`).
        case serverToken(HTTPSURL)
        /// A token for what is always the same (`OAuthTokenSecretArn`).
        case token

        /// The member that holds what is sent.
        fileprivate var name: String { self == .url ? "url" : "token" }

        fileprivate var members: [String] {
            switch self {
            case .url: ["url", "repositories"]
            case .serverToken: ["server", "token", "repositories"]
            case .token: ["token", "repositories"]
            }
        }
    }

    /// Why a target may not use a secret.
    package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        var arn: String
        var problem: String

        /// `the secret arn:… is empty`.
        package var description: String { "the secret \(arn) \(problem)" }
    }

    private let secret: Secret
    private let arn: String

    package init(_ secret: Secret, arn: String) {
        self.secret = secret
        self.arn = arn
    }

    /// What is sent, for a use by a rule about a repository.
    package func value(for use: Use, of repository: String) throws(Refusal) -> Secret {
        // What is pasted ends with a line break.
        let text = secret.trimmed
        guard !text.revealed.isEmpty else { throw refusal("is empty") }
        guard text.revealed.first == UInt8(ascii: "{") else {
            if case .serverToken = use {
                throw refusal(
                    "is plain text, which does not say where it may go: expected "
                        + #"{"server": "https://host:6443", "token": "…"}"#
                )
            }
            return try sendable(text, "it")
        }
        let members = try members(text, of: use)
        if case .serverToken(let server) = use { try check(members, allow: server) }
        try check(members, allow: repository)
        return try sendable(Secret(try string(use.name, of: members)).trimmed, "its '\(use.name)'")
    }

    private func refusal(_ problem: String) -> Refusal { Refusal(arn: arn, problem: problem) }

    /// The object's members, each of them known and there once.
    private func members(_ text: Secret, of use: Use) throws(Refusal) -> JSON {
        let object: JSON
        do throws(JSONError) {
            object = try JSON(parsing: text.revealed)
        } catch {
            throw refusal("begins with '{', but is no JSON: see byte \(error.offset)")
        }
        var seen: [String] = []
        for member in object.members ?? [] {
            // A name that is not known may be a part of what is secret.
            guard let name = use.members.first(where: { isSame($0, member.key) }) else {
                throw refusal("has a member that is none of \(use.members.joined(", "))")
            }
            guard !seen.containsText(name) else { throw refusal("has the member '\(name)' twice") }
            seen.append(name)
        }
        return object
    }

    private func string(_ name: String, of members: JSON) throws(Refusal) -> String {
        guard let value = members[name] else { throw refusal("has no '\(name)'") }
        guard let string = value.string else {
            throw refusal("has a '\(name)' that is \(value.kindInWords), expected a string")
        }
        return string
    }

    /// Throws unless it says that it may go to the server: to scheme, host and port.
    private func check(_ members: JSON, allow server: HTTPSURL) throws(Refusal) {
        guard let own = HTTPSURL(try string("server", of: members)) else {
            throw refusal(
                "has a 'server' that is no URL such as https://host:6443, without user "
                    + "information, query, fragment and white space"
            )
        }
        guard own.hasSameOrigin(as: server) else {
            throw refusal("may not go to \(server.origin): its 'server' is another one")
        }
    }

    /// Throws unless it says that rules about the repository may use it.
    private func check(_ members: JSON, allow repository: String) throws(Refusal) {
        guard let value = members["repositories"], value != .null else { return }
        guard let elements = value.array else {
            throw refusal(
                "has 'repositories' that are \(value.kindInWords), expected a list of globs"
            )
        }
        guard !elements.isEmpty else {
            throw refusal("has an empty list of 'repositories', so that no rule may use it")
        }
        let repository = repository.asciiLowercased
        var isAllowed = false
        for (index, element) in elements.enumerated() {
            guard let text = element.string, !text.utf8.isEmpty,
                let glob = try? Glob(text.asciiLowercased)
            else { throw refusal("has 'repositories[\(index)]' that is no glob") }
            if glob.matches(repository) { isAllowed = true }
        }
        guard isAllowed else {
            throw refusal(
                "may not be used by rules about \(repository): none of its 'repositories' matches"
            )
        }
    }

    /// A text of one line without white space: only such is found again, and hidden, in a message.
    private func sendable(_ text: Secret, _ what: String) throws(Refusal) -> Secret {
        guard !text.revealed.isEmpty else { throw refusal("is of no use: \(what) is empty") }
        guard text.revealed.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refusal(
                "is of no use: \(what) holds white space or a character that is not of ASCII"
            )
        }
        return text
    }
}

extension JSON {
    /// What kind of value it is; nothing of the value itself.
    fileprivate var kindInWords: String { kind == .array ? "a list" : kind.name }
}

/// Which secret a text names, however it is written: by an ARN, with or without the six characters
/// that Secrets Manager adds to it, in any region, or by its name.
struct SecretName {
    /// `nil` where only the name is known.
    private let account: [UInt8]?
    private let name: [UInt8]

    /// Reads what a `SecretId` may be (Secrets Manager API reference, GetSecretValue).
    init(_ text: String) {
        guard let arn = ARN(text), let colon = arn.resource.utf8.firstIndex(of: UInt8(ascii: ":"))
        else {
            account = nil
            name = Array(text.utf8)
            return
        }
        account = Array(arn.account.utf8)
        name = Array(arn.resource.utf8[colon...].dropFirst())
    }

    /// Whether both may be the same secret, or a replica of it in another region.
    ///
    /// Six letters or digits at a name's end may be the name's own or Secrets Manager's, and a name
    /// alone may be of any account: in doubt they are the same.
    func mayBe(_ other: SecretName) -> Bool {
        if let account, let otherAccount = other.account, account != otherAccount { return false }
        return name == other.name || name == other.shortened || shortened == other.name
            || (shortened != nil && shortened == other.shortened)
    }

    /// The name alone, without what may be Secrets Manager's addition.
    var plain: String { String(decoding: shortened ?? name, as: UTF8.self) }

    /// The name without what may be Secrets Manager's addition: `-` and six letters or digits.
    private var shortened: [UInt8]? {
        guard name.count > 7, name[name.count - 7] == UInt8(ascii: "-"),
            name.suffix(6).allSatisfy({ $0.isASCIILetterOrDigit })
        else { return nil }
        return Array(name.dropLast(7))
    }
}

/// The secrets that Pointsman itself is configured with: no target may name one, since everyone who
/// may write a rule could then read it.
package struct OwnSecrets {
    private var named: [(variable: String, secret: SecretName)] = []

    /// The variables that name one.
    private static let variables = [
        "GITHUB_SECRET_ARN", "GITHUB_TOKEN_ARN", "DOCKERHUB_TOKEN_ARN", "GITEA_SECRET_ARN",
        "GITEA_TOKEN_ARN", "GITLAB_SECRET_ARN", "GITLAB_TOKEN_ARN",
    ]

    /// None that is known.
    package static var none: OwnSecrets { OwnSecrets { _ in nil } }

    /// Takes the variables that have a value.
    package init(_ value: (_ variable: String) -> String?) {
        for variable in Self.variables {
            guard let value = value(variable), !value.utf8.isEmpty else { continue }
            named.append((variable, SecretName(value)))
        }
    }

    /// What is wrong with the secrets that a target names; nothing with most.
    package func problems(of target: Target) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        for (property, arn) in target.secrets {
            let secret = SecretName(arn)
            guard let own = named.first(where: { $0.secret.mayBe(secret) }) else { continue }
            problems.append(
                RuleProblem(
                    "Target.\(target.name).\(property)",
                    "the secret \(arn) is Pointsman's own, which \(own.variable) names: "
                        + "no target may use it"
                )
            )
        }
        return problems
    }
}

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

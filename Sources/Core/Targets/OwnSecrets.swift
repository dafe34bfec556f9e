internal import AWS
internal import Codec

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

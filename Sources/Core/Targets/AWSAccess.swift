internal import Platform

/// As whom and where a target of AWS's is called.
package struct AWSAccess: Equatable, Sendable {
    /// The role to call with; `nil` for the function's own.
    package var roleARN: Template?
    /// The region; `nil` for the function's own.
    package var region: Template?

    /// A role to call with, in a session that says for whose rule.
    package struct Role: Equatable, Sendable {
        /// The role's ARN.
        package var arn: String
        /// The session's name: a trust policy can demand it, and CloudTrail shows it.
        package var sessionName: String

        /// A role for a rule about a repository.
        package init(_ arn: String, for repository: String) {
            self.arn = arn
            self.sessionName = Self.sessionName(for: repository)
        }

        /// `pointsman-acme-shop`: the repository in lower case, with `-` for every character that
        /// STS refuses, all cut to the 64 that it takes (AWS STS API reference, AssumeRole).
        static func sessionName(for repository: String) -> String {
            var name = String.UnicodeScalarView("pointsman-".unicodeScalars)
            for scalar in lowercased(repository).unicodeScalars {
                switch scalar {
                case "a"..."z", "0"..."9", "_", "+", "=", ",", ".", "@", "-": name.append(scalar)
                default: name.append("-")
                }
            }
            return String(name).cut(to: 64)
        }
    }

    /// The same for one change: all placeholders filled.
    package struct Filled: Equatable, Sendable {
        /// The role to call with; `nil` for the function's own.
        package var role: Role?
        /// The region; `nil` for the function's own.
        package var region: String?

        /// As that role, there; `nil` for the function's own.
        package init(role: Role? = nil, region: String? = nil) {
            self.role = role
            self.region = region
        }
    }
}

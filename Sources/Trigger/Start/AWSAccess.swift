internal import Platform

/// As whom and where a target of AWS's is called.
public struct AWSAccess: Equatable, Sendable {
    /// The role to call with; `nil` for the function's own.
    public var roleARN: Template?
    /// The region; `nil` for the function's own.
    public var region: Template?

    /// A role to call with, in a session that says for whose rule.
    public struct Role: Equatable, Sendable {
        /// The role's ARN.
        public var arn: String
        /// The session's name: a trust policy can demand it, and CloudTrail shows it.
        public var sessionName: String

        /// A role for a rule about a repository.
        public init(_ arn: String, for repository: String) {
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
    public struct Filled: Equatable, Sendable {
        /// The role to call with; `nil` for the function's own.
        public var role: Role?
        /// The region; `nil` for the function's own.
        public var region: String?

        /// As that role, there; `nil` for the function's own.
        public init(role: Role? = nil, region: String? = nil) {
            self.role = role
            self.region = region
        }
    }
}

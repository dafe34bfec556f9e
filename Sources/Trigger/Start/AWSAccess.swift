/// As whom and where a target of AWS's is called.
public struct AWSAccess: Equatable, Sendable {
    /// The role to call with; `nil` for the function's own.
    public var roleARN: Template?
    /// The region; `nil` for the function's own.
    public var region: Template?

    /// The same for one change: all placeholders filled.
    public struct Filled: Equatable, Sendable {
        /// The role to call with; `nil` for the function's own.
        public var roleARN: String?
        /// The region; `nil` for the function's own.
        public var region: String?

        /// As that role, there; `nil` for the function's own.
        public init(roleARN: String? = nil, region: String? = nil) {
            self.roleARN = roleARN
            self.region = region
        }
    }
}

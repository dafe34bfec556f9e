public import Platform

/// An access key: what a request is signed with.
public struct Credentials: Sendable {
    /// The public part: `AKIA…`, `ASIA…`.
    public var accessKeyID: String
    /// The secret part.
    public var secretAccessKey: Secret
    /// The token that goes with a key that ends by itself: a role's.
    public var sessionToken: Secret?

    /// Makes credentials.
    public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as Lambda sets them.
    ///
    /// Throws an error that names the missing variable; the token may be missing.
    public init(environment: Environment) throws(ConfigurationError) {
        self.accessKeyID = try environment.required("AWS_ACCESS_KEY_ID")
        self.secretAccessKey = Secret(try environment.required("AWS_SECRET_ACCESS_KEY"))
        self.sessionToken = environment["AWS_SESSION_TOKEN"].map { Secret($0) }
    }
}

extension Secret {
    /// The secret as a text, for the header or form that carries it.
    var text: String {
        String(decoding: revealed, as: UTF8.self)
    }
}

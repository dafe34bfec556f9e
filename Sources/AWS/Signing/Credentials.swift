package import Platform

/// An access key: what a request is signed with.
package struct Credentials: Sendable {
    /// The public part: `AKIA…`, `ASIA…`.
    package var accessKeyID: String
    package var secretAccessKey: Secret
    /// The session token of temporary credentials, such as a role's.
    package var sessionToken: Secret?

    package init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

extension Secret {
    /// The secret as a text, for the header or form that carries it.
    var text: String { String(decoding: revealed, as: UTF8.self) }
}

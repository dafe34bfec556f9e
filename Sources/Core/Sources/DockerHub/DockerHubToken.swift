import Platform

/// The secret path segment of the Docker Hub route: Docker Hub cannot sign.
enum DockerHubToken {
    /// Whether a token is one of those that were agreed; an empty one never is.
    ///
    /// Digests are compared, each in constant time: not even the length shows.
    static func isOne(of secrets: [Secret], _ token: Secret) -> Bool {
        let digest = SHA256.hash(token.revealed)
        var isRight = false
        for secret in secrets where !secret.revealed.isEmpty {
            let matches = constantTimeEquals(SHA256.hash(secret.revealed), digest)
            isRight = isRight || matches
        }
        return isRight
    }
}

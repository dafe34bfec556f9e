package import Platform

internal import Codec

/// Secrets: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
package enum SecretsManager {
    /// GetSecretValue of a version by its stage: `AWSCURRENT`, `AWSPREVIOUS`.
    ///
    /// A secret that never had such a version is an error with the code
    /// `ResourceNotFoundException`, as is a secret that does not exist.
    package static func getSecretValue(id: String, stage: String) -> AWSCall {
        .json(.secretsManager, "GetSecretValue", of: id, targetPrefix: "secretsmanager") {
            $0.member("SecretId", id)
            $0.member("VersionStage", stage)
        }
    }

    /// Reads the answer to `getSecretValue`: its text, or the bytes of a binary secret.
    package static func value(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> Secret {
        // A JSON error quotes what it found, which may be of the secret: it goes no further.
        let root = try? JSON(parsing: response.body)
        if let text = root?["SecretString"]?.string { return Secret(text) }
        if let text = root?["SecretBinary"]?.string, let bytes = Base64.decode(Array(text.utf8)) {
            return Secret(bytes)
        }
        throw .unreadable(call, response, "the answer has no SecretString or SecretBinary")
    }
}

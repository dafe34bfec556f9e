import AWS
import Codec
import Platform

/// Keys that AWS is called with.
struct FoundCredentials: Sendable {
    var credentials: Credentials
    /// When they end; `nil` of keys that do not.
    var expires: Timestamp?
    /// Whether they are the instance's own, which then tells its region too.
    var isInstance = false
}

extension FoundCredentials {
    /// Reads keys as programs and metadata services print them.
    ///
    /// Programs call the token `SessionToken`, services `Token`
    /// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html,
    /// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html).
    /// The error never has a part of the text, which may be a secret.
    init(printed text: [UInt8]) throws(Failure) {
        guard let json = try? JSON(parsing: text) else { throw Failure("printed no JSON") }
        guard let id = json["AccessKeyId"]?.string, let secret = json["SecretAccessKey"]?.string
        else {
            let code = json["Code"]?.string ?? json["code"]?.string
            throw Failure("gave no keys" + (code.map { " (\($0))" } ?? ""))
        }
        credentials = Credentials(
            accessKeyID: id,
            secretAccessKey: Secret(secret),
            sessionToken: (json["SessionToken"] ?? json["Token"])?.string.map { Secret($0) }
        )
        expires = json["Expiration"]?.string.flatMap { Timestamp(iso8601: $0) }
    }
}

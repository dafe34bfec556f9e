package import Codec
package import Platform

/// The Security Token Service: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
package enum STS {
    /// Credentials that end.
    package struct TemporaryCredentials: Sendable {
        package var credentials: Credentials
        package var expires: Timestamp
    }

    /// AssumeRole: credentials of a role, for an hour, which is what it gives unless asked.
    package static func assumeRole(_ role: String, sessionName: String) -> AWSCall {
        .form(
            .sts,
            "AssumeRole",
            version: "2011-06-15",
            of: role,
            [NamedValue("RoleArn", role), NamedValue("RoleSessionName", sessionName)]
        )
    }

    package static func temporaryCredentials(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> TemporaryCredentials {
        guard let root = try? XML(parsing: response.body),
            let element = root["AssumeRoleResult"]?["Credentials"],
            let accessKeyID = element["AccessKeyId"]?.text,
            let secretAccessKey = element["SecretAccessKey"]?.text,
            let sessionToken = element["SessionToken"]?.text,
            let expires = element["Expiration"].flatMap({ Timestamp(iso8601: $0.text) })
        else {
            throw .unreadable(call, response, "the answer has no whole Credentials")
        }
        return TemporaryCredentials(
            credentials: Credentials(
                accessKeyID: accessKeyID,
                secretAccessKey: Secret(secretAccessKey),
                sessionToken: Secret(sessionToken)
            ),
            expires: expires
        )
    }
}

import AWS
import Foundation
import Platform

/// The environment variables of the functions' processes.
struct FunctionEnvironment {
    private let common: [String: String]

    /// - Parameter cloud: host and port of what answers for AWS.
    init(_ settings: LocalSite.Settings, cloud: String) {
        var variables = settings.environment
        for name in ["GITHUB_SECRET_ARN", "DOCKERHUB_TOKEN_ARN"] { variables[name] = nil }
        let region = variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] ?? "us-east-1"
        variables["AWS_REGION"] = region
        variables["AWS_LAMBDA_LOG_FORMAT"] = "Text"
        variables["AWS_LAMBDA_LOG_LEVEL"] = variables["AWS_LAMBDA_LOG_LEVEL"] ?? "WARN"
        if settings.isDryRun {
            for name in variables.keys where name.hasPrefix("AWS_ENDPOINT_URL") {
                variables[name] = nil
            }
            // It is kept in Secrets Manager, which nobody answers for.
            for name in ["GITHUB_TOKEN_ARN", "AWS_SESSION_TOKEN"] { variables[name] = nil }
            variables["AWS_ENDPOINT_URL"] = "http://\(cloud)"
        }
        variables["AWS_ACCESS_KEY_ID"] = settings.credentials.accessKeyID
        variables["AWS_SECRET_ACCESS_KEY"] = String(
            decoding: settings.credentials.secretAccessKey.revealed,
            as: UTF8.self
        )
        // What is sent here are mostly saved events, which are old.
        variables["MAX_EVENT_AGE_DAYS"] = variables["MAX_EVENT_AGE_DAYS"] ?? "0"
        variables["AWS_ENDPOINT_URL_S3"] = "http://\(cloud)"
        variables["AWS_ENDPOINT_URL_LAMBDA"] = "http://\(cloud)"
        variables["S3_BUCKET"] = LocalAWS.bucketName
        variables["S3_PREFIX"] = RuleFolder.prefix
        variables["EVAL_FUNCTION_ARN"] = LocalAWS.evaluateARN
        variables["GITHUB_SECRET"] = String(decoding: settings.secret.revealed, as: UTF8.self)
        variables["DOCKERHUB_TOKEN"] = String(
            decoding: settings.dockerHubToken.revealed,
            as: UTF8.self
        )
        common = variables
    }

    /// The variables of one function.
    ///
    /// - Parameters:
    ///   - runtimeAPI: host and port.
    ///   - token: what its paths begin with.
    func variables(of function: String, runtimeAPI: String, token: Secret) -> [String: String] {
        common.merging([
            "_HANDLER": function,
            "AWS_LAMBDA_RUNTIME_API":
                "\(runtimeAPI)/\(String(decoding: token.revealed, as: UTF8.self))",
            "AWS_LAMBDA_FUNCTION_NAME": function,
        ]) { $1 }
    }
}

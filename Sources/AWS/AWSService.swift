/// The services that are called, by the names that AWS's service models give them.
package enum AWSService: Equatable, Sendable, CaseIterable {
    case codeBuild, codeCommit, codePipeline, eks, eventBridge, lambda, s3, secretsManager, sts

    /// The signing name, which for these is the endpoint's prefix and IAM's prefix too.
    package var name: String {
        switch self {
        case .codeBuild: "codebuild"
        case .codeCommit: "codecommit"
        case .codePipeline: "codepipeline"
        case .eks: "eks"
        case .eventBridge: "events"
        case .lambda: "lambda"
        case .s3: "s3"
        case .secretsManager: "secretsmanager"
        case .sts: "sts"
        }
    }

    /// The service id, upper-cased, as `AWS_ENDPOINT_URL_<SERVICE>` has it
    /// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
    var environmentName: String {
        switch self {
        case .codeBuild: "CODEBUILD"
        case .codeCommit: "CODECOMMIT"
        case .codePipeline: "CODEPIPELINE"
        case .eks: "EKS"
        case .eventBridge: "EVENTBRIDGE"
        case .lambda: "LAMBDA"
        case .s3: "S3"
        case .secretsManager: "SECRETS_MANAGER"
        case .sts: "STS"
        }
    }
}

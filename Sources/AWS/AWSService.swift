/// The services that are called, by the names that AWS's service models give them.
///
/// Raw values are signing names, which for these are the prefixes of endpoints and of IAM too.
package enum AWSService: String, Sendable, CaseIterable {
    #if !hasFeature(Embedded)
        /// Called by the tool alone.
        case cloudFormation = "cloudformation"
    #endif
    case codeBuild = "codebuild"
    case codeCommit = "codecommit"
    case codePipeline = "codepipeline"
    case eks
    case eventBridge = "events"
    case lambda
    case s3
    case secretsManager = "secretsmanager"
    case sts

    package var name: String { rawValue }

    /// The service id, upper-cased, as `AWS_ENDPOINT_URL_<SERVICE>` has it
    /// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
    var environmentName: String {
        switch self {
        #if !hasFeature(Embedded)
            case .cloudFormation: "CLOUDFORMATION"
        #endif
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

/// The secrets that Pointsman itself is configured with: no target may name one, for whoever may
/// write a rule would be given it.
package struct OwnSecrets {
    private var named: [(variable: String, secret: SecretName)] = []

    /// The variables that name one.
    private static let variables = [
        "GITHUB_SECRET_ARN", "GITHUB_TOKEN_ARN", "DOCKERHUB_TOKEN_ARN", "GITEA_SECRET_ARN",
        "GITEA_TOKEN_ARN", "GITLAB_SECRET_ARN", "GITLAB_TOKEN_ARN",
    ]

    /// None that is known.
    package static var none: OwnSecrets { OwnSecrets { _ in nil } }

    /// Takes the variables that have a value.
    package init(_ value: (_ variable: String) -> String?) {
        for variable in Self.variables {
            guard let value = value(variable), !value.utf8.isEmpty else { continue }
            named.append((variable, SecretName(value)))
        }
    }

    /// What is wrong with the secrets that a target names; nothing with most.
    package func problems(of target: Target) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        for (property, arn) in target.secrets {
            let secret = SecretName(arn)
            guard let own = named.first(where: { $0.secret.mayBe(secret) }) else { continue }
            problems.append(
                RuleProblem(
                    "Target.\(target.name).\(property)",
                    "the secret \(arn) is Pointsman's own, which \(own.variable) names: "
                        + "no target may use it"
                )
            )
        }
        return problems
    }
}

extension Target {
    /// The properties that name a secret, and the secrets' ARNs.
    fileprivate var secrets: [(property: String, arn: String)] {
        switch self {
        case .codePipeline, .codeBuild, .eventBridge: return []
        case .openShiftBuild(let build): return [("UrlSecretArn", build.urlSecretARN)]
        case .kubernetesDeployment(let deployment):
            guard case .server(_, let arn, _) = deployment.cluster else { return [] }
            return [("TokenSecretArn", arn)]
        case .pullRequestPipeline(let pipeline):
            return pipeline.oauthTokenSecretARN.map { [("OAuthTokenSecretArn", $0)] } ?? []
        }
    }
}

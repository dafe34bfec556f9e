/// What a start is meant for, as the ledger names it.
public struct StartedTarget: Equatable, Sendable {
    /// The target's name in a rule: `CodePipeline`.
    public var kind: String
    /// Its own name: a pipeline's, a project's, `namespace/deployment`, an event bus's, of a
    /// BuildConfig the ARN of the secret that holds its webhook's URL.
    public var name: String

    /// Names a target.
    public init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }
}

extension Start.Action {
    /// What is started.
    public var target: StartedTarget {
        switch self {
        case .codePipeline(let pipeline):
            StartedTarget(kind: "CodePipeline", name: pipeline.name)
        case .codeBuild(let build):
            StartedTarget(kind: "CodeBuild", name: build.project)
        case .openShiftBuild(let build):
            StartedTarget(kind: "OpenShiftBuild", name: build.urlSecretARN)
        case .kubernetesDeployment(let deployment):
            StartedTarget(
                kind: "KubernetesDeployment",
                name: "\(deployment.namespace)/\(deployment.deployment)"
            )
        case .eventBridge(let event):
            StartedTarget(kind: "EventBridge", name: event.eventBus ?? "default")
        case .pullRequestPipeline(let pipeline):
            StartedTarget(kind: "PullRequestPipeline", name: pipeline.pipeline.text)
        }
    }
}

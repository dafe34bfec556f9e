internal import Platform

/// One act that a change calls for: a target with every placeholder filled.
///
/// A value; whoever performs it has nothing left to decide.
package struct Start: Equatable, Sendable {
    /// The S3 key of the rule that calls for it.
    package var ruleKey: String
    /// The repository that the rule is about, as the change spells it.
    package var repository: String
    /// Names this start for ever: the same change and the same rule give the same identity.
    ///
    /// It is the ledger's key and the client token that the service is given.
    package var identity: String
    /// The commit that it runs on, where the change has one.
    package var commit: String?
    /// What is to be done.
    package var action: Action
    /// Where it stands among the rule's starts; `nil` where it starts whatever came after it.
    package var order: StartOrder?

    /// What can be done; a target of another kind is another case.
    package enum Action: Equatable, Sendable {
        /// Start an execution of a pipeline.
        case codePipeline(CodePipelineTarget.Filled)
        /// Start a build of a project.
        case codeBuild(CodeBuildTarget.Filled)
        /// Start a build of a BuildConfig.
        case openShiftBuild(OpenShiftBuildTarget.Filled)
        /// Set the image of a Deployment.
        case kubernetesDeployment(KubernetesDeploymentTarget.Filled)
        /// Put an event on an event bus.
        case eventBridge(EventBridgeTarget.Filled)
        /// Make, start or remove a pull request's own pipeline.
        case pullRequestPipeline(PullRequestPipelineTarget.Filled)

        // Inlined, it makes the Embedded compiler of Swift 6.3.1 end on an error of its own
        // ("non consuming use outside of the lifetime", in what uses it in a loop).
        /// Milliseconds for which the service knows a start by its client token; `nil` for ever.
        @inline(never) package var tokenMemory: Int? {
            switch self {
            case .codePipeline, .pullRequestPipeline: nil
            // AWS CodeBuild API reference, StartBuild: "valid for 5 minutes".
            case .codeBuild: 300_000
            // It takes no token.
            case .openShiftBuild: 0
            // Setting the same image again changes nothing.
            case .kubernetesDeployment: nil
            // PutEvents takes none.
            case .eventBridge: 0
            }
        }
    }
}

/// What a start is meant for, as the ledger names it.
package struct StartedTarget: Equatable, Sendable {
    /// The target's name in a rule: `CodePipeline`.
    package var kind: String
    /// Its own name: a pipeline's, a project's, `namespace/deployment`, an event bus's, of a
    /// BuildConfig the ARN of the secret that holds its webhook's URL.
    package var name: String

    /// Names a target.
    package init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }
}

extension Start.Action {
    /// Names the server that it calls, where that is not AWS's; `nil` for AWS.
    ///
    /// Where only a secret names the server, that stands for it.
    package var server: ByteKey? {
        switch self {
        case .codePipeline, .codeBuild, .eventBridge, .pullRequestPipeline: return nil
        case .openShiftBuild(let build):
            return ByteKey("secret \(SecretName(build.urlSecretARN).plain)")
        case .kubernetesDeployment(let deployment):
            switch deployment.cluster {
            case .eks(let name): return ByteKey("cluster \(name)")
            case .server(let url, _, _): return ByteKey(url.server)
            }
        }
    }

    /// What is started.
    package var target: StartedTarget {
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

extension Target {
    /// What is to be done for a change.
    ///
    /// Throws where a filled placeholder gives the target a value that it cannot have.
    ///
    /// - Parameter ends: what was started for a pull request is to be ended.
    func action(for change: Change, ends: Bool) throws(RuleProblem) -> Start.Action {
        switch self {
        case .codePipeline(let pipeline):
            return .codePipeline(try pipeline.filled(for: change))
        case .codeBuild(let build):
            return .codeBuild(try build.filled(for: change))
        case .openShiftBuild(let build):
            return .openShiftBuild(build.filled(for: change))
        case .kubernetesDeployment(let deployment):
            return .kubernetesDeployment(try deployment.filled(for: change))
        case .eventBridge(let event):
            return .eventBridge(try event.filled(for: change))
        case .pullRequestPipeline(let pipeline):
            return .pullRequestPipeline(
                try pipeline.filled(for: change, ends: ends)
            )
        }
    }
}

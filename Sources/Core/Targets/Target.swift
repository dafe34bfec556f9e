internal import Codec

/// What a rule starts.
package indirect enum Target: Equatable, Sendable {
    case codePipeline(CodePipelineTarget<Template>)
    case codeBuild(CodeBuildTarget<Template>)
    case openShiftBuild(OpenShiftBuildTarget)
    /// The image of a Deployment in a Kubernetes cluster.
    case kubernetesDeployment(KubernetesDeploymentTarget<Template>)
    case eventBridge(EventBridgeTarget<Template>)
    /// A pipeline of a pull request's own.
    case pullRequestPipeline(PullRequestPipelineTarget<Template>)

    /// The kinds of target, by their names in a rule.
    package enum Kind: String, CaseIterable, Sendable {
        case codePipeline = "CodePipeline"
        case codeBuild = "CodeBuild"
        case openShiftBuild = "OpenShiftBuild"
        case kubernetesDeployment = "KubernetesDeployment"
        case eventBridge = "EventBridge"
        case pullRequestPipeline = "PullRequestPipeline"

        package static var names: [String] { allCases.map { $0.rawValue } }

        /// Whether AWS tells how what was started has ended.
        var hasEnd: Bool {
            switch self {
            case .codePipeline, .codeBuild, .pullRequestPipeline: true
            case .openShiftBuild, .kubernetesDeployment, .eventBridge: false
            }
        }

        static var namesWithEnd: [String] { allCases.filter { $0.hasEnd }.map { $0.rawValue } }

        /// Whether each of its runs has an id by which it can be stopped.
        var hasStoppableRuns: Bool {
            switch self {
            case .codePipeline, .codeBuild: true
            case .openShiftBuild, .kubernetesDeployment, .eventBridge, .pullRequestPipeline: false
            }
        }

        static var namesWithStoppableRuns: [String] {
            allCases.filter { $0.hasStoppableRuns }.map { $0.rawValue }
        }
    }

    var kind: Kind {
        switch self {
        case .codePipeline: .codePipeline
        case .codeBuild: .codeBuild
        case .openShiftBuild: .openShiftBuild
        case .kubernetesDeployment: .kubernetesDeployment
        case .eventBridge: .eventBridge
        case .pullRequestPipeline: .pullRequestPipeline
        }
    }

    /// The target's name in a rule.
    package var name: String { kind.rawValue }

    /// Whether the target lives as long as a pull request, so that one that was closed or given
    /// another base concerns it.
    var followsPullRequests: Bool { kind == .pullRequestPipeline }

    /// Reads the value of a rule's `Target`: an object with one member, named for the target.
    static func read(_ value: JSON) throws(InvalidRule) -> Target {
        guard let members = value.members else {
            throw invalid("expected an object, found \(value.inWords)")
        }
        guard let member = members.last, members.count == 1 else {
            let names = members.isEmpty ? "none" : members.names(upTo: maximumNames)
            throw invalid("expected exactly one of \(Kind.names.alternatives), found \(names)")
        }
        switch Kind(rawValue: member.key) {
        case .codePipeline: return .codePipeline(try .read(member.value))
        case .codeBuild: return .codeBuild(try .read(member.value))
        case .openShiftBuild: return .openShiftBuild(try .read(member.value))
        case .kubernetesDeployment: return .kubernetesDeployment(try .read(member.value))
        case .eventBridge: return .eventBridge(try .read(member.value))
        case .pullRequestPipeline: return .pullRequestPipeline(try .read(member.value))
        case nil:
            let known = Kind.names
            let hint =
                suggestion(for: member.key, among: known).map { ", did you mean `\($0)`?" } ?? ""
            let name = clipped(member.key)
            throw invalid("'\(name)' is not supported, expected \(known.alternatives)\(hint)")
        }
    }

    /// The target with its placeholders replaced for a change.
    ///
    /// Throws if a placeholder gives the target a value that it cannot have.
    ///
    /// - Parameters:
    ///   - ends: What was started for a pull request is to be ended.
    ///   - hasStatus: The rule has a status.
    func action(
        for change: Change,
        ends: Bool,
        hasStatus: Bool
    ) throws(RuleProblem) -> Start.Action {
        switch self {
        case .codePipeline(let pipeline): .codePipeline(try pipeline.resolved(for: change))
        case .codeBuild(let build): .codeBuild(try build.resolved(for: change))
        case .openShiftBuild(let build): .openShiftBuild(build)
        case .kubernetesDeployment(let deployment):
            .kubernetesDeployment(try deployment.resolved(for: change))
        case .eventBridge(let event): .eventBridge(try event.resolved(for: change))
        case .pullRequestPipeline(let pipeline):
            .pullRequestPipeline(
                try pipeline.resolved(for: change, ends: ends, hasStatus: hasStatus)
            )
        }
    }

    /// The properties that name a secret, and the secrets' ARNs.
    var secrets: [(property: String, arn: String)] {
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

    /// How many targets a message names.
    private static let maximumNames = 10

    private static func invalid(_ message: String) -> InvalidRule {
        InvalidRule(problems: [RuleProblem("Target", message)])
    }
}

extension [JSON.Member] {
    /// The first names, and how many more there are: `a, b and 3 more`.
    fileprivate func names(upTo most: Int) -> String {
        let names = prefix(most).map { clipped($0.key) }.joined(", ")
        return count > most ? "\(names) \(andMore(count - most))" : names
    }
}

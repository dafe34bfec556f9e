internal import Codec

/// What a rule starts.
package indirect enum Target: Equatable, Sendable {
    /// An execution of a pipeline.
    case codePipeline(CodePipelineTarget)
    /// A build of a project.
    case codeBuild(CodeBuildTarget)
    /// A build of OpenShift.
    case openShiftBuild(OpenShiftBuildTarget)
    /// The image of a Deployment in a Kubernetes cluster.
    case kubernetesDeployment(KubernetesDeploymentTarget)
    /// An event on an event bus.
    case eventBridge(EventBridgeTarget)
    /// A pipeline of a pull request's own.
    case pullRequestPipeline(PullRequestPipelineTarget)

    /// The names of the targets, as rules write them.
    static let known = [
        "CodePipeline", "CodeBuild", "OpenShiftBuild", "KubernetesDeployment", "EventBridge",
        "PullRequestPipeline",
    ]

    /// The target's name in a rule.
    package var name: String {
        switch self {
        case .codePipeline: "CodePipeline"
        case .codeBuild: "CodeBuild"
        case .openShiftBuild: "OpenShiftBuild"
        case .kubernetesDeployment: "KubernetesDeployment"
        case .eventBridge: "EventBridge"
        case .pullRequestPipeline: "PullRequestPipeline"
        }
    }

    /// Whether the target lives as long as a pull request, so that one that was closed or given
    /// another base concerns it.
    var followsPullRequests: Bool {
        switch self {
        case .codePipeline, .codeBuild, .openShiftBuild, .kubernetesDeployment, .eventBridge: false
        case .pullRequestPipeline: true
        }
    }

    /// Reads the value of a rule's `Target`: an object with one member, named for the target.
    static func read(_ value: JSON) throws(InvalidRule) -> Target {
        guard let members = value.members else {
            throw invalid("expected an object, found \(value.inWords)")
        }
        guard let member = members.last, members.count == 1 else {
            let names = members.isEmpty ? "none" : members.names(upTo: mostNamed)
            throw invalid("expected exactly one of \(known.alternatives), found \(names)")
        }
        switch member.key {
        case "CodePipeline": return .codePipeline(try .read(member.value))
        case "CodeBuild": return .codeBuild(try .read(member.value))
        case "OpenShiftBuild": return .openShiftBuild(try .read(member.value))
        case "KubernetesDeployment": return .kubernetesDeployment(try .read(member.value))
        case "EventBridge": return .eventBridge(try .read(member.value))
        case "PullRequestPipeline": return .pullRequestPipeline(try .read(member.value))
        default:
            let hint =
                suggestion(for: member.key, among: known).map { ", did you mean `\($0)`?" } ?? ""
            let name = clipped(member.key)
            throw invalid("'\(name)' is not supported, expected \(known.alternatives)\(hint)")
        }
    }

    /// How many targets a message names.
    private static let mostNamed = 10

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

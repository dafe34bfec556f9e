internal import Codec

/// What a rule starts.
public indirect enum Target: Equatable, Sendable {
    /// An execution of a pipeline.
    case codePipeline(CodePipelineTarget)

    /// The names of the targets, as rules write them.
    static let known = ["CodePipeline"]

    /// The target's name in a rule.
    public var name: String {
        switch self {
        case .codePipeline: "CodePipeline"
        }
    }

    /// Whether a pull request that was closed concerns the target.
    var takesClosedPullRequests: Bool {
        switch self {
        case .codePipeline: false
        }
    }

    /// Reads the value of a rule's `Target`: an object with one member, named for the target.
    static func read(_ value: JSON) throws(InvalidRule) -> Target {
        guard let members = value.members else {
            throw invalid("expected an object, found \(value.inWords)")
        }
        guard let member = members.last, members.count == 1 else {
            let names = members.isEmpty ? "none" : members.map { clipped($0.key) }.joined(", ")
            throw invalid("expected exactly one of \(known.alternatives), found \(names)")
        }
        guard known.containsText(member.key) else {
            let hint =
                suggestion(for: member.key, among: known).map { ", did you mean `\($0)`?" } ?? ""
            let name = clipped(member.key)
            throw invalid("'\(name)' is not supported, expected \(known.alternatives)\(hint)")
        }
        return .codePipeline(try CodePipelineTarget.read(member.value))
    }

    private static func invalid(_ message: String) -> InvalidRule {
        InvalidRule(problems: [RuleProblem("Target", message)])
    }
}

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
            throw InvalidRule(
                problems: [RuleProblem("Target", "expected an object, found \(value.inWords)")]
            )
        }
        var properties = PropertyReader(value, place: "Target.", known: known)
        guard let member = members.last, members.count == 1 else {
            let names = members.isEmpty ? "none" : members.map { clipped($0.key) }.joined(", ")
            properties.report([
                RuleProblem(
                    "Target",
                    "expected exactly one of \(known.alternatives), found \(names)"
                )
            ])
            throw InvalidRule(problems: properties.problems)
        }
        guard properties.problems.isEmpty else {
            let hint =
                suggestion(for: member.key, among: known).map { ", did you mean `\($0)`?" } ?? ""
            throw InvalidRule(
                problems: [
                    RuleProblem(
                        "Target",
                        "'\(clipped(member.key))' is not supported, expected \(known.alternatives)\(hint)"
                    )
                ]
            )
        }
        return .codePipeline(try CodePipelineTarget.read(member.value))
    }
}

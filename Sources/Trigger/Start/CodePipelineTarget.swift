internal import Codec

/// A pipeline to start, as a rule describes it.
///
/// Limits: AWS CodePipeline API reference, StartPipelineExecution.
public struct CodePipelineTarget: Equatable, Sendable {
    /// The pipeline's name.
    public var name: Template
    /// The source action that is to take the change's commit; `nil` for its newest.
    public var sourceAction: Template?
    /// The pipeline's variables, in the rule's order.
    public var variables: [Variable]
    /// The role to call CodePipeline with; `nil` for the function's own.
    public var roleARN: Template?
    /// The pipeline's region; `nil` for the function's own.
    public var region: Template?

    /// A variable of the pipeline.
    public struct Variable: Equatable, Sendable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: Template
    }

    /// A target for one change: all placeholders filled, all limits held.
    public struct Filled: Equatable, Sendable {
        /// The pipeline's name.
        public var name: String
        /// The source action that is to take the change's commit.
        public var sourceAction: String?
        /// Names and values; each value has 1 to 1000 characters.
        public var variables: [(name: String, value: String)]
        /// The role to call CodePipeline with.
        public var roleARN: String?
        /// The pipeline's region.
        public var region: String?

        /// Whether all of it is the same.
        public static func == (one: Filled, other: Filled) -> Bool {
            one.name == other.name && one.sourceAction == other.sourceAction
                && one.variables.elementsEqual(other.variables, by: ==)
                && one.roleARN == other.roleARN && one.region == other.region
        }
    }

    /// The most variables of an execution.
    static let maximumVariables = 50
    /// The most characters of a variable's value.
    static let maximumValueLength = 1_000

    /// Fills the placeholders.
    ///
    /// A variable's value is cut to 1000 characters and left out when empty.
    public func filled(for change: Change) throws(RuleProblem) -> Filled {
        Filled(
            name: try fill(name, "Name", .pipelineName, change),
            sourceAction: try fill(sourceAction, "SourceAction", .actionName, change),
            variables: variables.compactMap { variable in
                let value = variable.value.render(change).cut(to: Self.maximumValueLength)
                return value.isEmpty ? nil : (variable.name, value)
            },
            roleARN: try fill(roleARN, "RoleArn", .roleARN, change),
            region: try fill(region, "Region", .region, change)
        )
    }
}

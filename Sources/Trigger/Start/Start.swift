/// One act that a change calls for: a target with every placeholder filled.
///
/// A value; whoever performs it has nothing left to decide.
public struct Start: Equatable, Sendable {
    /// The S3 key of the rule that calls for it.
    public var ruleKey: String
    /// Names this start for ever: the same change and the same rule give the same identity.
    ///
    /// It is the ledger's key and the client token that the service is given.
    public var identity: String
    /// The commit that it runs on, where the change has one.
    public var commit: String?
    /// What is to be done.
    public var action: Action

    /// What can be done; a target of another kind is another case.
    public enum Action: Equatable, Sendable {
        /// Start an execution of a pipeline.
        case codePipeline(CodePipelineTarget.Filled)
    }

    /// The start that a decision calls for, or `nil` where it calls for none.
    ///
    /// Throws where a filled placeholder gives the target a value that it cannot have.
    public init?(_ decision: Decision, of change: Change) throws(RuleProblem) {
        guard let target = decision.target else { return nil }
        self.ruleKey = decision.ruleKey
        self.identity = change.identity.start(ruleKey: decision.ruleKey)
        self.commit = change.after
        switch target {
        case .codePipeline(let pipeline):
            self.action = .codePipeline(try pipeline.filled(for: change))
        }
    }
}

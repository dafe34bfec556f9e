internal import AWS
internal import Platform

extension CodePipelineTarget.Filled {
    /// Starts an execution, on the change's commit where the rule names the source action.
    func begin(_ start: Start) -> StartStep {
        var revisions: [CodePipeline.SourceRevision] = []
        if let sourceAction, let commit = start.commit {
            revisions = [CodePipeline.SourceRevision(action: sourceAction, commitID: commit)]
        }
        let call = CodePipeline.startPipelineExecution(
            name,
            variables: variables,
            sourceRevisions: revisions,
            clientRequestToken: start.identity
        )
        return .call(call, access) { (response) throws(CallError) in
            .ended(.started(try CodePipeline.executionID(of: call, response)))
        }
    }
}

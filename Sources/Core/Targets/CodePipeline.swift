package import AWS
package import Codec
package import Platform

/// Pipelines: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StartPipelineExecution.html).
package enum CodePipeline {
    /// What stands before an operation's name in `X-Amz-Target`.
    static let targetPrefix = "CodePipeline_20150709"

    /// The commit that a source action takes in one execution.
    package struct SourceRevision: Equatable, Sendable {
        /// The source action's name.
        package var action: String
        /// The commit's id.
        package var commitID: String

        /// Makes a revision.
        package init(action: String, commitID: String) {
            self.action = action
            self.commitID = commitID
        }
    }

    /// StartPipelineExecution; a second one with the same client token starts nothing new.
    ///
    /// Empty variables and revisions are left out: a pipeline of type V1 refuses both. A variable's
    /// value has 1 to 1000 characters and no line break.
    package static func startPipelineExecution(
        _ pipeline: String,
        variables: [NamedValue] = [],
        sourceRevisions: [SourceRevision] = [],
        clientRequestToken: String
    ) -> AWSCall {
        var call = call("StartPipelineExecution", of: pipeline) {
            $0.member("name", pipeline)
            if !variables.isEmpty {
                $0.key("variables")
                $0.array { writer in
                    for variable in variables {
                        writer.object {
                            $0.member("name", variable.name)
                            $0.member("value", variable.value)
                        }
                    }
                }
            }
            $0.member("clientRequestToken", clientRequestToken)
            if !sourceRevisions.isEmpty {
                $0.key("sourceRevisions")
                $0.array { writer in
                    for revision in sourceRevisions {
                        writer.object {
                            $0.member("actionName", revision.action)
                            $0.member("revisionType", "COMMIT_ID")
                            $0.member("revisionValue", revision.commitID)
                        }
                    }
                }
            }
        }
        // "Your request cannot be handled because the pipeline is busy … try again later", and
        // "the pipeline has reached the limit for concurrent pipeline executions".
        call.retryableCodes = [
            "ConflictException", "ConcurrentPipelineExecutionsLimitExceededException",
        ]
        return call
    }

    /// Reads the answer to `startPipelineExecution`: the execution's id.
    package static func executionID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        guard let id = (try? JSON(parsing: response.body))?["pipelineExecutionId"]?.string else {
            throw .unreadable(call, response, "the answer has no pipelineExecutionId")
        }
        return id
    }
}

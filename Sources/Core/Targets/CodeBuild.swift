package import AWS
package import Codec
package import Platform

/// Builds: calls as values, and what their answers mean
/// (https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html).
package enum CodeBuild {
    /// StartBuild; within five minutes a second one with the same token starts nothing new.
    ///
    /// Without a source version the project's own is built; a project without a source refuses
    /// any.
    package static func startBuild(
        _ project: String,
        sourceVersion: String? = nil,
        environment: [NamedValue] = [],
        idempotencyToken: String
    ) -> AWSCall {
        var call = AWSCall.json(
            .codeBuild,
            "StartBuild",
            of: project,
            targetPrefix: "CodeBuild_20161006"
        ) {
            $0.member("projectName", project)
            $0.member("sourceVersion", sourceVersion)
            if !environment.isEmpty {
                $0.key("environmentVariablesOverride")
                $0.array { writer in
                    for variable in environment {
                        writer.object {
                            $0.member("name", variable.name)
                            $0.member("value", variable.value)
                            $0.member("type", "PLAINTEXT")
                        }
                    }
                }
            }
            $0.member("idempotencyToken", idempotencyToken)
        }
        // "An AWS service limit was exceeded for the calling AWS account": of builds that wait.
        call.retryableCodes = ["AccountLimitExceededException"]
        return call
    }

    /// Reads the answer to `startBuild`: the build's id, `project:…`.
    package static func buildID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        guard let id = (try? JSON(parsing: response.body))?["build"]?["id"]?.string else {
            throw .unreadable(call, response, "the answer has no build.id")
        }
        return id
    }
}

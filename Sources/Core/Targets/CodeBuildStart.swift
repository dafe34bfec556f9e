internal import AWS
internal import Platform

extension CodeBuildTarget.Filled {
    /// Starts a build.
    func begin(_ start: Start, isProtected: Bool) -> StartStep {
        var call = CodeBuild.startBuild(
            project,
            sourceVersion: sourceVersion,
            environment: environment,
            idempotencyToken: start.identity
        )
        call.isRepeatable = isProtected
        return .call(call, access) { [call] (response) throws(CallError) in
            .ended(.started(try CodeBuild.buildID(of: call, response)))
        }
    }
}

internal import AWS
internal import Platform
internal import Trigger

extension CodeBuildTarget.Filled {
    /// Starts a build.
    func begin(_ start: Start) -> StartStep {
        let call = CodeBuild.startBuild(
            project,
            sourceVersion: sourceVersion,
            environment: environment,
            idempotencyToken: start.identity
        )
        return .call(call, access) { (response) throws(CallError) in
            .ended(.started(try CodeBuild.buildID(of: call, response)))
        }
    }
}

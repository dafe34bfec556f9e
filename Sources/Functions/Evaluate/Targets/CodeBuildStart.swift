internal import AWS
internal import Platform
internal import Trigger

extension CodeBuildTarget.Filled {
    /// Starts a build.
    func begin(_ start: Start) -> StartStep {
        let call = CodeBuild.startBuild(
            project,
            sourceVersion: sourceVersion,
            environment: environment.map { .init(name: $0.name, value: $0.value) },
            idempotencyToken: start.identity
        )
        return .call(call, access) { (response) throws(CallError) in
            .ended(.started(try CodeBuild.buildID(of: call, response)))
        }
    }
}

internal import AWS
internal import Codec
internal import Platform

/// Stops the earlier runs of pull requests, of rules with `Supersede`.
struct RunStopper {
    let starter: TargetStarter
    /// The change whose runs take their place, or that ends them.
    let change: Change

    /// Stops runs, all at the same time: what became of each, in their order.
    ///
    /// Each is stopped as the role and in the region that it was started with.
    func stop(_ runs: [HeadRun], deadline: Deadline) -> [StoppedRun] {
        var requests: [StartStep.AWSRequest] = []
        for run in runs { requests.append(request(stopping: run)) }
        let answers = starter.send(requests, deadline: deadline)
        var stopped: [StoppedRun] = []
        for index in runs.indices {
            stopped.append(StoppedRun(runs[index], Self.end(answers[index])))
        }
        return stopped
    }

    private func request(stopping run: HeadRun) -> StartStep.AWSRequest {
        let id = run.name.id ?? ""
        let call =
            run.target.isBuild
            ? CodeBuild.stopBuild(id)
            : CodePipeline.stopPipelineExecution(id, of: run.target.name, reason: reason)
        let role = run.target.roleARN.map { arn in
            AssumedRoles.Role(arn: arn, sessionName: AWSAccess.sessionName(for: change.repository))
        }
        // Nothing follows: the answer is all there is to it.
        return StartStep.AWSRequest(
            call: call,
            access: AWSAccess(role: role, region: run.target.region)
        ) { _ in .ended(.unchanged("")) }
    }

    /// At most 200 characters: neither a branch nor a title is in it.
    private var reason: String {
        let isClosed = change.pullRequest?.action == "closed"
        let cause = isClosed ? "its end" : change.after ?? "a newer run"
        return "Pointsman: superseded by \(cause), pull request \(change.pullRequest?.number ?? 0)"
    }

    private static func end(_ answer: Result<HTTPResponse, CallError>) -> StoppedRun.End {
        do throws(CallError) {
            _ = try answer.get()
            return .stopped
        } catch {
            switch error.code {
            // It is stopping already.
            case "DuplicatedStopRequestException": return .stopped
            case "PipelineExecutionNotStoppableException", "PipelineNotFoundException",
                "ResourceNotFoundException":
                return .ended
            default:
                let why = error.description
                return error.isRetryable ? .pending(why) : .refused(why)
            }
        }
    }
}

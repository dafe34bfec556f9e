internal import AWS
internal import Codec
internal import Platform

/// Keeps what events tell of the runs that `evaluate` has started.
struct RunTracker {
    let services: Services
    /// The function's own account; `nil` if it is not known.
    let account: String?

    /// What an event comes to.
    enum Finding {
        /// The run is not one that has a status.
        case unknown
        /// Something later is known of the run.
        case late
        /// What is known of the run now.
        case run(RunRecord)
    }

    /// Takes over what an event tells.
    ///
    /// Of a run that is not known one object is asked for, and a second one if the pipeline may be a pull
    /// request's: the first execution that is heard of such a pipeline is taken for the run that its creation
    /// was, and is kept under its own id from then on. An event that comes again, as after a crash, finds the
    /// run as it has left it and is told so: the status may not have been set.
    func take(_ event: RunEvent, deadline: Deadline) throws(CallError) -> Finding {
        let finding = try update(event, or: nil, deadline: deadline)
        guard case .unknown = finding, let pipeline = event.pipeline,
            PullRequestPipelineName.isOne(pipeline),
            let first = try bound(to: event, .first(ofPipeline: pipeline), deadline: deadline)
        else { return finding }
        return try update(event, or: first, deadline: deadline)
    }

    /// - Parameter first: What the run is if it is not known by its id.
    private func update(
        _ event: RunEvent,
        or first: RunRecord?,
        deadline: Deadline
    ) throws(CallError) -> Finding {
        var finding = Finding.unknown
        let update = S3Update(of: services.keys.run(event.name), in: services.s3) { object in
            let known = object.flatMap { RunRecord(parsing: $0.body) }
            guard var run = known ?? first else {
                finding = .unknown
                return nil
            }
            if !run.isFresh, run.progress.isAsOld(as: event.progress) {
                finding = .run(run)
                return nil
            }
            guard run.isFresh || run.progress < event.progress else {
                finding = .late
                return nil
            }
            run.progress = event.progress
            run.target.name = event.pipeline ?? run.target.name
            finding = .run(run)
            return S3Update.Content(run.encoded())
        }
        try services.client.update(update, deadline: deadline)
        return finding
    }

    /// Whether a run's target lies in the account that an event comes from: a pipeline of the same name may lie
    /// in another one that forwards its events too.
    private func isOfAccount(_ target: RunTarget, _ event: RunEvent) -> Bool {
        guard let own = target.roleARN.map({ ARN($0)?.account }) ?? account,
            let other = event.account
        else { return true }
        return isSame(own, other)
    }

    /// The first run of a pipeline, if the event is about it: no other execution was heard of before.
    private func bound(
        to event: RunEvent,
        _ name: RunName,
        deadline: Deadline
    ) throws(CallError) -> RunRecord? {
        var bound: RunRecord?
        let update = S3Update(of: services.keys.run(name), in: services.s3) { object in
            bound = nil
            guard var run = object.flatMap({ RunRecord(parsing: $0.body) }),
                isSame(run.target.region, event.region), isOfAccount(run.target, event)
            else { return nil }
            if let id = run.id {
                if isSame(id, event.id) { bound = run }
                return nil
            }
            run.id = event.id
            bound = run
            return S3Update.Content(run.encoded())
        }
        try services.client.update(update, deadline: deadline)
        return bound
    }
}

/// Finds out which part of a run has failed.
final class FailedPart {
    private let services: Services
    private let roles: AssumedRoles

    /// Milliseconds that it may take: the status is worth more than what it says beside.
    static let patience = 5_000

    init(services: Services) {
        self.services = services
        roles = AssumedRoles(client: services.client, clock: services.clock)
    }

    /// `action Test of stage Build`, `phase BUILD`; `nil` where that cannot be told, such as without the
    /// permission `codepipeline:ListActionExecutions`.
    func name(of run: RunRecord, by event: RunEvent, deadline: Deadline) -> String? {
        guard run.progress.state.isFailure else { return nil }
        guard !run.target.isBuild else { return event.failedPhase }
        let deadline = deadline.limited(
            toMilliseconds: Self.patience,
            from: services.clock.now()
        )
        do throws(CallError) {
            var credentials: Credentials?
            if let arn = run.target.roleARN {
                let name = AWSAccess.sessionName(for: run.repository)
                let role = AssumedRoles.Role(arn: arn, sessionName: name)
                credentials = try roles.credentials(of: [role], deadline: deadline)[0].get()
            }
            let call = CodePipeline.actions(ofExecution: event.id, of: run.target.name)
                .using(credentials: credentials, region: run.target.region)
            let response = try services.client.send(call, deadline: deadline)
            return CodePipeline.failedAction(by: response)
        } catch {
            services.log.info("which action has failed cannot be told: \(error)")
            return nil
        }
    }
}

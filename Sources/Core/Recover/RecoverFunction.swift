internal import AWS
internal import Codec
internal import Platform

/// The function that runs every ten minutes: finds what GitHub could not deliver, and has it
/// delivered once more.
final class RecoverFunction {
    private let services: Services
    private let hooks: [GitHubHook]
    private let recovery: Recovery?

    /// Milliseconds before the function's own deadline that are kept for the checkpoints.
    static let endReserve = 5_000

    /// Reads `RECOVER_HOOKS`, `GITHUB_TOKEN_ARN` and `GITHUB_API_URL`, and notes which are at fault.
    init(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        self.services = services
        hooks = GitHubHook.list(environment, noting: &problems)
        let access = GitHubAccess(environment, services: services, noting: &problems)
        if access == nil { _ = environment.required("GITHUB_TOKEN_ARN", noting: &problems) }
        let records = DecisionLookup(
            client: services.client,
            s3: services.s3,
            keys: services.keys
        )
        recovery = access.map { Recovery(access: $0, records: records, clock: services.clock) }
    }

    /// Looks at every webhook and returns what was done, whatever the event is.
    ///
    /// Fails after that where a webhook could not be looked at, or what was done not be written
    /// down.
    func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let end = invocation.deadline.reserving(milliseconds: Self.endReserve)
        let log = services.log.with(LogField("requestId", invocation.requestID))
        let began = services.clock.now()
        let checkpoints = read(deadline: end)
        var results: [HookRecovery] = []
        for (index, hook) in hooks.enumerated() {
            var result = HookRecovery(hook: hook)
            do throws(APIProblem) {
                // Time is left for each of the others, and for the redeliveries.
                let now = services.clock.now()
                let share = end.remaining(at: now) / (hooks.count - index + 1)
                result = try look(
                    at: hook,
                    checkpoints[index].get(),
                    deadline: end.limited(toMilliseconds: share, from: now)
                )
            } catch {
                result.problem = error.description
            }
            results.append(result)
        }
        recovery?.redeliver(&results, deadline: end) { Self.tell($0, log) }
        write(&results, over: checkpoints, began, deadline: invocation.deadline)
        services.metrics.write(Self.metrics(results))
        return try answer(results, log)
    }

    private func look(
        at hook: GitHubHook,
        _ checkpoint: RecoverCheckpoint?,
        deadline: Deadline
    ) throws(APIProblem) -> HookRecovery {
        guard let recovery else { return HookRecovery(hook: hook) }
        let now = services.clock.now()
        let oldest = now.adding(milliseconds: -RecoverCheckpoint.retention)
        let checkpoint = checkpoint ?? RecoverCheckpoint(since: oldest)
        let since = checkpoint.since.adding(milliseconds: -Recovery.overlap)
        return try recovery.find(
            hook,
            since: max(oldest, since),
            knowing: checkpoint,
            deadline: deadline
        )
    }

    /// The checkpoint of each webhook; `nil` of one that has none.
    private func read(deadline: Deadline) -> [Result<RecoverCheckpoint?, APIProblem>] {
        let calls = hooks.map {
            services.s3.getObject(services.keys.recoverCheckpoint(ofHook: $0.name))
        }
        let answers = services.client.send(calls, deadline: deadline)
        return hooks.indices.map { index in
            do throws(CallError) {
                let object = try S3.object(ofGet: calls[index], answers[index].get())
                guard let object else { return .success(nil) }
                let checkpoint = RecoverCheckpoint(parsing: object.body, for: hooks[index])
                if checkpoint == nil {
                    services.log.warning(
                        "\(calls[index].resource) is no checkpoint and is overwritten"
                    )
                }
                return .success(checkpoint)
            } catch {
                return .failure(APIProblem(.failed, "reading the checkpoint: \(error)"))
            }
        }
    }

    /// Writes the checkpoints of webhooks whose deliveries were all read.
    ///
    /// - Parameter began: what came later may not have been read.
    private func write(
        _ results: inout [HookRecovery],
        over checkpoints: [Result<RecoverCheckpoint?, APIProblem>],
        _ began: Timestamp,
        deadline: Deadline
    ) {
        let now = services.clock.now()
        var written: [Int] = []
        var calls: [AWSCall] = []
        for (index, result) in results.enumerated() where result.isRead {
            guard case .success(let earlier) = checkpoints[index] else { continue }
            var checkpoint = earlier ?? RecoverCheckpoint(since: began)
            checkpoint.since = began
            checkpoint.rest = result.rest
            checkpoint.forget(at: now)
            for missed in result.missed {
                let isGivenUp = missed.isGivenUp
                // It is read again from its first attempt on, until it is done or given up.
                if !isGivenUp { checkpoint.since = min(checkpoint.since, missed.firstAt) }
                guard missed.redeliveries > 0 || isGivenUp else { continue }
                checkpoint.note(
                    RecoverCheckpoint.Redelivered(
                        guid: missed.guid,
                        count: missed.redeliveries,
                        at: now,
                        isGivenUp: isGivenUp
                    )
                )
            }
            if result.rest != nil {
                services.log.warning(
                    "not all deliveries were read, the next run goes on",
                    LogField("hook", result.hook.name)
                )
            }
            written.append(index)
            calls.append(
                services.put(
                    services.keys.recoverCheckpoint(ofHook: result.hook.name),
                    checkpoint.encoded(for: result.hook)
                )
            )
        }
        for (index, answer) in zip(written, services.client.send(calls, deadline: deadline)) {
            if case .failure(let error) = answer, results[index].problem == nil {
                results[index].problem = "writing the checkpoint: \(error)"
            }
        }
    }

    private static func tell(_ missed: MissedDelivery, _ log: Logger) {
        let log = log.with(
            LogField("hook", missed.hook.name),
            .delivery(missed.guid),
            LogField("event", missed.event),
            LogField("deliveredAt", missed.firstAt.iso8601Milliseconds),
            LogField("reason", missed.reason)
        )
        switch missed.outcome {
        case .redelivered: log.info("redelivered", LogField("redelivery", missed.redeliveries))
        case .givenUp(let reason): log.error("given up", LogField("because", reason))
        case nil: break
        }
    }

    private static func metrics(_ results: [HookRecovery]) -> [EmbeddedMetrics.Metric] {
        var (missed, redelivered, givenUp) = (0, 0, 0)
        for result in results {
            missed += result.missed.count
            redelivered += result.redelivered
            givenUp += result.givenUp
        }
        return [
            .init("Missed", missed), .init("Redelivered", redelivered), .init("GivenUp", givenUp),
        ]
    }

    /// What was done, or the error that says which webhooks failed.
    private func answer(
        _ results: [HookRecovery],
        _ log: Logger
    ) throws(InvocationError) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.objects("hooks", results) { json, result in
                json.member("hook", result.hook.name)
                json.member("deliveries", result.deliveries)
                json.member("missed", result.missed.count)
                json.member("redelivered", result.redelivered)
                json.member("givenUp", result.givenUp)
            }
        }
        log.info("looked at webhooks", LogField("recovery", .json(json.bytes)))
        let problems = results.compactMap { result in
            result.problem.map { "\(result.hook.name): \($0)" }
        }
        guard !problems.isEmpty else { return json.bytes }
        throw InvocationError(
            type: "Function.RecoveryIncomplete",
            message: "\(problems.count) of \(results.count) webhooks failed: "
                + problems.joined("; ")
        )
    }
}

extension GitHubHook {
    /// Reads `RECOVER_HOOKS`, a list with commas; one that is named twice counts once.
    fileprivate static func list(
        _ environment: Environment,
        noting problems: inout [ConfigurationError]
    ) -> [GitHubHook] {
        let text = environment.required("RECOVER_HOOKS", noting: &problems)
        var hooks: [GitHubHook] = []
        for part in text.utf8.split(separator: UInt8(ascii: ",")) {
            let name = String(decoding: Array(part)[...].trimmed, as: UTF8.self)
            guard !name.utf8.isEmpty else { continue }
            guard let hook = GitHubHook(name) else {
                problems.append(
                    ConfigurationError(
                        "RECOVER_HOOKS",
                        "names '\(name)', expected orgs/{org}/hooks/{id}, "
                            + "repos/{owner}/{repo}/hooks/{id} or app/hook"
                    )
                )
                continue
            }
            if !hooks.contains(hook) { hooks.append(hook) }
        }
        if hooks.isEmpty, problems.isEmpty {
            problems.append(ConfigurationError("RECOVER_HOOKS", "names no webhook"))
        }
        return hooks
    }
}

internal import AWS
internal import Codec
internal import Platform

/// The function that says at the commit what became of it: it sets statuses, for what is on record and for what
/// events tell of runs.
final class ReportFunction {
    private let services: Services
    private let providers: StatusProviders
    private let failedPart: FailedPart

    /// Milliseconds before the function's own deadline by which it must have answered.
    static let endReserve = 500

    /// Makes the function and notes which variables are at fault; nothing is sent before the first invocation.
    init(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        self.services = services
        providers = StatusProviders(environment, services: services, noting: &problems)
        failedPart = FailedPart(services: services)
    }

    /// Sets the statuses of a decision record, or that of the run that an event is about.
    ///
    /// Fails, so that Lambda tries again, if one could not be set that may be set later.
    func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let request = try ReportRequest(invocation.payload)
        let deadline = invocation.deadline.reserving(milliseconds: Self.endReserve)
        let setter = StatusSetter(
            services: services,
            providers: providers,
            holder: "\(invocation.requestID)/\(services.random.next())",
            lease: invocation.deadline,
            deadline: deadline
        )
        var report = Report()
        defer { services.metrics.write(report.metrics) }
        switch request {
        case .record(let key): try setAll(ofRecord: key, setter, &report)
        case .event(let event):
            let account = invocation.functionARN.flatMap { ARN($0)?.account }
            let tracker = RunTracker(services: services, account: account)
            try set(after: event, tracker, setter, &report)
        case .other(let reason): report.reason = reason
        }
        if let failure = report.failure {
            throw InvocationError(
                type: "Function.StatusesPending",
                message: "\(report.failed) of \(report.count) statuses could not be set "
                    + "yet; \(failure)"
            )
        }
        return report.answer
    }

    private func set(
        after event: RunEvent,
        _ tracker: RunTracker,
        _ setter: StatusSetter,
        _ report: inout Report
    ) throws(InvocationError) {
        let finding: RunTracker.Finding
        do throws(CallError) {
            finding = try tracker.take(event, deadline: setter.deadline)
        } catch {
            throw InvocationError(
                type: "Function.RunUnavailable",
                message: "the run \(event.name.text) cannot be read or written: \(error)"
            )
        }
        switch finding {
        case .unknown: report.reason = "the run has no status"
        case .late: report.reason = "something later is known of the run"
        case .run(let run):
            let part = failedPart.name(of: run, by: event, deadline: setter.deadline)
            let wanted = WantedStatus(run, named: event.name, failedPart: part)
            set(wanted, of: run.place, pushedAt: run.pushedAt, setter, &report)
        }
    }

    private func set(
        _ wanted: WantedStatus,
        of place: StatusPlace,
        pushedAt: Timestamp? = nil,
        _ setter: StatusSetter,
        _ report: inout Report
    ) {
        report.count += 1
        do throws(StatusSetter.Unset) {
            let outcome = try setter.set(wanted, of: place)
            let log = services.log.with(
                LogField("context", place.context),
                LogField("repository", place.repository),
                LogField("commit", place.sha),
                LogField("state", wanted.status.state.rawValue)
            )
            switch outcome {
            case .set:
                log.info("status set")
                report.set += 1
                if let pushedAt, wanted.progress?.state.isEnd == true {
                    let now = services.clock.now().milliseconds
                    report.latency = max(0, now - pushedAt.milliseconds)
                }
            case .unchanged: break
            case .refused(let words):
                log.warning("the status is refused: \(words)")
                report.refused += 1
            }
        } catch {
            report.failed += 1
            report.failure = report.failure ?? "\(place.description): \(error.reason)"
            report.isLimited = error.isLimit
        }
    }
}

/// What is on record.
extension ReportFunction {
    private func setAll(
        ofRecord key: String,
        _ setter: StatusSetter,
        _ report: inout Report
    ) throws(InvocationError) {
        let statuses: [StatusOfRule]
        do throws(CallError) {
            statuses = try statusesOfRules(key, deadline: setter.deadline)
        } catch {
            throw InvocationError(
                type: "Function.RecordUnavailable",
                message: "the decision record or its runs cannot be read: \(error)"
            )
        }
        for status in statuses {
            guard !report.isLimited else {
                // The provider is to be called again by the next attempt.
                report.count += 1
                report.failed += 1
                continue
            }
            set(status.wanted, of: status.place, pushedAt: status.pushedAt, setter, &report)
        }
    }

    private struct StatusOfRule {
        var place: StatusPlace
        var wanted: WantedStatus
        var pushedAt: Timestamp?
    }

    /// What is to be said of the rules of a record, one status for each context.
    ///
    /// If several rules have the same, a run counts before a failure and that before a rule that was skipped.
    private func statusesOfRules(
        _ key: String,
        deadline: Deadline
    ) throws(CallError) -> [StatusOfRule] {
        let call = services.s3.getObject(key)
        let object = try S3.object(ofGet: call, services.client.send(call, deadline: deadline))
        guard let record = object.flatMap({ DecisionRecord(parsing: $0.body) }),
            let decided = record.attempts.last?.at
        else { throw CallError(call, code: "NoRecord", message: "", isRetryable: true) }
        let change = record.change
        guard let source = change["source"]?.string.flatMap(Change.Source.init(rawValue:)),
            let repository = change["repository"]?.string, let sha = change["after"]?.string
        else { return [] }
        let kind = change["kind"]?.string ?? ""
        let delivery = change["delivery"]?.string ?? ""
        let names = record.rules.compactMap {
            $0.outcome == .started && $0.status != nil ? $0.run : nil
        }
        var runs = try runs(names, deadline: deadline)[...]
        var statuses: [StatusOfRule] = []
        var indices: [ByteKey: Int] = [:]
        for rule in record.rules {
            guard let context = rule.status else { continue }
            let place = StatusPlace(
                source: source,
                repository: repository,
                sha: sha,
                context: context,
                ref: change["statusRef"]?.string
            )
            let status: StatusOfRule
            if rule.outcome == .started, let name = rule.run, let found = runs.popFirst() {
                guard let run = found else { continue }
                status = StatusOfRule(
                    place: place,
                    wanted: WantedStatus(run, named: name),
                    pushedAt: run.pushedAt
                )
            } else if let said = rule.statusWithoutRun(kind: kind) {
                var wanted = WantedStatus(said, of: rule.ruleKey, delivery, at: decided)
                wanted.origin = change["pullRequest"]?.int.map { "\(kind):\($0)" } ?? kind
                status = StatusOfRule(place: place, wanted: wanted)
            } else {
                continue
            }
            guard let index = indices[ByteKey(context)] else {
                indices[ByteKey(context)] = statuses.count
                statuses.append(status)
                continue
            }
            if statuses[index].wanted.weight < status.wanted.weight { statuses[index] = status }
        }
        return statuses
    }

    /// Reads runs in parallel; `nil` for one that could not be written: `evaluate` is tried again then.
    private func runs(
        _ names: [RunName],
        deadline: Deadline
    ) throws(CallError) -> [RunRecord?] {
        let calls = names.map { services.s3.getObject(services.keys.run($0)) }
        var runs: [RunRecord?] = []
        for (call, response) in zip(calls, services.client.send(calls, deadline: deadline)) {
            let object = try S3.object(ofGet: call, response.get())
            runs.append(object.flatMap { RunRecord(parsing: $0.body) })
        }
        return runs
    }
}

/// What one invocation has come to so far.
private struct Report {
    /// Statuses that were to be set.
    var count = 0
    /// Those that were set.
    var set = 0
    /// Those that the provider does not take.
    var refused = 0
    /// Those that may be set later, and why the first of them was not.
    var failed = 0
    var failure: String?
    /// The provider is called too often.
    var isLimited = false
    /// Why there was nothing to set.
    var reason: String?
    /// Milliseconds from the push to the end of its run.
    var latency: Int?

    var metrics: [EmbeddedMetrics.Metric] {
        var metrics: [EmbeddedMetrics.Metric] = []
        if set > 0 { metrics.append(.init("StatusSet", set)) }
        if refused > 0 { metrics.append(.init("StatusRefused", refused)) }
        if let latency { metrics.append(.init("ResultLatency", latency, .milliseconds)) }
        return metrics
    }

    var answer: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("statuses", count)
            json.member("set", set)
            json.member("refused", refused)
            json.member("reason", reason)
        }
        return json.bytes
    }
}

/// What `report` is invoked with.
enum ReportRequest: Equatable {
    /// `{"report": {"record": "…"}}`: the key of a decision record.
    case record(String)
    case event(RunEvent)
    /// An event that there is nothing to set for; why.
    case other(String)

    init(_ payload: [UInt8]) throws(InvocationError) {
        let json = try? JSON(parsing: payload)
        if let key = json?["report"]?["record"]?.string {
            self = .record(key)
            return
        }
        guard let json, let type = json["detail-type"]?.string,
            type == RunEvent.ofPipelines || type == RunEvent.ofBuilds
        else {
            throw InvocationError(
                type: "Function.MalformedEvent",
                message: "expected the key of a decision record, or an event of EventBridge of the "
                    + "type \(RunEvent.ofPipelines) or \(RunEvent.ofBuilds)"
            )
        }
        self = RunEvent(json).map { .event($0) } ?? .other("the event tells no state that is known")
    }
}

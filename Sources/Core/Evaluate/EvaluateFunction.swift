internal import AWS
internal import Codec
internal import Platform

/// The function that decides: reads the rules, matches them against a change, starts
/// what they call for, and writes down why.
final class EvaluateFunction {
    private let services: Services
    private let rules: RuleStore
    private let starter: TargetStarter
    private let paths: ProviderPaths
    private let ownSecrets: OwnSecrets
    private let reportFunctionARN: String?

    /// Milliseconds before the function's own deadline by which it must have answered.
    static let endReserve = 500

    /// Makes the function and notes which variables are at fault; nothing is sent before the
    /// first invocation.
    ///
    /// - Parameter room: bytes of memory that rules may take together.
    init(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError],
        room: Int = Budget.repository.limit
    ) {
        self.services = services
        self.rules = RuleStore(services: services, room: room)
        self.starter = TargetStarter(services: services)
        self.paths = ProviderPaths(environment, services: services, noting: &problems)
        self.ownSecrets = OwnSecrets { environment[$0] }
        self.reportFunctionARN = environment["REPORT_FUNCTION_ARN"]
    }

    /// Evaluates one hand-over and returns the decision record.
    ///
    /// Fails, so that Lambda tries again, where the rules could not be read, a start that
    /// may still succeed has not, or what was done could not be written down.
    func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let deadline = invocation.deadline.reserving(milliseconds: Self.endReserve)
        let (delivery, key) = try EvaluateRequestReader(services: services)
            .read(invocation, deadline: deadline)
        if let test = delivery.tests.first { return try selfCheck(test, deadline: deadline) }
        guard let change = delivery.changes.first else {
            services.log.info(delivery.reason, LogField("requestId", invocation.requestID))
            return Self.answerWithoutChange(delivery)
        }
        let kept = ChangeStore(services: services, change: change, foundAt: key)
        var metrics = EvaluationMetrics()
        defer { services.metrics.write(metrics.metrics) }
        return try evaluate(
            kept,
            invocation,
            deadline: deadline,
            rounds: Self.rounds,
            &metrics
        )
    }

    /// How often a push is looked at if older ones of its branch come in meanwhile.
    private static let rounds = 4

    private func evaluate(
        _ store: ChangeStore,
        _ invocation: Invocation,
        deadline: Deadline,
        rounds: Int,
        _ metrics: inout EvaluationMetrics
    ) throws(InvocationError) -> [UInt8] {
        let change = store.change
        let decisions = DecisionStore(services: services, change: change)
        let pullHeads = PullHeadStore(services: services, change: change)
        var (listing, before, changeKey, pullHead) = try read(
            decisions,
            keeping: store,
            pullHeads,
            deadline: deadline
        )
        var lookup = ChangeLookup(
            services: services,
            paths: paths,
            change: change,
            pullHead: pullHead
        )
        var run: StartRun?
        var plans: [Plan] = []
        while let portion = rules.next(of: &listing, deadline: deadline) {
            let decided = try lookup.decide(portion, deadline: deadline)
            let current =
                run
                ?? StartRun(
                    services: services,
                    starter: starter,
                    change: lookup.change,
                    holder: holder(invocation),
                    deadline: deadline,
                    recordKey: decisions.key(over: before),
                    after: before.earlier
                )
            run = current
            var plan = Plan(
                decided,
                of: lookup.change,
                refusal: lookup.refusal,
                ownSecrets: ownSecrets
            )
            current.add(plan.takeStarts())
            plans.append(plan)
            if portion.hasNext { current.performSome() }
        }
        run?.performAll()
        let record = DecisionRecord(
            change: lookup.change,
            changeKey: changeKey,
            rules: Self.outcomes(of: plans, run?.ends ?? []),
            at: services.clock.now(),
            requestID: invocation.requestID
        )
        metrics.count(record.rules, of: change, at: services.clock.now())
        // The record and the ledger are written at the same time. If only one can be, the next attempt finds in it
        // what was started.
        let kept = pullHeads.keeping(over: pullHead)
        var keeping: [Result<HTTPResponse, CallError>] = []
        let written = decisions.write(record, over: before, deadline: deadline) { call in
            let calls = [call] + kept.map { $0.firstCall }
            let responses =
                run?.writeDown(along: calls) ?? services.client.send(calls, deadline: deadline)
            keeping = Array(responses.dropFirst())
            return responses[0]
        }
        var faults = run?.unrecorded ?? []
        for case .failure(let fault) in services.client.finish(kept, keeping, deadline: deadline) {
            faults.append(fault)
        }
        switch written {
        case .failure(let fault): faults.append(fault)
        case .success(let key):
            guard let reportFunctionARN, record.rules.contains(where: { $0.status != nil }) else {
                break
            }
            let isInvoked = ReportInvocation(services: services, functionARN: reportFunctionARN)
                .invoke(record: key, traceID: invocation.traceID, deadline: deadline)
            if !isInvoked { metrics.reportsFailed += 1 }
        }
        services.log.with(LogField("requestId", invocation.requestID), .delivery(change.delivery))
            .log(.info, "decided", Self.fields(record, traceRoot: invocation.traceRoot))
        try failIfUnfinished(record, faults: faults, unstopped: run?.unstopped)
        let isDone = try mapError(try lookup.conclude(deadline: deadline)) {
            InvocationError.notRecorded($0)
        }
        guard isDone else {
            guard rounds > 1 else { throw .overtaken }
            return try evaluate(
                store,
                invocation,
                deadline: deadline,
                rounds: rounds - 1,
                &metrics
            )
        }
        return record.answer
    }

    /// What became of each rule, in the order of the keys.
    private static func outcomes(of plans: [Plan], _ ends: [EndedStart]) -> [RuleOutcome] {
        var ends = ends[...]
        let outcomes = plans.flatMap { $0.outcomes(&ends) }
        if plans.count < 2 { return outcomes }
        return outcomes.inOrder(of: outcomes.map { Array($0.ruleKey.utf8) })
    }

    /// The decision, and the trace by which X-Ray shows how it came about, where there is one.
    private static func fields(_ record: DecisionRecord, traceRoot: String?) -> [LogField] {
        let trace = traceRoot.map { [LogField("traceId", $0)] } ?? []
        return trace + [LogField("decision", .json(record.logLine))]
    }

    /// Names this run alone: Lambda's retries of one invocation share its request id.
    private func holder(_ invocation: Invocation) -> String {
        "\(invocation.requestID)/\(services.random.next())"
    }

    private func read(
        _ decisions: DecisionStore,
        keeping store: ChangeStore,
        _ pullHeads: PullHeadStore,
        deadline: Deadline
    ) throws(InvocationError) -> (
        listing: RuleStore.Listing, before: DecisionStore.Found, changeKey: String?,
        pullHead: PullHeadStore.Known
    ) {
        let heads = pullHeads.reading
        do throws(CallError) {
            let (listing, answers) = try rules.list(
                for: decisions.change,
                along: [decisions.reading] + heads + store.keeping,
                deadline: deadline
            )
            let rest = answers.dropFirst()
            return (
                listing, try decisions.found(answers[0]),
                store.key(Array(rest.dropFirst(heads.count))),
                pullHeads.known(rest.prefix(heads.count))
            )
        } catch {
            throw InvocationError(
                type: "Function.RulesUnavailable",
                message: "nothing was decided, since the rules cannot be read: \(error)"
            )
        }
    }

    private func selfCheck(
        _ test: TriggerTest,
        deadline: Deadline
    ) throws(InvocationError) -> [UInt8] {
        do throws(CallError) {
            let check = try SelfCheckRun(services: services, rules: rules, test: test)
                .perform(deadline: deadline)
            services.log.with(.delivery(test.delivery))
                .info("self-check", LogField("selfCheck", .json(check.logLine)))
            return check.answer
        } catch {
            throw InvocationError(
                type: "Function.RulesUnavailable",
                message: "the self-check could not be made: \(error)"
            )
        }
    }

    /// Throws where another run has something left to do.
    private func failIfUnfinished(
        _ record: DecisionRecord,
        faults: [CallError],
        unstopped why: String?
    ) throws(InvocationError) {
        let pending = record.rules.filter { $0.willBeRetried }
        if let first = pending.first {
            throw InvocationError(
                type: "Function.StartsPending",
                message:
                    "\(pending.count) of \(record.rules.count) rules could not be started yet; "
                    + "\(first.ruleKey): \(first.answer ?? first.reason)"
            )
        }
        if let fault = faults.first { throw .notRecorded(fault) }
        if let why {
            throw InvocationError(
                type: "Function.StopsPending",
                message:
                    "nothing is left to start, but an earlier run could not be stopped yet: \(why)"
            )
        }
    }

    /// The answer to something that has no change in it.
    private static func answerWithoutChange(_ delivery: ParsedDelivery) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("outcome", delivery.outcome.rawValue)
            json.member("reason", delivery.reason)
        }
        return json.bytes
    }
}

extension InvocationError {
    fileprivate static func notRecorded(_ fault: CallError) -> InvocationError {
        InvocationError(
            type: "Function.NotRecorded",
            message: "nothing is left to start, but not everything could be written down: \(fault)"
        )
    }

    fileprivate static var overtaken: InvocationError {
        InvocationError(
            type: "Function.Overtaken",
            message: "older pushes of the branch keep coming in while this one is evaluated"
        )
    }
}

/// What one invocation of `evaluate` has come to so far, as metrics.
struct EvaluationMetrics {
    private var started = 0
    private var latency: Int?
    private var last: [RuleOutcome]?
    /// How often `report` could not be invoked.
    var reportsFailed = 0

    /// Counts a record of this invocation; what was started by one before it stays counted.
    ///
    /// A failure that will be retried is none yet: the invocation fails, which Lambda counts.
    mutating func count(_ outcomes: [RuleOutcome], of change: Change, at now: Timestamp) {
        let started = outcomes.count { $0.outcome == .started }
        self.started += started
        last = outcomes
        guard started > 0, latency == nil else { return }
        let pushedAt = change.eventTime ?? change.receivedAt
        // The provider's clock may be ahead of this one.
        latency = max(0, now.milliseconds - pushedAt.milliseconds)
    }

    /// None where nothing was decided.
    var metrics: [EmbeddedMetrics.Metric] {
        guard let last else { return [] }
        var metrics: [EmbeddedMetrics.Metric] = [
            .init("Started", started),
            .init("Skipped", last.count { $0.outcome == .skipped }),
            .init("Failed", last.count { $0.outcome == .failed && !$0.willBeRetried }),
            .init("InvalidRules", last.count { $0.outcome == .invalid }),
        ]
        if let latency { metrics.append(.init("StartLatency", latency, .milliseconds)) }
        if reportsFailed > 0 { metrics.append(.init("ReportFailed", reportsFailed)) }
        return metrics
    }
}

public import AWS
internal import Codec
internal import Platform
internal import Trigger

/// The function that decides: reads the rules, matches them against a change, starts
/// what they call for, and writes down why.
public final class EvaluateFunction {
    private let services: Services
    private let rules: RuleStore
    private let starter: TargetStarter

    /// Milliseconds before the function's own deadline by which it must have answered.
    static let answerReserve = 500

    /// Makes the function; nothing is sent before the first invocation.
    public init(services: Services) {
        self.services = services
        self.rules = RuleStore(services: services)
        self.starter = TargetStarter(services: services)
    }

    /// Evaluates one hand-over and returns the decision record.
    ///
    /// Fails, so that Lambda tries again, where the rules could not be read, a start that
    /// may still succeed has not, or what was done could not be written down.
    public func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let deadline = invocation.deadline.reserving(milliseconds: Self.answerReserve)
        let description = try description(of: invocation, deadline: deadline)
        guard let change = description.changes.first else {
            services.log.info(description.reason, LogField("requestId", invocation.requestID))
            return Self.nothing(description)
        }
        let decisions = DecisionStore(services: services, change: change)
        let (rules, place) = try read(decisions, deadline: deadline)
        let plan = Plan(rules.decide(change), of: change)
        let (endings, unrecorded) = StartRun(services: services, starter: starter).perform(
            plan.starts,
            of: change,
            holder: holder(invocation),
            deadline: deadline
        )
        let record = DecisionRecord(
            change: change,
            rules: plan.outcomes(endings),
            at: services.clock.now(),
            requestID: invocation.requestID
        )
        let unwritten = decisions.write(record, at: place, deadline: deadline)
        services.log.with(LogField("requestId", invocation.requestID), .delivery(change.delivery))
            .info("decided", LogField("decision", .json(record.logLine)))
        try require(record, faults: unrecorded + unwritten)
        return record.answer
    }

    /// Names this attempt alone: Lambda's retries of one invocation share its request id.
    private func holder(_ invocation: Invocation) -> String {
        "\(invocation.requestID)/\(services.random.next())"
    }

    /// What was handed over, read from S3 where it was too large for the invocation.
    private func description(
        of invocation: Invocation,
        deadline: Deadline
    ) throws(InvocationError) -> Description {
        var handOver = try Self.handOver(invocation.payload)
        if case .stored(let key) = handOver {
            handOver = try Self.handOver(stored(key, deadline: deadline))
        }
        do throws(DescriptionError) {
            return try handOver.describe(receivedAt: services.clock.now())
        } catch {
            throw .malformed(error)
        }
    }

    private static func handOver(_ bytes: [UInt8]) throws(InvocationError) -> HandOver {
        do throws(DescriptionError) {
            return try HandOver(bytes)
        } catch {
            throw .malformed(error)
        }
    }

    private func stored(
        _ key: String,
        deadline: Deadline
    ) throws(InvocationError) -> [UInt8] {
        let call = services.s3.getObject(key)
        do throws(AWSError) {
            let response = try services.client.send(call, deadline: deadline)
            guard case .object(let object) = try S3.result(ofGet: call, response) else {
                throw AWSError(
                    call,
                    status: 404,
                    code: "NoSuchKey",
                    message: "",
                    isRetryable: false
                )
            }
            return object.body
        } catch {
            throw InvocationError(
                type: "Function.ChangeUnavailable",
                message: "the change that was handed over cannot be read: \(error)"
            )
        }
    }

    private func read(
        _ decisions: DecisionStore,
        deadline: Deadline
    ) throws(InvocationError) -> (rules: RuleSet, place: DecisionStore.Place) {
        do throws(AWSError) {
            let (rules, answer) = try rules.rules(
                for: decisions.change,
                along: decisions.reading,
                deadline: deadline
            )
            return (rules, try decisions.place(answer))
        } catch {
            throw InvocationError(
                type: "Function.RulesUnavailable",
                message: "nothing was decided, since the rules cannot be read: \(error)"
            )
        }
    }

    /// Throws where another attempt has something left to do.
    private func require(
        _ record: DecisionRecord,
        faults: [AWSError]
    ) throws(InvocationError) {
        let pending = record.rules.filter { $0.willBeRetried }
        if let first = pending.first {
            throw InvocationError(
                type: "Function.StartsPending",
                message:
                    "\(pending.count) of \(record.rules.count) rules could not be started yet; "
                    + "\(first.ruleKey): \(first.answer ?? "")"
            )
        }
        if let fault = faults.first {
            throw InvocationError(
                type: "Function.NotRecorded",
                message: "everything was started, but not all of it could be written down: \(fault)"
            )
        }
    }

    /// The answer to something that has no change in it.
    private static func nothing(_ description: Description) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("outcome", description.outcome.rawValue)
            json.member("reason", description.reason)
        }
        return json.bytes
    }
}

extension InvocationError {
    fileprivate static func malformed(_ error: DescriptionError) -> InvocationError {
        InvocationError(type: "Function.MalformedEvent", message: error.description)
    }
}

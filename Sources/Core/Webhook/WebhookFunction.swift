package import AWS
internal import Codec
internal import Platform

/// The function that is called first: checks who sent a delivery, describes it as
/// changes, and hands those to `evaluate`.
package final class WebhookFunction {
    private let services: Services
    private let evaluator: Evaluator
    private let gitHub: SharedSecret
    private let dockerHub: SharedSecret
    private let allowsSHA1: Bool
    private let eventAgeLimit: EventAgeLimit
    private let respondsWithDecisions: Bool

    /// Milliseconds before the function's own deadline by which it must have answered.
    static let answerReserve = 500

    /// Makes the function and notes which variables are at fault; nothing is sent before the
    /// first invocation.
    init(
        _ environment: Environment,
        services: Services,
        noting problems: inout [ConfigurationError]
    ) {
        let store = SecretStore(services: services)
        self.services = services
        self.evaluator = Evaluator(
            services: services,
            functionARN: environment.required("EVAL_FUNCTION_ARN", noting: &problems)
        )
        self.gitHub = SharedSecret(
            "GitHub secret",
            .init(arn: environment["GITHUB_SECRET_ARN"], literal: environment["GITHUB_SECRET"]),
            store: store,
            clock: services.clock
        )
        self.dockerHub = SharedSecret(
            "Docker Hub token",
            .init(arn: environment["DOCKERHUB_TOKEN_ARN"], literal: environment["DOCKERHUB_TOKEN"]),
            store: store,
            clock: services.clock
        )
        self.allowsSHA1 = environment["GITHUB_ALLOW_SHA1"] == "true"
        self.eventAgeLimit = EventAgeLimit(environment, noting: &problems)
        self.respondsWithDecisions = environment["RESPOND_WITH_DECISIONS"] == "true"
    }

    /// Takes one event and answers it.
    ///
    /// A request over HTTP always gets an answer. An invocation by AWS itself that cannot
    /// be handed over is an error, so that Lambda tries it again.
    package func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let event: Event
        do throws(EventError) {
            event = try Event(invocation.payload)
        } catch {
            throw InvocationError(type: "Function.UnknownEvent", message: error.description)
        }
        let deadline = invocation.deadline.reserving(milliseconds: Self.answerReserve)
        let log = services.log.with(LogField("requestId", invocation.requestID))
        let context = EventContext(traceID: invocation.traceID, deadline: deadline, log: log)
        let answer =
            switch event {
            case .http(let request): answer(to: request, context)
            case .direct(let direct): try answer(to: direct.verified(), context)
            }
        log.note(answer)
        services.metrics.write(answer.outcome)
        if case .http = event { return answer.encoded() }
        return answer.body
    }

    /// What goes with one event through all that is done about it.
    private struct EventContext {
        var traceID: String?
        var deadline: Deadline
        var log: Logger
    }

    private func answer(to request: HTTPEvent, _ context: EventContext) -> Answer {
        var context = context
        context.deadline =
            AnswerTime(of: request, at: services.clock.now(), within: context.deadline).answer
        do throws(Answer) {
            let delivery = try request.route(dockerHub: dockerHub.isConfigured)
            context.log = context.log.with(.delivery(delivery.id))
            let verified = try verify(delivery, context)
            let description = eventAgeLimit.applied(
                to: try describe(verified),
                at: services.clock.now()
            )
            if respondsWithDecisions, description.changes.count == 1, description.tests.isEmpty,
                let change = description.changes.first
            {
                let page = try decide(change, context)
                return .accepted(description.reason, showing: page, delivery: verified.id)
            }
            try handOver(description, of: verified, context)
            return Answer(description, delivery: verified.id)
        } catch {
            return error
        }
    }

    /// An invocation by AWS itself: what would be an answer to a sender is an error to Lambda.
    private func answer(
        to verified: VerifiedDelivery,
        _ context: EventContext
    ) throws(InvocationError) -> Answer {
        var context = context
        context.log = context.log.with(.delivery(verified.id))
        do throws(Answer) {
            let description = try describe(verified)
            try handOver(description, of: verified, context)
            return Answer(description, delivery: verified.id)
        } catch {
            let isMalformed = error.outcome == .malformed
            throw InvocationError(
                type: isMalformed ? "Function.MalformedEvent" : "Function.Unavailable",
                message: error.reason
            )
        }
    }

    private func verify(
        _ delivery: Delivery,
        _ context: EventContext
    ) throws(Answer) -> VerifiedDelivery {
        let secret =
            switch delivery.provider {
            case .github: gitHub
            case .dockerHub: dockerHub
            }
        let verified: VerifiedDelivery?
        do throws(Unavailable) {
            verified = try secret.verify(
                delivery,
                allowingSHA1: allowsSHA1,
                deadline: context.deadline
            )
        } catch {
            throw unavailable(error, delivery.id, context.log)
        }
        guard let verified else { throw .unauthorized(delivery: delivery.id) }
        return verified
    }

    private func describe(_ verified: VerifiedDelivery) throws(Answer) -> Description {
        do throws(DescriptionError) {
            return try verified.describe(receivedAt: services.clock.now())
        } catch {
            throw .malformed(error.description, delivery: verified.id)
        }
    }

    private func handOver(
        _ description: Description,
        of verified: VerifiedDelivery,
        _ context: EventContext
    ) throws(Answer) {
        do throws(Unavailable) {
            try evaluator.handOver(
                description,
                traceID: context.traceID,
                deadline: context.deadline
            )
        } catch {
            throw unavailable(error, verified.id, context.log)
        }
    }

    private func decide(_ change: Change, _ context: EventContext) throws(Answer) -> DecisionPage {
        do throws(Unavailable) {
            return try evaluator.decide(
                change,
                traceID: context.traceID,
                deadline: context.deadline,
                context.log
            )
        } catch {
            throw unavailable(error, change.delivery, context.log)
        }
    }

    private func unavailable(_ error: Unavailable, _ delivery: String, _ log: Logger) -> Answer {
        if let cause = error.cause { log.error("\(error.reason): \(cause)") }
        return .unavailable(error.reason, delivery: delivery)
    }
}

extension LogField {
    /// The delivery that a line is about.
    static func delivery(_ id: String) -> LogField {
        LogField("delivery", id)
    }
}

extension Logger {
    /// One line for each delivery: what came of it and why.
    fileprivate func note(_ answer: Answer) {
        let level: LogLevel =
            switch answer.outcome {
            case .accepted, .pong, .ignored: .info
            case .unauthorized, .malformed, .rejected: .warning
            case .unavailable: .error
            }
        log(
            level,
            answer.reason,
            [LogField("outcome", answer.outcome.rawValue), .delivery(answer.delivery)]
        )
    }
}

extension Metrics {
    /// What a delivery came to, where somebody may want to be told of it.
    func write(_ outcome: Outcome) {
        switch outcome {
        case .accepted: write([.init("Accepted", 1)])
        case .unauthorized: write([.init("Unauthorized", 1)])
        case .malformed: write([.init("Malformed", 1)])
        case .unavailable: write([.init("Unavailable", 1)])
        case .pong, .ignored, .rejected: break
        }
    }
}

/// How old an event may be that a signed request tells of (`MAX_EVENT_AGE_DAYS`).
///
/// A signature holds no time: anybody who has seen a request can send it again at any time.
/// The ledger prevents a second start only while it remembers the first, and only while the rule
/// keeps its key. This limit holds for all rules, by the event's own time, which is signed.
struct EventAgeLimit {
    /// Whole days; `nil` where there is no limit.
    let days: Int?

    static let variable = "MAX_EVENT_AGE_DAYS"
    /// GitHub keeps deliveries for three days to be redelivered; this leaves time to notice.
    static let defaultDays = 7
    private static let mostDays = 36_500
    private static let millisecondsPerDay = 86_400_000

    /// Reads the variable, and notes it where it is no number of days; 0 is no limit.
    init(_ environment: Environment, noting problems: inout [ConfigurationError]) {
        guard let text = environment[Self.variable] else {
            days = Self.defaultDays
            return
        }
        let isNumber = text.utf8.allSatisfy { $0.isASCIIDigit }
        guard isNumber, let number = Int(text), number <= Self.mostDays else {
            problems.append(
                ConfigurationError(
                    Self.variable,
                    "is no whole number of days from 0 to \(Self.mostDays)"
                )
            )
            days = nil
            return
        }
        days = number == 0 ? nil : number
    }

    /// The description, or that its event is ignored since it is too old.
    func applied(to description: Description, at now: Timestamp) -> Description {
        guard let days, let signedTime = description.signedTime else { return description }
        let age = now.milliseconds - signedTime.milliseconds
        guard age > days * Self.millisecondsPerDay else { return description }
        let limit = Self.inWords(days)
        return .ignored(
            "the event is \(Self.inWords(age / Self.millisecondsPerDay)) old; "
                + "older than \(limit) cannot be told from a replayed request"
        )
    }

    private static func inWords(_ days: Int) -> String {
        days == 1 ? "1 day" : "\(days) days"
    }
}

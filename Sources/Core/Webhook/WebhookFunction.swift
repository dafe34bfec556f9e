internal import AWS
internal import Codec
internal import Platform

/// The function that is called first: checks who sent a delivery, reads the changes in it, and hands
/// them to `evaluate`.
final class WebhookFunction {
    private let services: Services
    private let evaluator: Evaluator
    /// What the providers share with us whose routes exist.
    private let secrets: [WebhookSecret]
    private let eventAgeLimit: EventAgeLimit
    private let respondsWithDecisions: Bool

    /// Milliseconds before the function's own deadline by which it must have responded.
    static let endReserve = 500

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
        self.secrets = Provider.all(allowingSHA1: environment["GITHUB_ALLOW_SHA1"] == "true")
            .map { WebhookSecret(of: $0, environment, store: store, services: services) }
            .filter { $0.isConfigured || $0.provider.secret.isMissed }
        self.eventAgeLimit = EventAgeLimit(environment, noting: &problems)
        self.respondsWithDecisions = environment["RESPOND_WITH_DECISIONS"] == "true"
    }

    /// Takes one event and responds to it.
    ///
    /// A request over HTTP always gets a response. An invocation by AWS itself that cannot
    /// be handed over is an error, so that Lambda tries it again.
    func handle(_ invocation: Invocation) throws(InvocationError) -> [UInt8] {
        let event: Event
        do throws(EventError) {
            event = try Event(invocation.payload)
        } catch {
            throw InvocationError(type: "Function.UnknownEvent", message: error.description)
        }
        let deadline = invocation.deadline.reserving(milliseconds: Self.endReserve)
        let log = services.log.with(LogField("requestId", invocation.requestID))
        let context = EventContext(traceID: invocation.traceID, deadline: deadline, log: log)
        let response =
            switch event {
            case .http(let request): respond(to: request, context)
            case .direct(let direct): try respond(to: direct.verified(), context)
            }
        log.note(response)
        services.metrics.write(response.outcome)
        if case .http = event { return response.encoded() }
        return response.body
    }

    /// What goes with one event through all that is done about it.
    private struct EventContext {
        var traceID: String?
        var deadline: Deadline
        var log: Logger
    }

    private func respond(to request: HTTPEvent, _ context: EventContext) -> WebhookResponse {
        var context = context
        context.deadline =
            ResponseDeadline(of: request, at: services.clock.now(), within: context.deadline)
            .response
        do throws(WebhookResponse) {
            let delivery = try request.route(among: secrets.map { $0.provider })
            context.log = context.log.with(.delivery(delivery.id))
            let verified = try verify(delivery, context)
            var parsed = try parse(verified)
            if delivery.provider.provesTimes {
                parsed = eventAgeLimit.applied(to: parsed, at: services.clock.now())
            }
            if respondsWithDecisions, parsed.changes.count == 1, parsed.tests.isEmpty,
                let change = parsed.changes.first
            {
                let page = try decide(change, context)
                return .accepted(parsed.reason, showing: page, delivery: verified.id)
            }
            try handOver(parsed, of: verified, context)
            return WebhookResponse(parsed, delivery: verified.id)
        } catch {
            return error
        }
    }

    /// An invocation by AWS itself: what would be a response to a sender is an error to Lambda.
    private func respond(
        to verified: VerifiedDelivery,
        _ context: EventContext
    ) throws(InvocationError) -> WebhookResponse {
        var context = context
        context.log = context.log.with(.delivery(verified.id))
        do throws(WebhookResponse) {
            let parsed = try parse(verified)
            try handOver(parsed, of: verified, context)
            return WebhookResponse(parsed, delivery: verified.id)
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
    ) throws(WebhookResponse) -> VerifiedDelivery {
        let variable = delivery.provider.secret.variable
        let secret = secrets.first { isSame($0.provider.secret.variable, variable) }
        let verified = try mapError(
            try secret?.verify(delivery, deadline: context.deadline)
        ) { unavailable($0, delivery.id, context.log) }
        guard let verified else { throw .unauthorized(delivery: delivery.id) }
        return verified
    }

    private func parse(_ verified: VerifiedDelivery) throws(WebhookResponse) -> ParsedDelivery {
        try mapError(try verified.parse(receivedAt: services.clock.now())) {
            (error: ParsingError) in
            WebhookResponse.malformed(error.description, delivery: verified.id)
        }
    }

    private func handOver(
        _ parsed: ParsedDelivery,
        of verified: VerifiedDelivery,
        _ context: EventContext
    ) throws(WebhookResponse) {
        try mapError(
            try evaluator.handOver(parsed, traceID: context.traceID, deadline: context.deadline)
        ) { unavailable($0, verified.id, context.log) }
    }

    private func decide(
        _ change: Change,
        _ context: EventContext
    ) throws(WebhookResponse) -> DecisionPage {
        let (traceID, deadline, log) = (context.traceID, context.deadline, context.log)
        return try mapError(
            try evaluator.decide(change, traceID: traceID, deadline: deadline, log)
        ) { unavailable($0, change.delivery, log) }
    }

    private func unavailable(_ error: Unavailable, _ delivery: String, _ log: Logger)
        -> WebhookResponse
    {
        if let cause = error.cause { log.error("\(error.reason): \(cause)") }
        return .unavailable(error.reason, delivery: delivery)
    }
}

extension LogField {
    static func delivery(_ id: String) -> LogField {
        LogField("delivery", id)
    }
}

extension Logger {
    /// One line for each delivery: what came of it and why.
    fileprivate func note(_ response: WebhookResponse) {
        let level: LogLevel =
            switch response.outcome {
            case .accepted, .pong, .ignored: .info
            case .unauthorized, .malformed, .rejected: .warning
            case .unavailable: .error
            }
        log(
            level,
            response.reason,
            [LogField("outcome", response.outcome.rawValue), .delivery(response.delivery)]
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

    /// The delivery, or that its event is ignored since it is too old.
    func applied(to parsed: ParsedDelivery, at now: Timestamp) -> ParsedDelivery {
        guard let days, let eventTime = parsed.eventTime else { return parsed }
        let age = now.milliseconds - eventTime.milliseconds
        guard age > days * Self.millisecondsPerDay else { return parsed }
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

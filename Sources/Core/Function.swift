package import AWS
package import Platform

/// The functions that one binary can be, told apart by `_HANDLER`.
package enum Function: String, CaseIterable, Sendable {
    case webhook
    case evaluate
    case resource
    /// Sets the statuses of commits.
    case report
    case recover

    /// The function of a handler's name.
    ///
    /// Throws what Lambda reports as an init error.
    package init(handler: String?) throws(InvocationError) {
        guard let function = Function(rawValue: handler ?? "") else {
            throw InvocationError(
                type: "Runtime.BadEnvironment",
                message: "_HANDLER is '\(handler ?? "")', expected "
                    + Function.allCases.map { $0.rawValue }.alternatives
            )
        }
        self = function
    }

    /// Makes the function ready; nothing is sent before its first invocation.
    ///
    /// Throws an init error that names every variable at fault.
    package func handler(
        environment: Environment,
        transport: Transport,
        clock: WallClock,
        random: Randomness,
        log: Logger
    ) throws(InvocationError) -> RuntimeLoop.Handler {
        var problems: [ConfigurationError] = []
        let services = Services(
            Configuration(environment, noting: &problems),
            transport: transport,
            clock: clock,
            random: random,
            log: log,
            functionName: environment["AWS_LAMBDA_FUNCTION_NAME"],
            attemptLimit: attemptLimit
        )
        let handler =
            switch self {
            case .webhook:
                WebhookFunction(environment, services: services, noting: &problems).handle
            case .evaluate:
                EvaluateFunction(environment, services: services, noting: &problems).handle
            case .resource:
                ResourceFunction(
                    environment,
                    services: services,
                    answers: CustomResourceResponder(
                        transport: transport,
                        clock: clock,
                        random: random
                    )
                ).handle
            case .report:
                ReportFunction(environment, services: services, noting: &problems).handle
            case .recover:
                RecoverFunction(environment, services: services, noting: &problems).handle
            }
        guard problems.isEmpty else {
            throw InvocationError(
                type: "Runtime.BadEnvironment",
                message: problems.map { $0.description }.joined(separator: "; ")
            )
        }
        return handler
    }

    /// Milliseconds that one attempt of a call may take, so that an answer that is lost
    /// leaves time for another: GitHub waits for 10 s, Lambda for a minute, and an answer to
    /// CloudFormation comes after all that is done in S3.
    private var attemptLimit: Int {
        switch self {
        case .webhook: 2_500
        case .evaluate, .report, .recover: 10_000
        case .resource: 5_000
        }
    }
}

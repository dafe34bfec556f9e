public import AWS
public import Platform

/// The functions that one binary can be, told apart by `_HANDLER`.
public enum Function: String, Sendable {
    /// Takes deliveries.
    case webhook
    /// Decides and starts.
    case evaluate

    /// The function of a handler's name.
    ///
    /// Throws what Lambda reports as an init error.
    public init(handler: String?) throws(InvocationError) {
        guard let function = Function(rawValue: handler ?? "") else {
            throw InvocationError(
                type: "Runtime.BadEnvironment",
                message: "_HANDLER is '\(handler ?? "")', expected webhook or evaluate"
            )
        }
        self = function
    }

    /// Makes the function ready; nothing is sent before its first invocation.
    ///
    /// Throws an init error that names every variable at fault.
    public func handler(
        environment: Environment,
        transport: Transport,
        clock: WallClock,
        random: Randomness,
        log: Logger
    ) throws(InvocationError) -> RuntimeLoop.Handler {
        do throws(EnvironmentError) {
            let services = Services(
                try Configuration(environment),
                transport: transport,
                clock: clock,
                random: random,
                log: log,
                attemptLimit: attemptLimit
            )
            switch self {
            case .webhook: return try WebhookFunction(environment, services: services).handle
            case .evaluate: return EvaluateFunction(services: services).handle
            }
        } catch {
            throw InvocationError(type: "Runtime.BadEnvironment", message: error.description)
        }
    }

    /// Milliseconds that one attempt of a call may take, so that an answer that is lost
    /// leaves time for another: GitHub waits for 10 s, Lambda for a minute.
    private var attemptLimit: Int {
        switch self {
        case .webhook: 2_500
        case .evaluate: 10_000
        }
    }
}

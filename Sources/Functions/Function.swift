public import AWS
public import Platform

/// The functions that one binary can be, told apart by `_HANDLER`.
public enum Function {
    /// Makes a function ready; nothing is sent before its first invocation.
    ///
    /// Throws what Lambda reports as an init error: a handler that is none of ours, or the
    /// variables that are missing.
    public static func named(
        _ handler: String?,
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
                log: log
            )
            switch handler {
            case "webhook":
                return try WebhookFunction(environment, services: services).handle
            case "evaluate":
                return EvaluateFunction(services: services).handle
            default:
                throw EnvironmentError([
                    ConfigurationError(
                        "_HANDLER",
                        "is '\(handler ?? "")', expected webhook or evaluate"
                    )
                ])
            }
        } catch {
            throw InvocationError(type: "Runtime.BadEnvironment", message: error.description)
        }
    }
}

import AWS
import Core
import Platform

/// The process: environment → function → loop.
@main
enum Bootstrap {
    static func main() {
        Version.answerIfAsked(as: "bootstrap")
        let environment = Environment.process
        let clock = WallClock.system
        let log = Logger(environment: environment, clock: clock)
        if !Exit.atOnceOnSIGTERM() { log.warning("SIGTERM cannot be handled") }
        let status = RuntimeLoop.serve(environment: environment, clock: clock, log: log) {
            () throws(InvocationError) in
            try Function(handler: environment["_HANDLER"]).handler(
                environment: environment,
                transport: HTTPClient(caBundle: environment["AWS_CA_BUNDLE"], clock: clock)
                    .transport,
                clock: clock,
                random: .system,
                log: log
            )
        }
        Exit.now(status: status)
    }
}

import AWS
import Platform

/// The release's runtime loop with a handler that does nearly nothing.
///
/// The benchmark and the emulator's tests measure the loop by it; it is not part of the release.
@main
enum Echo {
    static func main() {
        let environment = Environment.process
        let log = Logger(environment: environment, clock: .system)
        if !Exit.atOnceOnSIGTERM() { log.warning("SIGTERM cannot be handled") }
        let status = RuntimeLoop.serve(environment: environment, clock: .system, log: log) {
            () throws(InvocationError) in
            handler(named: environment["_HANDLER"])
        }
        Exit.now(status: status)
    }

    private static func handler(named name: String?) -> RuntimeLoop.Handler {
        switch name {
        case "twice":
            // The way to a response that is larger than any event.
            { (invocation) throws(InvocationError) in invocation.payload + invocation.payload }
        case "fail":
            { (invocation) throws(InvocationError) in
                throw InvocationError(
                    type: "Function.AsTold",
                    message: String(decoding: invocation.payload, as: UTF8.self)
                )
            }
        default:
            { (invocation) throws(InvocationError) in invocation.payload }
        }
    }
}

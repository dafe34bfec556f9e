import AWS
import Platform

/// The release's runtime loop with a handler that gives the event back.
///
/// The benchmark and the emulator's tests measure the loop by it; it is not part of the release.
@main
enum Echo {
    static func main() {
        let log = Logger(environment: .process, clock: .system)
        guard Exit.atOnceOnSIGTERM() else {
            log.error("cannot handle SIGTERM")
            Exit.now(status: 1)
        }
        let status = RuntimeLoop.serve(environment: .process, clock: .system, log: log) {
            () throws(InvocationError) -> RuntimeLoop.Handler in
            { (invocation) throws(InvocationError) in invocation.payload }
        }
        Exit.now(status: status)
    }
}

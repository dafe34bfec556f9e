package import Platform

extension RuntimeLoop {
    /// Serves this process's invocations and returns the status with which to exit.
    ///
    /// - Parameters:
    ///   - environment: has `AWS_LAMBDA_RUNTIME_API`, set by Lambda
    ///   - clock: the time, and how to wait between attempts
    ///   - log: where the loop's own troubles go
    ///   - makeHandler: makes the function ready; where it throws, the process ends
    package static func serve(
        environment: Environment,
        clock: WallClock,
        log: Logger,
        _ makeHandler: () throws(InvocationError) -> Handler
    ) -> Int {
        let api: RuntimeAPI
        do throws(RuntimeAPIError) {
            api = try RuntimeAPI(address: environment["AWS_LAMBDA_RUNTIME_API"] ?? "")
        } catch {
            log.error(error.description)
            return 1
        }
        let connection = HTTPConnection()
        let traceID = ProcessVariable("_X_AMZN_TRACE_ID")
        return RuntimeLoop(
            api: api,
            perform: { (request, timeout) throws(TransportError) in
                try connection.perform(request, timeoutMilliseconds: timeout)
            },
            setTraceID: traceID.set,
            clock: clock,
            log: log
        ).run(makeHandler)
    }
}

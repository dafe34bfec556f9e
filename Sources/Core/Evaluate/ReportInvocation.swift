internal import AWS
internal import Codec
internal import Platform

/// The `report` function as `evaluate` sees it: sets the statuses of what is on record.
struct ReportInvocation {
    let services: Services
    let functionARN: String

    /// Milliseconds until it is invoked again after a failure; twice as many after each further one.
    private static let firstPause = 500
    private static let longestPause = 8_000

    /// Invokes it asynchronously, again and again until it is invoked or time is up; false if it is not.
    ///
    /// Nothing depends on it: everything is started and on record by then.
    func invoke(record key: String, traceID: String?, deadline: Deadline) -> Bool {
        var json = JSONWriter()
        json.object { json in json.object("report") { $0.member("record", key) } }
        let call = LambdaService.invokeAsynchronously(
            functionARN,
            payload: json.bytes,
            traceID: traceID
        )
        var pause = Self.firstPause
        while true {
            do throws(CallError) {
                _ = try services.client.send(call, deadline: deadline)
                return true
            } catch {
                let left = deadline.remaining(at: services.clock.now())
                guard error.isRetryable, pause < left else {
                    services.log.error("no status is set of \(key): \(error)")
                    return false
                }
            }
            services.clock.sleep(pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }
}

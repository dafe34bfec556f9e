internal import Codec
package import Platform

/// Takes invocations from the Runtime API one at a time, for as long as the process lives.
package struct RuntimeLoop {
    /// Sends one request; without a time limit it waits for ever.
    typealias Perform = (
        _ request: HTTPRequest, _ timeoutMilliseconds: Int?
    ) throws(TransportError) -> HTTPResponse

    /// Turns an event into a response.
    package typealias Handler = (_ invocation: Invocation) throws(InvocationError) -> [UInt8]

    /// How long to wait after each failure in a row, in milliseconds; one more ends the process.
    ///
    /// Five seconds in all: the Runtime API is in the same sandbox, and a new process is cheap.
    static let backOff = [50, 100, 200, 400, 800, 1_600, 2_000]

    /// How long the report of a failed start may take: it must not keep the process from ending.
    static let initFailureTimeoutMilliseconds = 5_000

    let api: RuntimeAPI
    let perform: Perform
    /// Sets `_X_AMZN_TRACE_ID`, or removes it.
    let setTraceID: (String?) -> Void
    let clock: WallClock
    let log: Logger

    /// Makes the handler ready and serves invocations; returns the status with which to exit.
    ///
    /// Returns only if it cannot go on: the handler could not be made ready, or the Runtime API has
    /// failed for good.
    func run(_ makeHandler: () throws(InvocationError) -> Handler) -> Int {
        do throws(InvocationError) {
            let handler = try makeHandler()
            return serve(with: handler)
        } catch {
            log.error("cannot start: \(error)")
            return reportInitFailure(error)
        }
    }

    private func serve(with handler: Handler) -> Int {
        while let invocation = next(), answer(invocation, with: handler) {}
        return 1
    }

    /// Asks until there is an invocation; `nil` if the Runtime API has failed for good.
    ///
    /// A 403 or a broken connection is no reason to end: both come after a frozen sandbox thaws.
    private func next() -> Invocation? {
        var delays = Self.backOff[...]
        while true {
            do throws(RuntimeAPIError) {
                return try askForNext()
            } catch {
                guard let delay = delays.popFirst() else {
                    log.error("\(error); giving up after \(Self.backOff.count + 1) attempts")
                    return nil
                }
                log.warning("\(error); trying again in \(delay) ms")
                clock.sleep(delay)
            }
        }
    }

    private func askForNext() throws(RuntimeAPIError) -> Invocation {
        // No time limit: Lambda freezes the sandbox while there is nothing to do, for hours.
        let response = try send(api.next)
        guard response.status == 200 else { throw RuntimeAPIError(refusing: api.next, response) }
        return try Invocation(response, receivedAt: clock.now())
    }

    /// Runs the handler and delivers its response; `false` if the process must end.
    private func answer(_ invocation: Invocation, with handler: Handler) -> Bool {
        let log = log.with(LogField("requestId", invocation.requestID))
        setTraceID(invocation.traceID)
        let answer: HTTPRequest
        do throws(InvocationError) {
            answer = api.response(to: invocation.requestID, body: try handler(invocation))
        } catch {
            log.error(error.description)
            answer = api.failure(of: invocation.requestID, error)
        }
        do throws(RuntimeAPIError) {
            try deliver(answer, log)
            return true
        } catch {
            log.error("\(error); giving up")
            return false
        }
    }

    /// Posts a response.
    ///
    /// A response that is refused is lost; the loop goes on with the next invocation.
    private func deliver(_ answer: HTTPRequest, _ log: Logger) throws(RuntimeAPIError) {
        let response = try sendTwice(answer, log)
        switch response.status {
        case 200..<300:
            return
        case 413:
            // The caller has been told already: an error answer would be out of turn.
            log.error(
                "a response of \(answer.body.count) bytes exceeds the "
                    + "\(RuntimeAPI.maximumResponse) bytes that Lambda takes"
            )
        case 500...:
            // "Container error. Non-recoverable state. Runtime should exit promptly."
            throw RuntimeAPIError(refusing: answer, response)
        default:
            log.error(RuntimeAPIError(refusing: answer, response).description)
        }
    }

    /// Sends a response, and once more if nothing came back.
    ///
    /// That is safe: the Runtime API accepts one response for an invocation and refuses a second.
    private func sendTwice(
        _ answer: HTTPRequest,
        _ log: Logger
    ) throws(RuntimeAPIError) -> HTTPResponse {
        do throws(RuntimeAPIError) {
            return try send(answer)
        } catch {
            log.warning("\(error); trying once more")
            return try send(answer)
        }
    }

    private func reportInitFailure(_ error: InvocationError) -> Int {
        let request = api.initFailure(error)
        do throws(RuntimeAPIError) {
            let response = try send(request, Self.initFailureTimeoutMilliseconds)
            if response.status >= 300 { throw RuntimeAPIError(refusing: request, response) }
        } catch {
            log.error(error.description)
        }
        return 1
    }

    private func send(
        _ request: HTTPRequest,
        _ timeoutMilliseconds: Int? = nil
    ) throws(RuntimeAPIError) -> HTTPResponse {
        try mapError(try perform(request, timeoutMilliseconds)) { (error: TransportError) in
            RuntimeAPIError.unanswered(path: RuntimeAPI.shown(request.target), error)
        }
    }
}

extension RuntimeLoop {
    /// Serves this process's invocations and returns the status with which to exit.
    ///
    /// - Parameter makeHandler: makes the function ready; where it throws, the process ends
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

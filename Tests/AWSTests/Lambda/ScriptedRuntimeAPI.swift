@testable import AWS
import Codec
import Platform

/// A Runtime API that answers from two lists, in memory.
///
/// Once the invocations are used up it is unreachable, which ends the loop.
final class ScriptedRuntimeAPI {
    typealias Answer = Result<HTTPResponse, TransportError>

    /// What the loop did.
    struct Report {
        var status = 0
        var requests: [HTTPRequest] = []
        var timeouts: [Int?] = []
        var slept: [Int] = []
        var traceIDs: [String?] = []
        var log: [String] = []

        /// What was posted.
        var posts: [HTTPRequest] { requests.filter { $0.method == "POST" } }

        /// A line of the log, from 0; empty where there are fewer.
        func line(_ number: Int) -> String { number < log.count ? log[number] : "" }
    }

    private var next: [Answer]
    private var post: [Answer]
    private var report = Report()

    /// Answers `/next` from one list and what is posted from the other, then with 202.
    init(next: [Answer], post: [Answer] = []) {
        self.next = next
        self.post = post
    }

    /// Runs a loop on it, until the loop ends.
    func run(_ makeHandler: () throws(InvocationError) -> RuntimeLoop.Handler) throws -> Report {
        report.status = try loop(address: "127.0.0.1:9001", self.answer).run(makeHandler)
        return report
    }

    /// Runs a loop with another way to send, such as a real connection, and reports on it.
    func loop(address: String, _ perform: @escaping RuntimeLoop.Perform) throws -> RuntimeLoop {
        let clock = WallClock(
            now: { InvocationTests.now },
            sleep: { self.report.slept.append($0) }
        )
        return RuntimeLoop(
            api: try RuntimeAPI(address: address),
            perform: { (request, timeout) throws(TransportError) in
                self.report.requests.append(request)
                self.report.timeouts.append(timeout)
                return try perform(request, timeout)
            },
            setTraceID: { self.report.traceIDs.append($0) },
            clock: clock,
            log: Logger(format: .json, minimum: .debug, clock: clock) {
                self.report.log.append(String(decoding: $0, as: UTF8.self))
            }
        )
    }

    /// Runs a loop with another way to send.
    func run(
        address: String,
        _ perform: @escaping RuntimeLoop.Perform,
        _ makeHandler: () throws(InvocationError) -> RuntimeLoop.Handler
    ) throws -> Report {
        report.status = try loop(address: address, perform).run(makeHandler)
        return report
    }

    private func answer(
        _ request: HTTPRequest,
        _ timeout: Int?
    ) throws(TransportError) -> HTTPResponse {
        if request.method == "GET" {
            guard !next.isEmpty else { throw Self.unreachable }
            return try next.removeFirst().get()
        }
        guard !post.isEmpty else { return HTTPResponse(status: 202) }
        return try post.removeFirst().get()
    }

    static let unreachable = TransportError(
        .unreachable,
        method: "GET",
        origin: "http://127.0.0.1:9001",
        reason: "connection refused"
    )
    static let broken = TransportError(
        .broken,
        method: "POST",
        origin: "http://127.0.0.1:9001",
        reason: "empty reply from server"
    )
}

extension Result where Success == HTTPResponse, Failure == TransportError {
    /// An invocation with that request id.
    static func invocation(
        _ requestID: String,
        _ payload: String = "{}",
        _ headers: HTTPHeaders = [:]
    ) -> Self {
        var all: HTTPHeaders = [
            "Lambda-Runtime-Aws-Request-Id": requestID,
            "Lambda-Runtime-Deadline-Ms": "1700000003000",
        ]
        for field in headers.fields { all.append(field.name, field.value) }
        return .success(HTTPResponse(status: 200, headers: all, body: Array(payload.utf8)))
    }

    /// An answer without a body.
    static func status(_ status: Int) -> Self { .success(HTTPResponse(status: status)) }
}

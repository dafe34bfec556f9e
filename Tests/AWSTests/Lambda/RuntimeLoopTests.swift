import Platform
import Testing

@testable import AWS

/// The loop against answers in memory: what it asks, in which order, and how it ends.
struct RuntimeLoopTests {
    static func echo(_ invocation: Invocation) -> [UInt8] { invocation.payload }
    static let next = "/2018-06-01/runtime/invocation/next"
    static func response(_ id: String) -> String {
        "/2018-06-01/runtime/invocation/\(id)/response"
    }
    static func error(_ id: String) -> String { "/2018-06-01/runtime/invocation/\(id)/error" }

    /// What a loop does of itself once the Runtime API is gone: eight attempts, then the end.
    static let farewell = [String](repeating: next, count: 8)

    @Test func `invocations are answered one by one`() throws {
        let api = ScriptedRuntimeAPI(next: [.invocation("a", "1"), .invocation("b", "2")])
        let report = try api.run { Self.echo }
        #expect(
            report.requests.map(\.target)
                == [Self.next, Self.response("a"), Self.next, Self.response("b")] + Self.farewell
        )
        #expect(report.posts.map(\.body) == [Array("1".utf8), Array("2".utf8)])
    }

    @Test func `nothing has a time limit, because Lambda freezes the process`() throws {
        let report = try ScriptedRuntimeAPI(next: [.invocation("a")]).run { Self.echo }
        #expect(report.timeouts.allSatisfy { $0 == nil })
    }

    @Test func `the deadline reaches the handler as a value`() throws {
        var remaining: [Int] = []
        _ = try ScriptedRuntimeAPI(next: [.invocation("a")]).run {
            { invocation in
                remaining.append(invocation.deadline.remaining(at: InvocationTests.now))
                return []
            }
        }
        #expect(remaining == [3_000])
    }

    @Test func `the trace id is set for each invocation and removed where there is none`() throws {
        let report = try ScriptedRuntimeAPI(next: [
            .invocation("a", "", ["Lambda-Runtime-Trace-Id": "Root=1"]), .invocation("b"),
            .invocation("c", "", ["Lambda-Runtime-Trace-Id": "Root=3"]),
        ]).run { Self.echo }
        #expect(report.traceIDs == ["Root=1", nil, "Root=3"])
    }

    @Test func `a handler's error is posted and logged with the request id, and the loop goes on`()
        throws
    {
        let report = try ScriptedRuntimeAPI(next: [.invocation("a"), .invocation("b")]).run {
            { invocation throws(InvocationError) in
                if invocation.requestID == "a" {
                    throw InvocationError(type: "Function.Oops", message: "no such key")
                }
                return invocation.payload
            }
        }
        #expect(report.posts.map(\.target) == [Self.error("a"), Self.response("b")])
        #expect(
            report.posts.first?.headers["Lambda-Runtime-Function-Error-Type"] == "Function.Oops"
        )
        #expect(report.line(0).contains("Function.Oops: no such key"))
        #expect(report.line(0).contains(#""requestId":"a""#))
    }

    @Test func `a failed start is reported and ends the process with 1`() throws {
        let report = try ScriptedRuntimeAPI(next: [.invocation("a")]).run {
            () throws(InvocationError) in
            throw InvocationError(type: "Runtime.InvalidEnvironment", message: "S3_BUCKET: missing")
        }
        #expect(report.status == 1)
        #expect(report.requests.map(\.target) == ["/2018-06-01/runtime/init/error"])
        #expect(report.timeouts == [5_000])
        #expect(report.log.count == 1)
        #expect(
            report.line(0).contains(
                "cannot start: Runtime.InvalidEnvironment: S3_BUCKET: missing"
            )
        )
    }

    @Test(
        arguments: [
            (.failure(ScriptedRuntimeAPI.unreachable), "connection refused"),
            (.status(403), "POST /2018-06-01/runtime/init/error: 403"),
        ] as [(ScriptedRuntimeAPI.Answer, String)]
    )
    func `a failed start that cannot be reported ends the process with 1 all the same`(
        answer: ScriptedRuntimeAPI.Answer,
        message: String
    ) throws {
        let report = try ScriptedRuntimeAPI(next: [], post: [answer]).run {
            () throws(InvocationError) in
            throw InvocationError(type: "Runtime.Oops", message: "no")
        }
        #expect(report.status == 1)
        #expect(report.requests.count == 1)
        #expect(report.log.count == 2)
        #expect(report.line(1).contains(message))
    }

    // What is posted and refused.

    @Test(arguments: [400, 403, 404, 409, 413, 301, 100])
    func `an answer that is refused is lost and the loop goes on to the next`(status: Int) throws {
        let api = ScriptedRuntimeAPI(
            next: [.invocation("a"), .invocation("b")],
            post: [.status(status)]
        )
        let report = try api.run { Self.echo }
        #expect(report.posts.map(\.target) == [Self.response("a"), Self.response("b")])
        #expect(report.line(0).contains(#""requestId":"a""#))
    }

    @Test func `a response that is too large is logged with its size and not posted as an error`()
        throws
    {
        let api = ScriptedRuntimeAPI(
            next: [.invocation("a"), .invocation("b")],
            post: [.status(413)]
        )
        let report = try api.run { { _ in [UInt8](repeating: 32, count: 6_291_557) } }
        #expect(report.posts.map(\.target) == [Self.response("a"), Self.response("b")])
        #expect(
            report.line(0).contains(
                "a response of 6291557 bytes exceeds the 6291556 bytes that Lambda takes"
            )
        )
    }

    @Test(arguments: [500, 502, 503, 599])
    func `a container error ends the process with 1`(status: Int) throws {
        let api = ScriptedRuntimeAPI(
            next: [.invocation("a"), .invocation("b")],
            post: [.status(status)]
        )
        let report = try api.run { Self.echo }
        #expect(report.status == 1)
        #expect(report.requests.map(\.target) == [Self.next, Self.response("a")])
        #expect(report.line(0).contains("\(Self.response("a")): \(status); giving up"))
        #expect(report.line(0).contains(#""requestId":"a""#))
    }

    @Test(arguments: [.status(202), .status(400)] as [ScriptedRuntimeAPI.Answer])
    func `an answer that broke off is posted once more`(second: ScriptedRuntimeAPI.Answer) throws {
        let api = ScriptedRuntimeAPI(
            next: [.invocation("a"), .invocation("b")],
            post: [.failure(ScriptedRuntimeAPI.broken), second]
        )
        let report = try api.run { Self.echo }
        #expect(
            report.posts.map(\.target)
                == [Self.response("a"), Self.response("a"), Self.response("b")]
        )
        #expect(report.line(0).contains("empty reply from server; trying once more"))
    }

    @Test func `an answer that broke off twice ends the process with 1`() throws {
        let broken = ScriptedRuntimeAPI.Answer.failure(ScriptedRuntimeAPI.broken)
        let api = ScriptedRuntimeAPI(next: [.invocation("a")], post: [broken, broken])
        let report = try api.run { Self.echo }
        #expect(report.status == 1)
        #expect(
            report.requests.map(\.target) == [Self.next, Self.response("a"), Self.response("a")]
        )
        #expect(report.line(1).contains("empty reply from server; giving up"))
    }

    // What `/next` may answer.

    @Test(
        arguments: [
            (.status(403), "403"), (.status(500), "500"), (.status(503), "503"),
            (.status(204), "204"),
            (.status(302), "302"), (.status(200), "no request id in the answer"),
            (.failure(ScriptedRuntimeAPI.broken), "empty reply from server"),
            (.failure(ScriptedRuntimeAPI.unreachable), "connection refused"),
        ] as [(ScriptedRuntimeAPI.Answer, String)]
    )
    func `a next that fails once is asked again after a moment`(
        answer: ScriptedRuntimeAPI.Answer,
        message: String
    ) throws {
        let report = try ScriptedRuntimeAPI(next: [answer, .invocation("a")]).run { Self.echo }
        #expect(report.posts.map(\.target) == [Self.response("a")])
        #expect(report.slept.first == 50)
        #expect(report.line(0).contains("\(message); trying again in 50 ms"))
    }

    @Test func `a Runtime API that stays away ends the process with 1 after back-off`() throws {
        let report = try ScriptedRuntimeAPI(next: []).run { Self.echo }
        #expect(report.status == 1)
        #expect(report.requests.map(\.target) == Self.farewell)
        #expect(report.slept == [50, 100, 200, 400, 800, 1_600, 2_000])
        #expect(
            report.line(7).contains("connection refused; giving up after 8 attempts")
        )
    }

    @Test func `an invocation in between begins the back-off anew`() throws {
        let api = ScriptedRuntimeAPI(next: [
            .status(500), .status(500), .invocation("a"), .status(403), .invocation("b"),
        ])
        let report = try api.run { Self.echo }
        #expect(report.slept.prefix(4) == [50, 100, 50, 50])
    }
}

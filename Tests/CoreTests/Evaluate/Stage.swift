import Codec
import Foundation
import Platform
import Testing

@testable import AWS
@testable import Core

/// The functions on a stage: fake services behind the transport, a clock that only moves
/// when somebody waits, and numbers instead of randomness.
final class Stage {
    static let secret = "It's a Secret to Everybody"
    static let start = Timestamp(milliseconds: 1_790_000_000_000)
    static let prefix = "pointsman"
    static let timeout = 60_000

    let aws = FakeAWS()
    private(set) var now = Stage.start
    private(set) var logged: [String] = []
    private var numbers: UInt64 = 0
    private(set) var webhook: RuntimeLoop.Handler?
    private(set) var evaluate: RuntimeLoop.Handler?
    private(set) var requests = 0

    init(_ variables: [String: String] = [:]) throws {
        aws.timePasses = { [unowned self] in now = max(now, $0.expires) }
        aws.now = { [unowned self] in now }
        aws.secrets["github"] = ["AWSCURRENT": Stage.secret]
        try restart(variables)
    }

    /// Cold functions, as after a deployment or in another sandbox.
    func restart(_ variables: [String: String] = [:]) throws {
        webhook = try function("webhook", variables)
        evaluate = try function("evaluate", variables)
    }

    /// A cold `evaluate` with less room for rules, so that few and small ones are too many.
    func restartEvaluate(room: Int) {
        var problems: [ConfigurationError] = []
        let environment = Environment { Stage.variables[$0] }
        evaluate =
            EvaluateFunction(environment, services: services, noting: &problems, room: room).handle
    }

    static let variables = [
        "S3_BUCKET": FakeAWS.bucket, "S3_PREFIX": Stage.prefix, "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": FakeAWS.origin, "GITHUB_SECRET_ARN": "github",
        "EVAL_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:evaluate",
    ]

    func function(
        _ name: String,
        _ variables: [String: String] = [:]
    ) throws -> RuntimeLoop.Handler {
        let variables = Stage.variables.merging(variables) { $1 }
        return try Function(handler: name).handler(
            environment: Environment { variables[$0] },
            transport: aws.transport,
            clock: clock,
            random: random,
            log: logger
        )
    }

    /// What the parts of a function work with, for tests of one part.
    var services: Services {
        var problems: [ConfigurationError] = []
        return Services(
            Configuration(Environment { Stage.variables[$0] }, noting: &problems),
            transport: aws.transport,
            clock: clock,
            random: random,
            log: logger,
            functionName: nil,
            attemptLimit: 10_000
        )
    }

    func deadline(_ milliseconds: Int = Stage.timeout) -> Deadline {
        Deadline(now.adding(milliseconds: milliseconds))
    }

    private var random: Randomness {
        Randomness {
            self.numbers += 1
            return self.numbers
        }
    }

    private var logger: Logger {
        Logger(format: .text, minimum: .debug, clock: clock) { line in
            self.logged.append(String(decoding: line, as: UTF8.self))
        }
    }

    private var clock: WallClock {
        WallClock(now: { self.now }, sleep: { self.wait($0) })
    }

    func wait(_ milliseconds: Int) {
        now = now.adding(milliseconds: milliseconds)
    }

    var log: String { logged.joined() }

    func invocation(
        _ payload: [UInt8],
        requestID: String,
        timeout: Int = Stage.timeout,
        traceID: String? = nil
    ) throws -> Invocation {
        let deadline = now.adding(milliseconds: timeout)
        var next = HTTPResponse(
            status: 200,
            headers: [
                "Lambda-Runtime-Aws-Request-Id": requestID,
                "Lambda-Runtime-Deadline-Ms": "\(deadline.milliseconds)",
            ],
            body: payload
        )
        next.headers["Lambda-Runtime-Trace-Id"] = traceID
        return try Invocation(next, receivedAt: now)
    }

    /// Sends an event to `webhook`; the status and the answer's JSON.
    @discardableResult
    func send(_ event: [UInt8]) throws -> (status: Int, answer: JSON) {
        let handler = try #require(webhook)
        requests += 1
        let invocation = try invocation(event, requestID: "request-\(requests)")
        let response = try JSON(parsing: handler(invocation))
        let body = try JSON(parsing: Array((response["body"]?.string ?? "").utf8))
        return (response["statusCode"]?.int ?? 0, body)
    }

    /// Sends an event to `webhook`, forgets the calls so far, and returns what was handed over first.
    func handOver(of event: [UInt8]) throws -> [UInt8] {
        try send(event)
        let handOver = try #require(takeHandOvers().first)
        aws.forgetCalls()
        return handOver
    }

    /// Runs `evaluate` as Lambda does: at most twice again, a minute and two minutes later.
    @discardableResult
    func evaluate(_ payload: [UInt8], attempts: Int = 3) throws -> [Result<JSON, InvocationError>] {
        let handler = try #require(evaluate)
        requests += 1
        let requestID = "request-\(requests)"
        var results: [Result<JSON, InvocationError>] = []
        for attempt in 1...attempts {
            let invocation = try invocation(payload, requestID: requestID)
            do throws(InvocationError) {
                let record = try handler(invocation)
                results.append(.success((try? JSON(parsing: record)) ?? .null))
                break
            } catch {
                results.append(.failure(error))
                wait(Stage.timeout * attempt)
            }
        }
        return results
    }

    /// Lets `webhook` wait for what `evaluate` decides, as Lambda's synchronous invocation does:
    /// whoever waits is told when the deadline has passed, and the run goes on.
    func answerSynchronously() {
        aws.evaluated = { [unowned self] payload, deadline in
            guard let handler = self.evaluate,
                let invocation = try? self.invocation(payload, requestID: "synchronous")
            else { return nil }
            var response = HTTPResponse(status: 200)
            do throws(InvocationError) {
                response.body = try handler(invocation)
            } catch {
                response.headers["X-Amz-Function-Error"] = "Unhandled"
                let body = JSON.object([
                    .init(key: "errorMessage", value: .string(error.message)),
                    .init(key: "errorType", value: .string(error.type)),
                ])
                response.body = body.encoded()
            }
            guard self.now > deadline.expires else { return response }
            self.now = deadline.expires
            return nil
        }
    }

    /// Everything that `webhook` has handed over and `evaluate` has not taken yet.
    func takeHandOvers() -> [[UInt8]] {
        let handOvers = aws.invocations.filter { !Self.isForReport($0) }
        defer { taken = handOvers.count }
        return Array(handOvers[taken...])
    }
    private var taken = 0

    /// Everything that `evaluate` has invoked `report` with and `report` has not taken yet.
    func takeReports() -> [[UInt8]] {
        let reports = aws.invocations.filter(Self.isForReport)
        defer { reportsTaken = reports.count }
        return Array(reports[reportsTaken...])
    }
    private var reportsTaken = 0

    private static func isForReport(_ payload: [UInt8]) -> Bool {
        payload.starts(with: #"{"report":"#.utf8)
    }

    /// The states of all ledger records.
    func ledgerStates() throws -> [String] {
        try aws.objects.filter { $0.key.hasPrefix("\(Stage.prefix)/ledger/") }
            .map { try JSON(parsing: $0.value.body)["state"]?.string ?? "" }
            .sorted()
    }

    /// Does something once, at the moment of the first call whose name begins so.
    func atFirst(_ name: String, _ act: @escaping () -> Void) {
        var isFirst = true
        aws.before = { call in
            guard isFirst, call.hasPrefix(name) else { return }
            isFirst = false
            act()
        }
    }

    func rule(_ name: String, _ properties: String, pipeline: String? = nil) {
        let target =
            #""Target":{"CodePipeline":{"Name":"\#(pipeline ?? name)","SourceAction":"Source"}}"#
        let separator = properties.isEmpty ? "" : ","
        aws.put(
            "\(Stage.prefix)/rules/github/octo/mono/\(name).json",
            #"{"Repository":"octo/mono",\#(properties)\#(separator)\#(target)}"#
        )
    }

    /// A rule for `octo/mono` that starts a build of the pushed commit.
    func build(_ project: String, role: String? = nil) {
        let roleARN = role.map { #","RoleArn":"\#($0)""# } ?? ""
        aws.put(
            "\(Stage.prefix)/rules/github/octo/mono/\(project).json",
            #"{"Repository":"octo/mono","Target":{"CodeBuild":{"Project":"\#(project)","#
                + ##""SourceVersion":"#{after}"\##(roleARN)}}}"##
        )
    }

    /// A rule for `octo/mono` with any target.
    func rule(_ name: String, target: String) {
        aws.put(
            "\(Stage.prefix)/rules/github/octo/mono/\(name).json",
            #"{"Repository":"octo/mono","Target":\#(target)}"#
        )
    }

    /// A signed push to `octo/mono` in an HTTP API event.
    func push(
        to branch: String = "main",
        paths: [String] = ["services/api/main.go"],
        delivery: String = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        signedWith secret: String = Stage.secret,
        pushedAt: Timestamp? = nil
    ) -> [UInt8] {
        let payload = Stage.payload(branch, paths, pushedAt: pushedAt)
        return Stage.event(payload, delivery: delivery, signedWith: secret)
    }

    /// - Parameter pushedAt: GitHub's time of the push, in whole seconds, by which starts are ordered.
    static func payload(
        _ branch: String,
        _ paths: [String],
        pushedAt: Timestamp? = nil
    ) -> String {
        let list = JSON.array(paths.map(JSON.string)).encoded()
        let time = pushedAt.map { #","pushed_at":\#($0.milliseconds / 1_000)"# } ?? ""
        return #"""
            {"ref":"refs/heads/\#(branch)","before":"\#(String(repeating: "a", count: 40))",\#
            "after":"\#(String(repeating: "b", count: 40))","created":false,"deleted":false,\#
            "forced":false,"commits":[{"id":"\#(String(repeating: "b", count: 40))",\#
            "message":"Mend the points","added":[],"removed":[],\#
            "modified":\#(String(decoding: list, as: UTF8.self))}],\#
            "head_commit":{"id":"\#(String(repeating: "b", count: 40))",\#
            "message":"Mend the points","author":{"name":"Mona","email":"mona@example.com"}},\#
            "repository":{"full_name":"octo/mono","clone_url":"https://github.com/octo/mono.git"\#
            \#(time)},\#
            "pusher":{"name":"mona"},"sender":{"login":"mona"}}
            """#
    }

    /// - Parameter takenAt: when API Gateway took the request, where the event is to tell.
    static func event(
        _ body: String,
        name: String = "push",
        delivery: String = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        signedWith secret: String = Stage.secret,
        takenAt: Timestamp? = nil
    ) -> [UInt8] {
        let code = HMAC.sha256(key: Array(secret.utf8), message: Array(body.utf8))
        var json = JSONWriter()
        json.object { json in
            json.member("version", "2.0")
            json.member("rawPath", "/github")
            json.key("headers")
            json.object { json in
                json.member("content-type", "application/json")
                json.member("x-github-event", name)
                json.member("x-github-delivery", delivery)
                json.member("x-hub-signature-256", "sha256=\(Hex.lower(code))")
            }
            json.key("requestContext")
            json.object { json in
                json.member("timeEpoch", takenAt?.milliseconds)
                json.key("http")
                json.object { json in
                    json.member("method", "POST")
                    json.member("path", "/github")
                }
            }
            json.member("body", body)
            json.member("isBase64Encoded", false)
        }
        return json.bytes
    }
}

extension JSON {
    /// `outcome` of the rule whose key ends in that name.
    func outcome(of name: String) -> String? {
        rule(name)?["outcome"]?.string
    }

    func rule(_ name: String) -> JSON? {
        self["rules"]?.array?.first { $0["rule"]?.string?.hasSuffix("/\(name).json") == true }
    }
}

import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// Deliveries that GitHub could not deliver are delivered again.
@Suite struct RecoverTests {
    let stage: Stage
    let gitHub: FakeHooks

    private static let mono = "repos/octo/mono/hooks/1"
    private static let org = "orgs/octo/hooks/2"
    private static let checkpointKey = "pointsman/recover/repos-octo-mono-hooks-1.json"

    init() throws {
        let stage = try Stage()
        self.stage = stage
        gitHub = FakeHooks { stage.now }
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHub.token]
        stage.aws.elsewhere = gitHub.respond
        let gitHub = gitHub
        gitHub.receiver = { _, entry in
            stage.aws.put("pointsman/decisions/\(stage.now.day)/\(entry.guid).json", "{}")
            return 202
        }
    }

    /// Runs the function; every run is one of a new process.
    @discardableResult
    private func run(
        _ hooks: String = Self.mono,
        _ variables: [String: String] = [:],
        timeout: Int = 300_000
    ) throws -> JSON {
        let variables = [
            "RECOVER_HOOKS": hooks, "GITHUB_TOKEN_ARN": FakeGitHub.arn,
            "AWS_LAMBDA_FUNCTION_NAME": "recover",
        ].merging(variables) { $1 }
        let handler = try stage.function("recover", variables)
        let invocation = try stage.invocation([], requestID: "r", timeout: timeout)
        return try JSON(parsing: handler(invocation))
    }

    private static func result(_ hooks: (String, Int, Int, Int, Int)...) -> JSON {
        let objects = hooks.map { hook, deliveries, missed, redelivered, givenUp in
            JSON.object([
                .init(key: "hook", value: .string(hook)),
                .init(key: "deliveries", value: .int(deliveries)),
                .init(key: "missed", value: .int(missed)),
                .init(key: "redelivered", value: .int(redelivered)),
                .init(key: "givenUp", value: .int(givenUp)),
            ])
        }
        return .object([.init(key: "hooks", value: .array(objects))])
    }

    private func record(_ guid: String, daysLater days: Int = 0, ago seconds: Int = 3_600) {
        let day = stage.now.adding(milliseconds: days * 86_400_000 - seconds * 1_000).day
        stage.aws.put("pointsman/decisions/\(day)/\(guid).json", "{}")
    }

    // Which are missed.

    @Test(
        arguments: [
            (0, "not answered"), (401, "answered 401"), (408, "answered 408"),
            (429, "answered 429"), (500, "answered 500"), (502, "answered 502"),
            (503, "answered 503"), (504, "answered 504"), (599, "answered 599"),
            (600, "not answered"), (200, nil), (204, nil), (301, nil), (400, nil), (403, nil),
            (404, nil), (413, nil), (422, nil),
        ] as [(Int, String?)]
    )
    func `an event is delivered again by what was answered last`(
        status: Int,
        reason: String?
    ) throws {
        gitHub.add("d-1", 503, ago: 3_700)
        gitHub.add("d-1", status, ago: 3_600, isRedelivery: true)
        let count = reason == nil ? 0 : 1
        #expect(try run() == Self.result((Self.mono, 2, count, count, 0)))
        #expect(gitHub.redelivered.map(\.status) == (reason == nil ? [] : [status]))
        if let reason {
            let line =
                #"INFO redelivered requestId=r hook=repos/octo/mono/hooks/1 delivery=d-1 event=push "#
                + #"deliveredAt=2026-09-21T13:11:40.000Z reason="\#(reason)" redelivery=2"#
            #expect(stage.log.contains(line))
        } else {
            #expect(!stage.log.contains("redelivered requestId"))
        }
        #expect(!stage.log.contains(FakeGitHub.token))
    }

    @Test(arguments: [("push", 1), ("pull_request", 1), ("ping", 0), ("issues", 0), ("star", 0)])
    func `only what can start something is delivered again`(event: String, count: Int) throws {
        gitHub.add("d-1", 503, event: event)
        #expect(try run() == Self.result((Self.mono, 1, count, count, 0)))
    }

    @Test func `what was taken once is not delivered again, whatever came before or behind`() throws
    {
        gitHub.add("before", 503, ago: 500)
        gitHub.add("before", 200, ago: 400, isRedelivery: true)
        gitHub.add("behind", 200, ago: 300)
        gitHub.add("behind", 503, ago: 200, isRedelivery: true)
        #expect(try run() == Self.result((Self.mono, 4, 0, 0, 0)))
        #expect(gitHub.redelivered.isEmpty)
    }

    @Test func `what was accepted needs a decision record, of that day or the day after`() throws {
        gitHub.add("same-day", 202, ago: 3_600)
        record("same-day")
        gitHub.add("day-after", 202, ago: 3_600)
        record("day-after", daysLater: 1)
        gitHub.add("none", 202, ago: 3_600)
        gitHub.add("too-late", 202, ago: 3_600)
        record("too-late", daysLater: 2)
        gitHub.add("day-before", 202, ago: 3_600)
        record("day-before", daysLater: -1)
        gitHub.add("young", 202, ago: 900)
        gitHub.add("old", 202, ago: 901)
        #expect(try run() == Self.result((Self.mono, 7, 4, 4, 0)))
        #expect(gitHub.redelivered.map(\.guid) == ["none", "too-late", "day-before", "old"])
        #expect(stage.log.contains(#"reason="accepted and not decided""#))
    }

    @Test func `the last acceptance is the one that needs a record`() throws {
        gitHub.add("again", 202, ago: 3_600)
        gitHub.add("again", 202, ago: 600, isRedelivery: true)
        gitHub.add("declined", 202, ago: 3_600)
        gitHub.add("declined", 200, ago: 1_800, isRedelivery: true)
        gitHub.add("failed", 202, ago: 3_600)
        gitHub.add("failed", 503, ago: 1_800, isRedelivery: true)
        #expect(try run() == Self.result((Self.mono, 6, 1, 1, 0)))
        #expect(gitHub.redelivered.map(\.guid) == ["failed"])
    }

    @Test func `an id that no record is named by is not looked for`() throws {
        gitHub.add("a/b", 202, ago: 3_600)
        gitHub.add("c/d", 503, ago: 3_600)
        #expect(try run() == Self.result((Self.mono, 2, 1, 1, 0)))
        #expect(!stage.aws.calls.contains { $0.hasPrefix("HEAD") })
    }

    // How often.

    @Test func `one that fails again is delivered three times at most, and given up once`() throws {
        gitHub.add("d-1", 503)
        gitHub.receiver = { _, _ in 503 }
        var results: [JSON] = []
        for _ in 0..<6 {
            results.append(try run())
            stage.wait(600_000)
        }
        #expect(
            results == [
                Self.result((Self.mono, 1, 1, 1, 0)), Self.result((Self.mono, 2, 1, 1, 0)),
                Self.result((Self.mono, 3, 1, 1, 0)), Self.result((Self.mono, 4, 1, 0, 1)),
                Self.result((Self.mono, 2, 0, 0, 0)), Self.result((Self.mono, 1, 0, 0, 0)),
            ]
        )
        #expect(gitHub.redelivered.count == 3)
        #expect(
            stage.log.contains(
                #"ERROR given up requestId=r hook=repos/octo/mono/hooks/1 delivery=d-1 event=push "#
                    + #"deliveredAt=2026-09-21T14:12:20.000Z reason="answered 503" "#
                    + #"because="it was delivered again 3 times""#
            )
        )
    }

    @Test func `redeliveries that somebody makes by hand count`() throws {
        gitHub.add("d-1", 503, ago: 400)
        for ago in [300, 200, 100] { gitHub.add("d-1", 503, ago: ago, isRedelivery: true) }
        #expect(try run() == Self.result((Self.mono, 4, 1, 0, 1)))
        #expect(gitHub.redelivered.isEmpty)
    }

    @Test func `redeliveries that GitHub does not show yet count`() throws {
        gitHub.add("d-1", 503)
        gitHub.showsRedeliveries = false
        gitHub.receiver = { _, _ in 503 }
        for _ in 0..<5 {
            try run()
            stage.wait(600_000)
        }
        #expect(gitHub.redelivered.count == 3)
    }

    @Test func `what was given up is delivered again by hand, and that is left at that`() throws {
        gitHub.add("d-1", 503, ago: 400)
        for ago in [300, 200, 100] { gitHub.add("d-1", 503, ago: ago, isRedelivery: true) }
        try run()
        stage.wait(600_000)
        gitHub.add("d-1", 503, ago: 0, isRedelivery: true)
        #expect(try run() == Self.result((Self.mono, 5, 0, 0, 0)))
    }

    @Test func `fifty are delivered again in one run, the oldest of all webhooks first`() throws {
        for number in 0..<40 {
            gitHub.add("mono-\(number)", 503, ago: 2_000 - 2 * number)
            gitHub.add("org-\(number)", 503, ago: 1_999 - 2 * number, of: Self.org)
        }
        let hooks = "\(Self.mono),\(Self.org)"
        #expect(
            try run(hooks) == Self.result((Self.mono, 40, 40, 25, 0), (Self.org, 40, 40, 25, 0))
        )
        let expected = (0..<25).flatMap { ["mono-\($0)", "org-\($0)"] }
        #expect(gitHub.redelivered.map(\.guid) == expected)
        gitHub.forgetCalls()
        stage.wait(600_000)
        #expect(
            try run(hooks) == Self.result((Self.mono, 65, 15, 15, 0), (Self.org, 65, 15, 15, 0))
        )
        #expect(Set(gitHub.redelivered.map(\.guid)).isDisjoint(with: expected))
        gitHub.forgetCalls()
        stage.wait(600_000)
        try run(hooks)
        #expect(gitHub.redelivered.isEmpty)
    }

    // Since when.

    private func checkpoint() throws -> JSON {
        try JSON(parsing: Array((stage.aws.text(Self.checkpointKey) ?? "").utf8))
    }

    @Test
    func `the first run reads three days, the next ones since the last and twenty minutes more`()
        throws
    {
        for hours in stride(from: 80, to: 0, by: -1) {
            gitHub.add("d-\(hours)", 200, ago: hours * 3_600)
        }
        #expect(try run() == Self.result((Self.mono, 71, 0, 0, 0)))
        #expect(
            try checkpoint()
                == JSON(
                    parsing: Array(
                        #"{"hook":"\#(Self.mono)","since":"2026-09-21T14:13:20.000Z","redelivered":[]}"#
                            .utf8
                    )
                )
        )
        for ago in [1_201, 1_200, 60] { gitHub.add("late-\(ago)", 503, ago: ago, of: Self.org) }
        stage.aws.put(
            "pointsman/recover/orgs-octo-hooks-2.json",
            #"{"hook":"\#(Self.org)","since":"\#(stage.now.iso8601)","redelivered":[]}"#
        )
        #expect(try run(Self.org) == Self.result((Self.org, 2, 2, 2, 0)))
    }

    @Test func `pages are read until one reaches back far enough`() throws {
        for number in 0..<350 { gitHub.add("d-\(number)", 200, ago: 36_000 - number * 60) }
        stage.aws.put(
            Self.checkpointKey,
            #"{"hook":"\#(Self.mono)","since":"\#(stage.now.adding(milliseconds: -7_200_000).iso8601)"}"#
        )
        #expect(try run()["hooks"]?.array?[0]["deliveries"]?.int == 0)
        #expect(gitHub.calls.count == 1)
        stage.aws.put(
            Self.checkpointKey,
            #"{"hook":"\#(Self.mono)","since":"\#(stage.now.adding(milliseconds: -21_000_000).iso8601)"}"#
        )
        #expect(try run()["hooks"]?.array?[0]["deliveries"]?.int == 120)
        #expect(gitHub.calls.count == 3)
        stage.aws.objects[Self.checkpointKey] = nil
        #expect(try run()["hooks"]?.array?[0]["deliveries"]?.int == 350)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"hook":"repos/octo/mono/hooks/2","since":"2026-09-21T14:13:20Z"}"#,
    ])
    func `what is no checkpoint of the webhook is overwritten, and three days are read`(
        text: String
    ) throws {
        stage.aws.put(Self.checkpointKey, text)
        gitHub.add("d-1", 503, ago: 250_000)
        #expect(try run() == Self.result((Self.mono, 1, 1, 1, 0)))
        #expect(
            stage.log.contains("bucket/\(Self.checkpointKey) is no checkpoint and is overwritten")
        )
        #expect(try checkpoint()["hook"]?.string == Self.mono)
    }

    @Test func `what is known of redeliveries is kept for as long as GitHub keeps deliveries`()
        throws
    {
        gitHub.add("d-1", 503)
        try run()
        let entry = try checkpoint()["redelivered"]?.array?.first
        #expect(entry?["delivery"]?.string == "d-1")
        #expect(entry?["count"]?.int == 1)
        #expect(entry?["at"]?.string == "2026-09-21T14:13:20.000Z")
        stage.wait(RecoverCheckpoint.retention)
        try run()
        #expect(try checkpoint()["redelivered"]?.array?.count == 1)
        stage.wait(1_000)
        try run()
        #expect(try checkpoint()["redelivered"]?.array?.isEmpty == true)
    }

    // What goes wrong.

    private func failure(
        _ hooks: String = Self.mono,
        timeout: Int = 300_000
    ) -> InvocationError? {
        do {
            _ = try run(hooks, timeout: timeout)
            return nil
        } catch {
            return error as? InvocationError
        }
    }

    @Test func `while one webhook cannot be read, the others are, and its checkpoint stays`() throws
    {
        gitHub.add("d-1", 503, of: Self.org)
        stage.aws.put(
            Self.checkpointKey,
            #"{"hook":"\#(Self.mono)","since":"2026-09-21T12:00:00Z"}"#
        )
        let error = failure("\(Self.mono), \(Self.org)")
        #expect(error?.type == "Function.RecoveryIncomplete")
        #expect(
            error?.message
                == "1 of 2 webhooks failed: \(Self.mono): github:ListDeliveries of \(Self.mono): "
                + "404: Not Found"
        )
        #expect(gitHub.redelivered.map(\.guid) == ["d-1"])
        #expect(try checkpoint()["since"]?.string == "2026-09-21T12:00:00Z")
        #expect(stage.aws.text("pointsman/recover/orgs-octo-hooks-2.json") != nil)
        #expect(
            stage.log.contains(
                #"recovery={"hooks":[{"hook":"repos/octo/mono/hooks/1","deliveries":0,"missed":0,"#
            )
        )
    }

    @Test(
        arguments: [
            (FakeGitHub.refusal(404, "Not Found"), "404: Not Found"),
            (FakeGitHub.refusal(422, "Too old"), "422: Too old"),
            (FakeGitHub.refusal(403, "No access"), "403: No access"),
            (FakeGitHub.refusal(401, "Bad credentials"), "401: Bad credentials"),
        ] as [(HTTPResponse, String)]
    )
    func `a redelivery that is refused is given up, and the run goes on`(
        refusal: HTTPResponse,
        reason: String
    ) throws {
        let refused = gitHub.add("d-1", 503, ago: 100)
        gitHub.add("d-2", 503, ago: 50)
        gitHub.instead = { $0.target.contains("/\(refused.id)/") ? refusal : nil }
        #expect(try run() == Self.result((Self.mono, 2, 2, 1, 1)))
        #expect(
            stage.log.contains(
                #"because="github:Redeliver of \#(Self.mono)/deliveries/\#(refused.id): \#(reason)""#
            )
        )
        stage.wait(600_000)
        #expect(try run()["hooks"]?.array?[0]["missed"]?.int == 0)
    }

    @Test(arguments: [("GET", 200), ("POST", 202)])
    func `a limit is waited for where there is time`(method: String, status: Int) throws {
        gitHub.add("d-1", 503)
        var isLimited = true
        gitHub.instead = { request in
            guard request.method == method, isLimited else { return nil }
            isLimited = false
            return FakeGitHub.refusal(403, "Too fast", ["retry-after": "30"])
        }
        let began = stage.now
        #expect(try run() == Self.result((Self.mono, 1, 1, 1, 0)))
        #expect(stage.now.milliseconds - began.milliseconds == 30_000)
    }

    @Test func `a longer limit leaves the rest for the next run, and this one fails`() throws {
        for number in 0..<3 { gitHub.add("d-\(number)", 503, ago: 100 - number) }
        var attempts = 0
        gitHub.instead = { request in
            guard request.method == "POST" else { return nil }
            attempts += 1
            return attempts == 2
                ? FakeGitHub.refusal(
                    403,
                    "API rate limit exceeded",
                    ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790003600"]
                ) : nil
        }
        let error = failure()
        #expect(
            error?.message.contains("403 RateLimited: the token's requests are used up") == true
        )
        #expect(gitHub.redelivered.count == 1)
        #expect(try checkpoint()["since"]?.string == "2026-09-21T14:11:40.000Z")
        stage.wait(600_000)
        gitHub.instead = { _ in nil }
        #expect(try run() == Self.result((Self.mono, 4, 2, 2, 0)))
        #expect(Set(gitHub.redelivered.map(\.guid)).count == 3)
    }

    @Test func `without time nothing is begun, and the rest waits`() throws {
        for number in 0..<3 { gitHub.add("d-\(number)", 503, ago: 100 - number) }
        gitHub.instead = { [stage] request in
            if request.method == "POST" { stage.wait(9_000) }
            return nil
        }
        #expect(try run(timeout: 20_000) == Self.result((Self.mono, 3, 3, 2, 0)))
        #expect(try checkpoint()["since"]?.string == "2026-09-21T14:11:40.000Z")
    }

    @Test(arguments: ["<html>", "{}", "[{}]", #"[{"id":"1","guid":"g","event":"push"}]"#])
    func `an answer that is no list fails that webhook`(body: String) {
        gitHub.add("d-1", 503)
        gitHub.instead = { _ in .json(body) }
        let message = failure()?.message ?? ""
        #expect(
            message.hasPrefix(
                "1 of 1 webhooks failed: \(Self.mono): github:ListDeliveries of \(Self.mono): "
                    + "reading the list of deliveries: "
            ),
            "\(message)"
        )
        #expect(stage.aws.text(Self.checkpointKey) == nil)
    }

    @Test func `a list that does not end is left`() {
        gitHub.add("d-1", 503)
        gitHub.instead = { _ in
            .json(
                #"[{"id":1,"guid":"g","event":"push","delivered_at":"2026-09-21T14:13:20Z"}]"#,
                headers: ["Link": "<https://x/y?cursor=c>; rel=\"next\""]
            )
        }
        #expect(
            failure()?.message.hasSuffix(
                "github:ListDeliveries of \(Self.mono): the next page is the same page"
            ) == true
        )
    }

    /// Every call of a run fails in turn: the run after it makes up for it, and nothing is delivered
    /// again more often than it may be.
    @Test(arguments: FakeAWS.Fault.allCases)
    func `whichever call fails once, all is delivered again in the end`(fault: FakeAWS.Fault) throws
    {
        var count = 0
        var names: [String] = []
        for number in 0... {
            let test = try RecoverTests()
            test.gitHub.add("missed", 503, ago: 100)
            test.gitHub.add("accepted", 202, ago: 3_600)
            test.gitHub.add("decided", 202, ago: 3_600)
            test.record("decided")
            test.stage.aws.fault = { call, _ in call == number ? fault : nil }
            _ = test.failure()
            if number == 0 {
                names = test.stage.aws.calls
                count = names.count
                continue
            }
            guard number <= count else { break }
            test.stage.aws.fault = { _, _ in nil }
            for _ in 0..<2 {
                test.stage.wait(600_000)
                try test.run()
            }
            let comment: Comment = "call \(number), \(names[number - 1])"
            let guids = test.gitHub.redelivered.map(\.guid)
            #expect(Set(guids) == ["missed", "accepted"], comment)
            #expect(guids.count <= 3, comment)
            test.gitHub.forgetCalls()
            try test.run()
            #expect(test.gitHub.redelivered.isEmpty, comment)
        }
        #expect(count >= 8)
    }

    @Test(arguments: FakeAWS.Fault.failures)
    func `while GitHub is away the run fails in time, and nothing is forgotten`(
        fault: FakeAWS.Fault
    ) throws {
        gitHub.add("d-1", 503)
        stage.aws.fault = { _, name in name.hasSuffix("api.github.com") ? fault : nil }
        let began = stage.now
        #expect(failure(timeout: 60_000)?.type == "Function.RecoveryIncomplete")
        #expect(stage.now.milliseconds - began.milliseconds <= 60_000)
        #expect(stage.aws.text(Self.checkpointKey) == nil)
        stage.aws.fault = { _, _ in nil }
        #expect(try run()["hooks"]?.array?[0]["missed"]?.int == 1)
    }

    /// An outage of two hours among three days of pushes.
    @Test(.thorough)
    func `of three thousand deliveries the hundred and twenty that were missed come again`()
        throws
    {
        for number in 0..<3_000 {
            let isMissed = (2_000..<2_120).contains(number)
            let ago = 240_000 - number * 60
            gitHub.add("d-\(number)", isMissed ? [0, 503, 429][number % 3] : 202, ago: ago)
            if !isMissed { record("d-\(number)", ago: ago) }
        }
        // Each fourth fails again at first, and one each time.
        var attempts: [String: Int] = [:]
        gitHub.receiver = { [stage] _, entry in
            attempts[entry.guid, default: 0] += 1
            let isBad = entry.guid.hasSuffix("4") && attempts[entry.guid] == 1
            guard !isBad, entry.guid != "d-2007" else { return 503 }
            stage.aws.put("pointsman/decisions/\(stage.now.day)/\(entry.guid).json", "{}")
            return 202
        }
        // The API stumbles now and then, and has a limit.
        var calls = 0
        gitHub.instead = { request in
            calls += 1
            if calls % 17 == 0 { return FakeGitHub.refusal(503, "Service unavailable") }
            if calls == 60 {
                return FakeGitHub.refusal(403, "Too fast", ["retry-after": "20"])
            }
            return nil
        }
        var givenUp = 0
        for run in 0..<12 {
            do {
                let result = try self.run()
                #expect(result["hooks"]?.array?[0]["redelivered"]?.int ?? 0 <= 50, "run \(run)")
                givenUp += result["hooks"]?.array?[0]["givenUp"]?.int ?? 0
            } catch let error as InvocationError {
                #expect(error.type == "Function.RecoveryIncomplete", "run \(run)")
            }
            stage.wait(600_000)
        }
        let missed = Set((2_000..<2_120).map { "d-\($0)" })
        #expect(Set(gitHub.redelivered.map(\.guid)) == missed)
        let counts = Dictionary(grouping: gitHub.redelivered, by: \.guid).mapValues(\.count)
        #expect(counts.values.allSatisfy { $0 <= 3 })
        #expect(counts["d-2007"] == 3)
        #expect(givenUp == 1)
        gitHub.forgetCalls()
        gitHub.instead = { _ in nil }
        #expect(try run()["hooks"]?.array?[0]["missed"]?.int == 0)
        #expect(gitHub.redelivered.isEmpty)
    }

    @Test func `a list that is too long for one run is read in several`() throws {
        for number in 0..<1_000 {
            let isMissed = [5, 505, 905].contains(number)
            gitHub.add("d-\(number)", isMissed ? 503 : 200, ago: 100_000 - number * 60)
        }
        // A page takes 5 seconds.
        gitHub.instead = { [stage] request in
            if request.method == "GET" { stage.wait(5_000) }
            return nil
        }
        var runs = 0
        repeat {
            runs += 1
            try run(timeout: 60_000)
            stage.wait(600_000)
        } while try gitHub.redelivered.count < 3 || checkpoint()["rest"] != nil && runs < 20
        #expect((2...10).contains(runs))
        #expect(Set(gitHub.redelivered.map(\.guid)) == ["d-905", "d-505", "d-5"])
        #expect(stage.log.contains("not all deliveries were read, the next run goes on"))
    }

    @Test func `a place in the list that GitHub does not know any more is left`() throws {
        for number in 0..<150 { gitHub.add("d-\(number)", 200, ago: 100_000 - number * 60) }
        gitHub.add("d-150", 503, ago: 200_000)
        stage.aws.put(
            Self.checkpointKey,
            #"{"hook":"\#(Self.mono)","since":"\#(stage.now.iso8601)","#
                + #""rest":{"cursor":"v1_1","since":"2026-09-18T20:00:00Z"}}"#
        )
        #expect(try run() == Self.result((Self.mono, 151, 1, 1, 0)))
        #expect(try checkpoint()["rest"] == nil)
    }

    @Test func `one redelivery that fails keeps no other, and three of a webhook do`() throws {
        for number in 0..<6 { gitHub.add("d-\(number)", 503, ago: 100 - number) }
        gitHub.add("o", 503, ago: 10, of: Self.org)
        var attempts = 0
        gitHub.instead = { request in
            guard request.method == "POST", request.target.hasPrefix("/repos") else { return nil }
            attempts += 1
            return attempts == 2 ? nil : FakeGitHub.refusal(502, "Server Error")
        }
        let message = failure("\(Self.mono),\(Self.org)")?.message ?? ""
        #expect(message.hasSuffix(": 502: Server Error"), "\(message)")
        #expect(attempts == 4)
        #expect(gitHub.redelivered.map(\.guid) == ["d-1", "o"])
        // It may have been done.
        let counts = try checkpoint()["redelivered"]?.array?.map { $0["count"]?.int }
        #expect(counts == [1, 1, 1, 1])
    }

    // What is said.

    @Test func `metrics say what was done over all webhooks`() throws {
        gitHub.add("d-1", 503)
        gitHub.add("d-2", 503, of: Self.org)
        for ago in [30, 20, 10] {
            gitHub.add("d-2", 503, ago: ago, isRedelivery: true, of: Self.org)
        }
        try run("\(Self.mono),\(Self.org)")
        let line = try #require(stage.logged.first { $0.contains(#""_aws""#) })
        for (name, value) in [("Missed", 2), ("Redelivered", 1), ("GivenUp", 1)] {
            #expect(line.contains(#""\#(name)":\#(value)"#))
        }
    }

    @Test func `a webhook that is named twice is looked at once`() throws {
        gitHub.add("d-1", 503)
        #expect(try run(" \(Self.mono) ,,\(Self.mono)") == Self.result((Self.mono, 1, 1, 1, 0)))
    }

    @Test(arguments: [
        (["RECOVER_HOOKS": ""], "RECOVER_HOOKS is missing"),
        (["RECOVER_HOOKS": " , "], "RECOVER_HOOKS names no webhook"),
        (["GITHUB_TOKEN_ARN": ""], "GITHUB_TOKEN_ARN is missing"),
        (["GITHUB_API_URL": "http://git.example.com"], "GITHUB_API_URL is not an https:// URL"),
        (
            ["RECOVER_HOOKS": "repos/octo/mono/hooks/1,octo/mono"],
            "RECOVER_HOOKS names 'octo/mono', expected orgs/{org}/hooks/{id}, "
                + "repos/{owner}/{repo}/hooks/{id} or app/hook"
        ),
    ])
    func `what the environment lacks is an init error`(variables: [String: String], message: String)
    {
        let error = #expect(throws: InvocationError.self) { try run(Self.mono, variables) }
        #expect(error?.type == "Runtime.BadEnvironment")
        #expect(error?.message == message)
    }

    @Test func `the App's own webhook needs an App`() {
        #expect(
            failure("app/hook")?.message
                == "1 of 1 webhooks failed: app/hook: only a GitHub App may do this, and the secret "
                + "\(FakeGitHub.arn) is a token"
        )
    }
}

import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// `/retest` and `/test NAME` in a comment on a pull request.
@Suite struct `Comments on pull requests` {
    private let stage: Stage
    private let gitHub = FakePull()
    private static let first = Stage.commit(1)

    init() throws {
        stage = try Stage(["GITHUB_TOKEN_ARN": FakeGitHub.arn])
        stage.wait(3_600_000)
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHub.token]
        stage.aws.elsewhere = gitHub.respond
    }

    /// A rule with the status `ci/{name}`.
    private func rule(_ name: String, _ more: String = "") {
        stage.review(name, #""Status":"ci/\#(name)""# + more)
    }

    /// Opens the pull request with commit 1, a minute after the stage's start.
    @discardableResult
    private func open(fork: String? = nil) throws -> JSON {
        if let fork { gitHub.repository = #"{"full_name":"\#(fork)"}"# }
        return try stage.evaluateAll(stage.pullRequest("opened", minute: 1, fork: fork))
    }

    /// Comments, five minutes after the stage's start; what was decided.
    private func comment(_ text: String, minute: Int = 5, by login: String = "mona") throws -> JSON
    {
        try stage.evaluateAll(Self.comment(text, minute: minute, by: login))
    }

    static func comment(_ text: String, minute: Int = 5, by login: String = "mona") -> [UInt8] {
        let time = Stage.start.adding(milliseconds: minute * 60_000).iso8601
        let body = String(decoding: JSON.string(text).encoded(), as: UTF8.self)
        return Stage.event(
            #"""
            {"action":"created","issue":{"number":7,"state":"open","pull_request":{"url":"u"}},\#
            "comment":{"user":{"login":"\#(login)"},"created_at":"\#(time)","body":\#(body),\#
            "author_association":"OWNER"},"repository":{"id":5,"full_name":"octo/mono",\#
            "clone_url":"https://github.com/octo/mono.git"},"sender":{"login":"\#(login)"}}
            """#,
            name: "issue_comment",
            delivery: "comment-\(minute)-\(login.filter { $0 != "[" && $0 != "]" })"
        )
    }

    /// Records that a rule's status on commit 1 is so.
    private func set(_ state: CommitState, _ name: String, on commit: String = first) {
        let place = StatusPlace(
            source: .github,
            repository: "octo/mono",
            sha: commit,
            context: "ci/\(name)"
        )
        let status = CommitStatus(state, "as it ended")
        let record = StatusRecord(place, WantedStatus(status, of: "rule", "d", at: Stage.start))
        let key = stage.services.keys.status(of: place)
        stage.aws.put(key, String(decoding: record.encoded(), as: UTF8.self))
    }

    /// `started by Comment: reason` of a rule.
    private static func told(_ record: JSON, _ name: String) -> String {
        let rule = record.rule(name)
        return "\(rule?["outcome"]?.string ?? "none") by \(rule?["clause"]?.string ?? ""): "
            + (rule?["reason"]?.string ?? "")
    }

    private var started: [String] { stage.aws.executions.map(\.pipeline) }

    // Which rules are started.

    @Test func `/retest starts the rules that have failed on the head, on that commit`() throws {
        for name in ["bad", "broken", "good", "running", "unset"] { rule(name) }
        stage.review("silent")
        try open()
        set(.failure, "bad")
        set(.error, "broken")
        set(.success, "good")
        set(.pending, "running")
        let before = started.count
        let record = try comment("/retest\r\n\r\nThe runner had no disk left.")
        #expect(started.dropFirst(before).sorted() == ["bad", "broken"])
        #expect(
            Self.told(record, "bad")
                == "started by Comment: mona asked for it by '/retest': its status ci/bad is failure"
        )
        #expect(
            Self.told(record, "broken")
                == "started by Comment: mona asked for it by '/retest': its status ci/broken is error"
        )
        #expect(
            Self.told(record, "good")
                == "skipped by Comment: its status ci/good is success: /retest starts what has failed"
        )
        #expect(
            Self.told(record, "running")
                == "skipped by Comment: its status ci/running is pending: /retest starts what has "
                + "failed"
        )
        #expect(
            Self.told(record, "unset")
                == "skipped by Comment: its status ci/unset was not set on \(Self.first): /retest "
                + "starts what has failed"
        )
        #expect(
            Self.told(record, "silent")
                == "skipped by Comment: the rule has no Status that would say whether it has failed: "
                + "/test starts it"
        )
        let change = record["change"]
        #expect(change?["comment"]?.string == "/retest")
        #expect(change?["after"]?.string == Self.first)
        #expect(change?["branch"]?.string == "main")
        #expect(change?["actor"]?.string == "mona")
        #expect(record.rule("bad")?["status"]?.string == "ci/bad")
        #expect(record.rule("good")?["status"] == nil)
        let revision = stage.aws.executions.last?.request["sourceRevisions"]?.array?.first
        #expect(revision?["revisionValue"]?.string == Self.first)
    }

    @Test func `a status of another commit does not count`() throws {
        rule("api")
        try open()
        set(.failure, "api", on: Stage.commit(2))
        #expect(try comment("/retest").outcome(of: "api") == "skipped")
    }

    @Test(arguments: [
        ("/retest ci/api", ["api"]), ("/retest CI/API", ["api"]), ("/retest api", ["api"]),
        ("/retest ci/web", []), ("/retest API", []), ("/retest ci/none", []),
        ("/test ci/web", ["web"]), ("/test web", ["web"]), ("/test ci/api", ["api"]),
        ("/test ci/none", []), ("/test ci", []),
    ])
    func `a name is a rule's Status or its own`(line: String, expected: [String]) throws {
        rule("api")
        rule("web")
        try open()
        set(.failure, "api")
        set(.success, "web")
        let before = started.count
        let record = try comment(line)
        #expect(Array(started.dropFirst(before)) == expected)
        #expect(record["rules"]?.array?.count == 2)
        if !expected.contains("web"), line.hasSuffix("api") {
            #expect(
                Self.told(record, "web")
                    == "skipped by Comment: '\(line)' names neither this rule nor its Status"
            )
        }
    }

    @Test func `neither paths nor actors nor messages nor drafts are looked at, Branches hold`()
        throws
    {
        gitHub.isDraft = true
        rule("api", #","Paths":["services/api/**"],"Actors":["nobody"],"SkipMessages":["x"]"#)
        rule("docs", #","Paths":["docs/**"],"WhenPathsUnknown":"skip""#)
        rule("release", #","Branches":["release/*"]"#)
        try open()
        gitHub.forget()
        for name in ["api", "docs", "release"] { set(.failure, name) }
        let before = started.count
        let record = try comment("/retest")
        #expect(started.dropFirst(before).sorted() == ["api", "docs"])
        #expect(
            Self.told(record, "release")
                == "skipped by Branches: branch 'main' matches none of Branches"
        )
        #expect(try comment("/test release", minute: 6).outcome(of: "release") == "skipped")
        #expect(gitHub.targets.allSatisfy { !$0.contains("/files") })
    }

    @Test func `drafts and labels hold for /retest, and not for /test`() throws {
        rule("draft", #","Drafts":"skip""#)
        rule("label", #","Labels":["deploy"]"#)
        rule("ready", #","Labels":["ready"]"#)
        try open()
        for name in ["draft", "label", "ready"] { set(.failure, name) }
        gitHub.isDraft = true
        let record = try comment("/retest")
        #expect(
            ["draft", "label", "ready"].map { record.rule($0)?["clause"]?.string }
                == ["Drafts", "Labels", "Comment"]
        )
        #expect(try comment("/test draft", minute: 6).outcome(of: "draft") == "started")
        #expect(try comment("/test label", minute: 7).outcome(of: "label") == "started")
    }

    @Test func `only rules about pull requests are concerned`() throws {
        stage.rule("push", "")
        rule("api")
        try open()
        #expect(try comment("/test push").rule("push")?["clause"]?.string == "Events")
        #expect(gitHub.targets.isEmpty)
        let invalid = try comment("/test api", minute: 6)
        #expect(invalid.outcome(of: "api") == "started")
        #expect(invalid.outcome(of: "push") == "skipped")
    }

    @Test func `an invalid rule sets no status by a comment`() throws {
        stage.review("broken", #""Status":"ci/broken","Bogus":1"#)
        rule("api")
        try open()
        let record = try comment("/test api")
        #expect(record.outcome(of: "broken") == "invalid")
        #expect(record.rule("broken")?["status"] == nil)
    }

    // Who may ask.

    @Test(arguments: [("admin", true), ("write", true), ("read", false), ("none", false)])
    func `whoever may push may ask`(permission: String, mayAsk: Bool) throws {
        rule("api")
        try open()
        gitHub.permission = permission
        let before = started.count
        let record = try comment("/test api", by: "octo[bot]")
        #expect(started.count == before + (mayAsk ? 1 : 0))
        #expect(gitHub.targets.first == "/repos/octo/mono/collaborators/octo%5Bbot%5D/permission")
        guard !mayAsk else { return }
        #expect(
            Self.told(record, "api")
                == "skipped by Comment: octo[bot] may not push to octo/mono, and so not ask for a run: "
                + "the permission is \(permission)"
        )
        // The pull request is not even asked for.
        #expect(gitHub.targets.count == 1)
        #expect(record["change"]?["after"] == nil)
    }

    @Test(arguments: [403, 404])
    func `whom GitHub does not know there may not`(status: Int) throws {
        rule("api")
        try open()
        gitHub.refusals["permission"] = FakeGitHub.refusal(status, "No")
        let record = try comment("/test api", by: "mallory")
        #expect(
            Self.told(record, "api")
                == "skipped by Comment: mallory may not push to octo/mono, and so not ask for a run: "
                + "github:GetPermission of mallory in octo/mono: \(status): No"
        )
        #expect(started.count == 1)
    }

    @Test func `without a token nothing starts, and the reason names the variable`() throws {
        rule("api")
        try open()
        try stage.restart()
        let record = try comment("/test api")
        #expect(
            Self.told(record, "api")
                == "skipped by Comment: whether mona may ask for it cannot be told: GITHUB_TOKEN_ARN "
                + "is not set"
        )
        #expect(started.count == 1)
    }

    @Test func `that there is no token for an App says nothing about who has commented`() throws {
        rule("api")
        try open()
        let stage = stage
        let app = FakeGitHubApp { stage.now }
        app.installations = [:]
        stage.aws.elsewhere = app.respond
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHubApp.secret()]
        let record = try comment("/test api")
        let told = Self.told(record, "api")
        #expect(
            told.hasPrefix(
                "skipped by Comment: GitHub's API does not say whether it may start: the GitHub App "
                    + "12345 has no token for repos/octo/mono: github:GetInstallation of "
            ),
            "\(told)"
        )
    }

    @Test func `an App's token may read who may push and pull requests, and nothing else`() throws {
        rule("api")
        try open()
        let stage = stage
        let app = FakeGitHubApp { stage.now }
        app.answer = gitHub.answer
        stage.aws.elsewhere = app.respond
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": FakeGitHubApp.secret()]
        #expect(try comment("/test api").outcome(of: "api") == "started")
        #expect(
            app.asked == [
                #"67 {"repositories":["mono"],"permissions":{"metadata":"read","pull_requests":"read"}}"#
            ]
        )
    }

    // Which commit.

    @Test func `a head that was pushed after the comment is not run`() throws {
        rule("api")
        try open()
        try stage.evaluateAll(stage.pullRequest(minute: 6, commit: 2))
        let before = started.count
        let record = try comment("/test api", minute: 5)
        #expect(
            Self.told(record, "api")
                == "skipped by Comment: the pull request was pushed to after the comment, and is at "
                + "\(Stage.commit(2)) now: comment again"
        )
        #expect(started.count == before)
        #expect(gitHub.targets.isEmpty)
        gitHub.head = Stage.commit(2)
        #expect(try comment("/test api", minute: 7).outcome(of: "api") == "started")
    }

    @Test func `a head that was never received is not run`() throws {
        rule("api")
        let none = try comment("/test api")
        #expect(
            Self.told(none, "api")
                == "skipped by Comment: no event of the pull request was received, so that its commit "
                + "is not known: push to it or reopen it, and comment again"
        )
        try open()
        gitHub.head = Stage.commit(3)
        let moved = try comment("/test api", minute: 6)
        #expect(
            Self.told(moved, "api")
                == "skipped by Comment: the pull request is at \(Stage.commit(3)) by now, and not at "
                + "\(Self.first): comment again"
        )
        gitHub.state = "closed"
        #expect(
            try Self.told(comment("/test api", minute: 7), "api")
                == "skipped by Comment: the pull request is closed by now"
        )
        #expect(started.count == 1)
    }

    // Forks.

    @Test func `of a fork's pull request the line has to end with the commit`() throws {
        rule("api", #","Forks":"allow""#)
        try open(fork: "mallory/mono")
        let before = started.count
        #expect(
            try Self.told(comment("/test api"), "api")
                == "skipped by Comment: the pull request comes from a fork: the line has to end with "
                + "the commit, at least 7 digits of it"
        )
        #expect(
            try Self.told(comment("/test api 2222222", minute: 6), "api")
                == "skipped by Comment: the pull request's head is not '2222222'"
        )
        #expect(started.count == before)
        #expect(try comment("/test api 1111111", minute: 7).outcome(of: "api") == "started")
    }

    @Test func `Forks: skip holds, whoever asks`() throws {
        rule("api")
        try open(fork: "mallory/mono")
        gitHub.permission = "admin"
        let record = try comment("/test api 1111111")
        #expect(
            Self.told(record, "api")
                == "skipped by Forks: the pull request comes from the fork 'mallory/mono': the rule "
                + "does not say Forks: allow"
        )
        #expect(started.isEmpty)
    }

    @Test func `a head that was received as a fork's stays one`() throws {
        rule("api", #","Forks":"allow""#)
        try open(fork: "mallory/mono")
        // It was renamed to look like the repository itself.
        gitHub.repository = #"{"full_name":"octo/mono"}"#
        #expect(try comment("/test api").outcome(of: "api") == "skipped")
    }

    // Again and again.

    @Test func `a comment has an identity of its own, and is not started twice`() throws {
        rule("api")
        try open()
        #expect(try comment("/test api").outcome(of: "api") == "started")
        #expect(try comment("/test api").outcome(of: "api") == "already-started")
        #expect(try comment("/test api", minute: 6).outcome(of: "api") == "started")
        #expect(started.count == 3)
    }

    @Test func `a run that a comment asks for supersedes the one before`() throws {
        stage.review("api", #""Supersede":true"#)
        try open()
        let record = try comment("/test api")
        #expect(record.rule("api")?["superseded"]?.array?.count == 1)
        #expect(stage.aws.stopped == [stage.executionIDs[0]])
    }

    @Test(arguments: [
        ("permission", 500), ("permission", 429), ("permission", 401), ("pull", 502), ("pull", 401),
    ])
    func `if GitHub cannot be asked the invocation fails, and the next attempt starts it`(
        call: String,
        status: Int
    ) throws {
        rule("api")
        try open()
        gitHub.refusals[call] = FakeGitHub.refusal(status, "later")
        let handOver = try stage.handOver(of: Self.comment("/test api"))
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.CommentUnavailable")
        #expect(
            error?.message.hasPrefix(
                "nothing was started, since what the comment asks for cannot be looked up: github:Get"
            ) == true
        )
        gitHub.refusals = [:]
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "started")
    }

    @Test(arguments: [("permission", "{}"), ("permission", "x"), ("pull", "{}"), ("pull", "[]")])
    func `an answer that cannot be read starts nothing, and is asked for again`(
        call: String,
        body: String
    ) throws {
        rule("api")
        try open()
        gitHub.refusals[call] = .json(body)
        let handOver = try stage.handOver(of: Self.comment("/test api"))
        let error = #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        #expect(error?.type == "Function.CommentUnavailable")
        #expect(started.count == 1)
    }

    @Test func `a pull request that GitHub refuses to show starts nothing`() throws {
        rule("api")
        try open()
        gitHub.refusals["pull"] = FakeGitHub.refusal(404, "Not Found")
        #expect(
            try Self.told(comment("/test api"), "api")
                == "skipped by Comment: GitHub's API does not say whether it may start: "
                + "github:GetPull of octo/mono#7: 404: Not Found"
        )
    }

    @Test func `a status that cannot be read fails the invocation`() throws {
        rule("api")
        try open()
        set(.failure, "api")
        let handOver = try stage.handOver(of: Self.comment("/retest"))
        stage.aws.fault = { _, name in name.hasPrefix("GET pointsman/statuses/") ? .status503 : nil
        }
        #expect(throws: InvocationError.self) {
            try stage.evaluate(handOver, attempts: 1)[0].get()
        }
        stage.aws.fault = { _, _ in nil }
        #expect(try stage.evaluate(handOver)[0].get().outcome(of: "api") == "started")
    }

    /// Every call fails in turn, in every way: a retry starts what was asked for, once.
    @Test(.thorough, arguments: FakeAWS.Fault.failures)
    func `whichever call fails, and all after it, a later attempt starts it once`(
        fault: FakeAWS.Fault
    ) throws {
        rule("api")
        try open()
        set(.failure, "api")
        var number = 0
        var wasWhole = false
        while !wasWhole {
            number += 1
            let minute = 5 + number
            let event = Self.comment("/retest", minute: minute)
            let handOver = try stage.handOver(of: event)
            let before = started.count
            stage.aws.fault = { call, _ in call >= number ? fault : nil }
            if case .success = try stage.evaluate(handOver, attempts: 1)[0] { wasWhole = true }
            stage.aws.fault = { _, _ in nil }
            try stage.restart(["GITHUB_TOKEN_ARN": FakeGitHub.arn])
            stage.wait(Stage.timeout)
            let record = try stage.evaluate(handOver, attempts: 1)[0].get()
            let outcome = record.outcome(of: "api") ?? "none"
            #expect(["started", "already-started"].contains(outcome), "call \(number)")
            #expect(started.count == before + 1, "call \(number)")
        }
        #expect(number > 8)
    }

    @Test func `an old comment is ignored`() throws {
        let old = Self.comment("/retest", minute: -8 * 24 * 60)
        let answer = try stage.send(old).answer
        #expect(answer["outcome"]?.string == "ignored")
        #expect(answer["reason"]?.string?.hasPrefix("the event is 8 days old; ") == true)
    }

    @Test func `nobody is asked if no rule is meant`() throws {
        rule("api")
        try open()
        _ = try comment("/test web")
        #expect(gitHub.targets.isEmpty)
    }
}

/// GitHub's answers about pull request 7 of `octo/mono` and who may push there.
final class FakePull {
    var permission = "write"
    var state = "open"
    var head = Stage.commit(1)
    var repository = #"{"full_name":"octo/mono"}"#
    var isDraft = false
    /// What is answered instead, to `permission` or `pull`.
    var refusals: [String: HTTPResponse] = [:]
    private(set) var targets: [String] = []

    func forget() {
        targets = []
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        guard request.headers["Authorization"] == "Bearer \(FakeGitHub.token)" else {
            return FakeGitHub.refusal(401, "Bad credentials")
        }
        return answer(request)
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        targets.append(request.target)
        if request.target.hasSuffix("/permission") {
            return refusals["permission"]
                ?? .json(#"{"permission":"\#(permission)","role_name":"x","user":null}"#)
        }
        if let refusal = refusals["pull"] { return refusal }
        guard request.target == "/repos/octo/mono/pulls/7" else {
            return FakeGitHub.refusal(404, "Not Found")
        }
        return .json(
            GitHubPullTests.answer(
                state: state,
                head: head,
                repository: repository,
                draft: isDraft
            )
        )
    }
}

import AWS
import Codec
import Platform
import TestSupport
import Testing

@testable import Core

/// Paths that GitHub's event does not list are asked for where a rule hangs on them.
@Suite struct `Paths that an event does not list` {
    private let gitHub = FakeGitHub()

    private func stage(_ variables: [String: String] = [:]) throws -> Stage {
        let stage = try Stage(["GITHUB_TOKEN_ARN": FakeGitHub.arn].merging(variables) { $1 })
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": "\(FakeGitHub.token)\n"]
        stage.aws.elsewhere = gitHub.answer
        stage.rule("api", #""Events":["push","pull_request"],"Paths":["services/api/**"]"#)
        stage.rule(
            "web",
            #""Events":["push","pull_request"],"Paths":["services/web/**"],"#
                + #""WhenPathsUnknown":"skip""#
        )
        return stage
    }

    private static func pullRequest() -> [UInt8] {
        let repository =
            #"{"full_name":"octo/mono","clone_url":"https://github.com/octo/mono.git"}"#
        return Stage.event(
            #"""
            {"action":"opened","number":7,"pull_request":{"draft":false,"merged":false,\#
            "head":{"ref":"f","sha":"\#(String(repeating: "b", count: 40))",\#
            "repo":\#(repository)},"base":{"ref":"main","sha":\#
            "\#(String(repeating: "a", count: 40))","repo":\#(repository)}},\#
            "repository":\#(repository),"sender":{"login":"mona"}}
            """#,
            name: "pull_request"
        )
    }

    /// A push whose event has no commits; those it leads from and to are `a…` and `b…`.
    private static func push(_ changes: [(String, String)] = []) -> [UInt8] {
        var payload = Stage.payload("main", []).replacing(
            /"commits":\[.*?\}\]/,
            with: #""commits":[]"#
        )
        for (old, new) in changes { payload = payload.replacing(old, with: new) }
        return Stage.event(payload)
    }

    private static func outcomes(_ record: JSON) -> [String?] {
        ["api", "web"].map { record.outcome(of: $0) }
    }

    @Test func `those of a pull request decide its rules`() throws {
        gitHub.files = ["docs/a.md", "services/web/b"]
        let stage = try stage()
        let record = try stage.evaluateAll(Self.pullRequest())
        #expect(Self.outcomes(record) == ["skipped", "started"])
        #expect(record.rule("web")?["path"]?.string == "services/web/b")
        #expect(record["change"]?["pathCount"]?.int == 2)
        #expect(record["change"]?["pathsIncomplete"] == nil)
        let pull = "/repos/octo/mono/pulls/7"
        #expect(gitHub.targets == ["\(pull)/files?per_page=100&page=1", pull])
        #expect(Set(gitHub.requests.map(\.origin)) == ["https://api.github.com"])
        #expect(!stage.log.contains(FakeGitHub.token))
    }

    private static let asked =
        "a pull request's event carries no paths, and GitHub could not be asked for them: "

    @Test(
        arguments: [
            (
                200, #"{"head":{"sha":"c0ffee"}}"#,
                "\(asked)the pull request is at c0ffee by now"
            ),
            (200, #"{"head":{}}"#, "\(asked)reading the pull request: it has no head.sha"),
            (200, "<html>", "\(asked)reading the pull request: it has no head.sha"),
            (404, "", nil),
            (500, "", "\(asked)github:GetPull of octo/mono#7: 500"),
        ] as [(Int, String, String?)]
    )
    func `files that may be those of another commit do not count`(
        status: Int,
        body: String,
        incomplete: String?
    ) throws {
        gitHub.files = ["docs/a.md"]
        gitHub.pullRequest = HTTPResponse(status: status, body: Array(body.utf8))
        let record = try stage().evaluateAll(Self.pullRequest())
        #expect(record["change"]?["pathsIncomplete"]?.string == incomplete)
        #expect(
            Self.outcomes(record)
                == (incomplete == nil ? ["skipped", "skipped"] : ["started", "skipped"])
        )
    }

    @Test(arguments: [(100, 1), (101, 2), (250, 3), (2_999, 30)])
    func `all pages are read`(count: Int, pages: Int) throws {
        gitHub.files = (1..<count).map { "docs/\($0)" } + ["services/web/b"]
        let record = try stage().evaluateAll(Self.pullRequest())
        #expect(Self.outcomes(record) == ["skipped", "started"])
        #expect(record["change"]?["pathCount"]?.int == count)
        // The last call is for the pull request itself.
        #expect(Set(gitHub.targets).count == pages + 1)
        #expect(gitHub.targets.count == pages + 1)
    }

    @Test func `a pull request with more files than GitHub lists stays incomplete`() throws {
        gitHub.files = (0..<4_000).map { "docs/\($0)" }
        let record = try stage().evaluateAll(Self.pullRequest())
        #expect(Self.outcomes(record) == ["started", "skipped"])
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "GitHub lists no more than 3000 files of a pull request"
        )
        #expect(gitHub.targets.count == 31)
    }

    @Test func `those of a push are compared, and both names of a renamed file count`() throws {
        gitHub.comparisons["a...b"] = ["services/web/old>docs/new"]
        let record = try stage().evaluateAll(Self.push())
        #expect(Self.outcomes(record) == ["skipped", "started"])
        #expect(record["change"]?["pathCount"]?.int == 2)
        #expect(
            gitHub.targets == [
                "/repos/octo/mono/compare/\(String(repeating: "a", count: 40))..."
                    + "\(String(repeating: "b", count: 40))?per_page=1&page=1"
            ]
        )
    }

    private static func mergeGroup() -> [UInt8] {
        Stage.event(
            #"""
            {"action":"checks_requested","merge_group":{\#
            "head_sha":"\#(String(repeating: "b", count: 40))",\#
            "head_ref":"refs/heads/gh-readonly-queue/main/pr-7-a",\#
            "base_sha":"\#(String(repeating: "a", count: 40))","base_ref":"refs/heads/main"},\#
            "repository":{"full_name":"octo/mono"},"sender":{"login":"mona"}}
            """#,
            name: "merge_group"
        )
    }

    @Test func `a merge group is compared with what it is to be merged into`() throws {
        gitHub.comparisons["a...b"] = ["services/web/b"]
        let stage = try stage()
        for name in ["api", "web"] {
            stage.rule(name, #""Events":["merge_group"],"Paths":["services/\#(name)/**"]"#)
        }
        let record = try stage.evaluateAll(Self.mergeGroup())
        #expect(Self.outcomes(record) == ["skipped", "started"])
        #expect(record.rule("api")?["clause"]?.string == "Paths")
        #expect(record["change"]?["pathsIncomplete"] == nil)
        #expect(stage.aws.objects.keys.filter { $0.hasPrefix("pointsman/heads/") } == [])
    }

    @Test func `a forced push is compared both ways`() throws {
        gitHub.comparisons = ["a...b": ["docs/a"], "b...a": ["services/web/b"]]
        let record = try stage().evaluateAll(Self.push([(#""forced":false"#, #""forced":true"#)]))
        #expect(Self.outcomes(record) == ["skipped", "started"])
        #expect(gitHub.targets.count == 2)
    }

    @Test func `a branch that was created has nothing to compare with`() throws {
        let changes = [
            (String(repeating: "a", count: 40), String(repeating: "0", count: 40)),
            (#""created":false"#, #""created":true"#),
        ]
        let record = try stage().evaluateAll(Self.push(changes))
        #expect(Self.outcomes(record) == ["started", "skipped"])
        #expect(record.rule("api")?["clause"]?.string == "WhenPathsUnknown")
        #expect(gitHub.requests.isEmpty)
    }

    @Test func `nobody is asked where no rule hangs on them`() throws {
        let stage = try stage()
        for name in ["api", "web"] {
            stage.aws.objects["pointsman/rules/github/octo/mono/\(name).json"] = nil
        }
        stage.rule("all", #""Events":["pull_request"]"#)
        #expect(try stage.evaluateAll(Self.pullRequest()).outcome(of: "all") == "started")
        #expect(gitHub.requests.isEmpty)
        #expect(!stage.aws.calls.contains("GetSecretValue AWSCURRENT") || gitHub.requests.isEmpty)
    }

    @Test func `nor where no token is configured`() throws {
        let stage = try stage(["GITHUB_TOKEN_ARN": ""])
        let record = try stage.evaluateAll(Self.pullRequest())
        #expect(Self.outcomes(record) == ["started", "skipped"])
        #expect(gitHub.requests.isEmpty)
    }

    @Test func `an Enterprise Server is asked where the environment says it is`() throws {
        gitHub.files = ["services/web/b"]
        let stage = try stage(["GITHUB_API_URL": "https://git.example.com/api/v3/"])
        try stage.evaluateAll(Self.pullRequest())
        #expect(gitHub.requests.map(\.origin) == ["https://git.example.com"])
        #expect(gitHub.targets[0].hasPrefix("/api/v3/repos/octo/mono/pulls/7/files?"))
    }

    @Test(arguments: ["http://git.example.com", "git.example.com", "https://"])
    func `an address without TLS is an init error`(url: String) {
        let error = #expect(throws: InvocationError.self) { try stage(["GITHUB_API_URL": url]) }
        #expect(error?.type == "Runtime.BadEnvironment")
        #expect(error?.message == "GITHUB_API_URL is not an https:// URL")
    }

    // What goes wrong.

    private static let unknown =
        "a pull request's event carries no paths, and GitHub could not be asked for them: "
    private static let call = "github:ListPullRequestFiles of octo/mono#7: "

    @Test(arguments: [
        (FakeGitHub.refusal(404, "Not Found"), "404: Not Found"),
        (FakeGitHub.refusal(401, "Bad credentials"), "401: Bad credentials"),
        (FakeGitHub.refusal(403, "No access"), "403: No access"),
        (FakeGitHub.refusal(301, "Moved Permanently"), "301: Moved Permanently"),
        (FakeGitHub.refusal(502, "Server Error"), "502: Server Error"),
        (
            FakeGitHub.refusal(
                403,
                "API rate limit exceeded",
                ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790003600"]
            ),
            "403 RateLimited: the token's requests are used up until 2026-09-21T15:13:20Z"
        ),
        (
            FakeGitHub.refusal(429, "Too many", ["retry-after": "60"]),
            "429 RateLimited: the token's requests are too many, for 60 s"
        ),
    ])
    func `a refusal leaves them unknown, says why and fails nothing`(
        refusal: HTTPResponse,
        reason: String
    ) throws {
        gitHub.refusal = refusal
        let record = try stage().evaluateAll(Self.pullRequest())
        #expect(Self.outcomes(record) == ["started", "skipped"])
        for name in ["api", "web"] {
            #expect(record.rule(name)?["clause"]?.string == "WhenPathsUnknown")
        }
        let unknown = record["change"]?["pathsIncomplete"]?.string
        #expect(unknown == Self.unknown + Self.call + reason)
    }

    @Test func `so does an answer that is no list of files`() throws {
        gitHub.refusal = HTTPResponse(status: 200, body: Array("<html>".utf8))
        let record = try stage().evaluateAll(Self.pullRequest())
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == Self.unknown + "reading the list of files: invalid JSON at byte 0: "
                + "expected a value, found '<'"
        )
    }

    @Test(
        arguments: [
            (
                nil,
                "the token cannot be read: secretsmanager:GetSecretValue of \(FakeGitHub.arn): "
                    + "400 ResourceNotFoundException: as scripted"
            ),
            (" \n", "the token is empty"),
        ] as [(String?, String)]
    )
    func `so does a token that is not to be had`(token: String?, reason: String) throws {
        let stage = try stage()
        stage.aws.secrets[FakeGitHub.arn] = token.map { ["AWSCURRENT": $0] }
        let record = try stage.evaluateAll(Self.pullRequest())
        #expect(Self.outcomes(record) == ["started", "skipped"])
        #expect(record["change"]?["pathsIncomplete"]?.string == Self.unknown + reason)
        #expect(gitHub.requests.isEmpty)
    }

    @Test func `a token that was replaced while it was kept is read again`() throws {
        let stage = try stage()
        gitHub.files = ["services/web/b"]
        try stage.evaluateAll(Self.pullRequest())
        gitHub.accepted = "ghp_N3w"
        stage.aws.secrets[FakeGitHub.arn] = ["AWSCURRENT": "ghp_N3w"]
        stage.aws.forgetCalls()
        let record = try stage.evaluateAll(Self.pullRequest())
        #expect(record["change"]?["pathsIncomplete"] == nil)
        #expect(gitHub.requests.count == 5)
        // One that is refused when it has just been read is not read again.
        gitHub.accepted = "another"
        try stage.evaluateAll(Self.pullRequest())
        #expect(gitHub.requests.count == 7)
        try stage.evaluateAll(Self.pullRequest())
        #expect(gitHub.requests.count == 8)
    }

    @Test(.thorough, arguments: FakeAWS.Fault.allCases)
    func `whichever call fails once, the right target starts once`(fault: FakeAWS.Fault) throws {
        let counted = try stage()
        gitHub.files = (0..<150).map { "services/web/\($0)" }
        let handOver = try counted.handOver(of: Self.pullRequest())
        try counted.evaluate(handOver)
        for number in 1...counted.aws.calls.count {
            let stage = try stage()
            stage.aws.fault = { call, _ in call == number ? fault : nil }
            let record = try stage.evaluate(handOver)[0].get()
            let comment: Comment = "call \(number), \(counted.aws.calls[number - 1])"
            // What GitHub itself calls too much is not asked again at once.
            let isLimited =
                fault == .throttled && counted.aws.calls[number - 1].hasSuffix("api.github.com")
            #expect(
                Self.outcomes(record)
                    == (isLimited ? ["started", "skipped"] : ["skipped", "started"]),
                comment
            )
            #expect(stage.aws.executions.map(\.pipeline) == [isLimited ? "api" : "web"], comment)
        }
    }

    @Test(arguments: FakeAWS.Fault.failures)
    func `while GitHub is away evaluations go on, and soon`(fault: FakeAWS.Fault) throws {
        let stage = try stage()
        let handOver = try stage.handOver(of: Self.pullRequest())
        stage.aws.fault = { _, name in name.hasSuffix("api.github.com") ? fault : nil }
        let began = stage.now
        let record = try stage.evaluate(handOver)[0].get()
        #expect(Self.outcomes(record) == ["started", "skipped"])
        #expect(stage.now.milliseconds - began.milliseconds <= 12_000)
        #expect(record["change"]?["pathsIncomplete"]?.string?.hasPrefix(Self.unknown) == true)
    }
}

import Codec
import Platform
import Testing

@testable import AWS
@testable import Core

/// An API that answers what a test says, to whoever has the token.
final class FakeAPI {
    static let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
    static let token = "t0ken-of-the-api"

    /// The answers, by the path and query after the API's own path.
    var answers: [String: HTTPResponse] = [:]
    /// Called with each target before it is answered.
    var before: (_ target: String) -> Void = { _ in }
    /// What is answered to everything else.
    var otherwise = HTTPResponse(status: 404, body: Array(#"{"message":"Not Found"}"#.utf8))
    private(set) var requests: [HTTPRequest] = []
    private let path: String

    init(path: String) {
        self.path = path
    }

    var targets: [String] { requests.map { String($0.target.dropFirst(path.count)) } }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        requests.append(request)
        before(String(request.target.dropFirst(path.count)))
        guard request.headers["Authorization"] == "Bearer \(Self.token)" else {
            return HTTPResponse(status: 401, body: Array(#"{"message":"Unauthorized"}"#.utf8))
        }
        guard request.target.hasPrefix(path) else { return otherwise }
        return answers[String(request.target.dropFirst(path.count))] ?? otherwise
    }

    func put(_ target: String, _ json: String, _ headers: HTTPHeaders = [:]) {
        answers[target] = HTTPResponse(status: 200, headers: headers, body: Array(json.utf8))
    }
}

/// A stage whose `evaluate` may ask an API, with a rule about `services/api/**` and one about
/// `services/web/**` that is skipped where paths are unknown.
final class PathStage {
    let stage: Stage
    let api: FakeAPI
    private let source: Change.Source

    static let before = String(repeating: "a", count: 40)
    static let after = String(repeating: "b", count: 40)

    init(_ source: Change.Source, path: String, _ variables: [String: String] = [:]) throws {
        self.source = source
        api = FakeAPI(path: path)
        let name = source == .gitea ? "GITEA" : "GITLAB"
        let own = [
            "\(name)_TOKEN_ARN": FakeAPI.arn, "\(name)_API_URL": "https://git.example.com\(path)",
        ]
        stage = try Stage(own.merging(variables) { $1 })
        stage.aws.secrets[FakeAPI.arn] = ["AWSCURRENT": "\(FakeAPI.token)\n"]
        let api = api
        stage.aws.elsewhere = { api.answer($0) }
        rule("api", #""Paths":["services/api/**"]"#)
        rule("web", #""Paths":["services/web/**"],"WhenPathsUnknown":"skip""#)
    }

    func rule(_ name: String, _ properties: String) {
        stage.aws.put(
            "\(Stage.prefix)/rules/\(source.rawValue)/octo/mono/\(name).json",
            #"{"Source":"\#(source.rawValue)","Repository":"octo/mono","#
                + #""Events":["push","pull_request"],\#(properties),"#
                + #""Target":{"CodePipeline":{"Name":"\#(name)"}}}"#
        )
    }

    func change(
        _ paths: [String] = [],
        incomplete: String? = nil,
        before: String? = PathStage.before,
        pullRequest: Int? = nil
    ) -> Change {
        Change(
            source: source,
            repository: "octo/mono",
            kind: pullRequest == nil ? .push : .pullRequest,
            branch: "main",
            before: before,
            after: Self.after,
            receivedAt: Stage.start,
            delivery: "delivery-1",
            bodyDigest: BodyDigest(eventID: "1", ref: "2"),
            pullRequest: pullRequest.map {
                Change.PullRequest(
                    number: $0,
                    action: "opened",
                    base: "main",
                    head: "f",
                    fork: false,
                    draft: false,
                    merged: false
                )
            },
            paths: ChangedPaths(
                paths: PathList(paths.map { Path(utf8: Array($0.utf8)) }),
                incomplete: incomplete,
                commits: 1
            )
        )
    }

    /// What became of the two rules, and of the paths.
    func outcome(of change: Change) throws -> (rules: [String?], record: JSON) {
        let payload = EvaluateRequest.change(change).encoded()
        let record = try #require(stage.evaluate(payload).last).get()
        return (["api", "web"].map { record.outcome(of: $0) }, record)
    }
}

private let both = "/repos/octo/mono/compare/"
private let forth = "\(PathStage.before)...\(PathStage.after)?verification=false"
private let back = "\(PathStage.after)...\(PathStage.before)?verification=false"

private func commits(_ files: String..., total: Int? = nil) -> String {
    let commits = files.map {
        #"{"sha":"1","files":[{"filename":"\#($0)","status":"modified"}]}"#
    }
    return #"{"total_commits":\#(total ?? files.count),"commits":["#
        + commits.joined(separator: ",") + "]}"
}

@Suite struct GiteaPathsTests {
    private let place: PathStage

    init() throws {
        place = try PathStage(.gitea, path: "/api/v1")
    }

    @Test func `a push is compared in both directions, also if its list seems whole`() throws {
        place.api.put(both + forth, commits("docs/a"))
        place.api.put(both + back, commits("services/web/b"))
        let (rules, record) = try place.outcome(of: place.change(["docs/x"]))
        #expect(rules == ["skipped", "started"])
        #expect(record["change"]?["pathsIncomplete"] == nil)
        #expect(record["change"]?["pathCount"]?.int == 3)
        #expect(Set(place.api.targets) == [both + forth, both + back])
        #expect(place.api.requests.allSatisfy { $0.origin == "https://git.example.com" })
        #expect(!place.stage.log.contains(FakeAPI.token))
    }

    @Test func `nobody is asked where each rule starts by a path that is known`() throws {
        _ = try place.outcome(of: place.change(["services/api/a", "services/web/b"]))
        #expect(place.api.requests.isEmpty)
    }

    @Test func `nobody is asked where no rule looks at paths`() throws {
        for name in ["api", "web"] {
            place.stage.aws.objects["pointsman/rules/gitea/octo/mono/\(name).json"] = nil
        }
        place.rule("all", #""Branches":["main"]"#)
        let (_, record) = try place.outcome(of: place.change(incomplete: "some are missing"))
        #expect(record.outcome(of: "all") == "started")
        #expect(place.api.requests.isEmpty)
    }

    @Test(
        arguments: [
            (commits(), commits(), "Gitea finds nothing between the two commits"),
            (commits("docs/a", total: 3), commits(), "Gitea lists 1 of 3 commits"),
            (
                #"{"total_commits":1,"commits":[{"sha":"1","files":null}]}"#, commits(),
                "Gitea lists a commit without its files"
            ),
        ]
    )
    func `a comparison that may leave something out leaves the paths unknown`(
        forthAnswer: String,
        backAnswer: String,
        incomplete: String
    ) throws {
        place.api.put(both + forth, forthAnswer)
        place.api.put(both + back, backAnswer)
        let (rules, record) = try place.outcome(of: place.change(["docs/x"]))
        #expect(rules == ["started", "skipped"])
        #expect(record["change"]?["pathsIncomplete"]?.string == incomplete)
    }

    @Test(
        arguments: [
            (nil, ["skipped", "skipped"], nil),
            (
                "the event lists 1 of 6 commits", ["started", "skipped"],
                "the event lists 1 of 6 commits, and Gitea could not be asked for them: "
                    + "gitea:CompareCommits of octo/mono: 404: Not Found"
            ),
        ] as [(String?, [String?], String?)]
    )
    func `if the API is away the list counts for what it is`(
        incomplete: String?,
        rules: [String?],
        reason: String?
    ) throws {
        let (found, record) = try place.outcome(
            of: place.change(["docs/x"], incomplete: incomplete)
        )
        #expect(found == rules)
        #expect(record["change"]?["pathsIncomplete"]?.string == reason)
    }

    @Test func `a branch that was created has nothing to compare with`() throws {
        let change = place.change(["docs/x"], incomplete: "history", before: nil)
        #expect(try place.outcome(of: change).rules == ["started", "skipped"])
        #expect(place.api.requests.isEmpty)
    }

    private static func files(_ names: String...) -> String {
        "[" + names.map { #"{"filename":"\#($0)","status":"changed"}"# }.joined(separator: ",")
            + "]"
    }

    private let page = "/repos/octo/mono/pulls/7/files?limit=50&page="

    @Test func `the files of a pull request are on as many pages as the server makes`() throws {
        place.api.put(
            page + "1",
            Self.files("docs/a"),
            ["X-Total-Count": "2", "X-HasMore": "true"]
        )
        place.api.put(
            page + "2",
            #"[{"filename":"docs/b","previous_filename":"services/web/b","status":"renamed"}]"#,
            ["X-Total-Count": "2", "X-HasMore": "false"]
        )
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["skipped", "started"])
        #expect(record["change"]?["pathsIncomplete"] == nil)
        #expect(place.api.targets == [page + "1", page + "2", "/repos/octo/mono/pulls/7"])
    }

    private static let asked = "none, and Gitea could not be asked for them: "

    @Test(
        arguments: [
            (#"{"head":{"sha":"\#(PathStage.after)"}}"#, nil),
            (
                #"{"head":{"sha":"c0ffee"}}"#,
                "\(asked)the pull request is at c0ffee by now"
            ),
            ("[]", "\(asked)reading the pull request: it has no head.sha"),
        ] as [(String, String?)]
    )
    func `files that may be those of another commit do not count`(
        body: String,
        incomplete: String?
    ) throws {
        place.api.put(page + "1", Self.files("docs/a"), ["X-HasMore": "false"])
        place.api.put("/repos/octo/mono/pulls/7", body)
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == (incomplete == nil ? ["skipped", "skipped"] : ["started", "skipped"]))
        #expect(record["change"]?["pathsIncomplete"]?.string == incomplete)
    }

    @Test func `a server that lists more paths than are taken leaves them unknown`() throws {
        let file = { (number: Int) in #"{"filename":"\#(number)"}"# }
        let files = (0..<PathListBuilder.mostPaths).map(file).joined(separator: ",")
        place.api.put(page + "1", "[\(files)]", ["X-HasMore": "true"])
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["started", "skipped"])
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "\(Self.asked)Gitea lists 100000 paths or more, or 6000000 bytes of them"
        )
        #expect(place.api.targets == [page + "1"])
    }

    @Test func `what a copy was made of has not changed`() throws {
        place.api.put(
            page + "1",
            #"[{"filename":"docs/b","previous_filename":"services/web/b","status":"copied"}]"#,
            ["X-HasMore": "false"]
        )
        let change = place.change(incomplete: "none", pullRequest: 7)
        #expect(try place.outcome(of: change).rules == ["skipped", "skipped"])
    }

    @Test func `a server that has fewer files than it says leaves the paths unknown`() throws {
        place.api.put(page + "1", Self.files("docs/a"), ["X-Total-Count": "9"])
        place.api.put(page + "2", "[]", ["X-Total-Count": "9"])
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["started", "skipped"])
        #expect(record["change"]?["pathsIncomplete"]?.string == "Gitea lists 1 of 9 files")
    }

    @Test func `a server whose pages have no end is left`() throws {
        place.api.otherwise = HTTPResponse(
            status: 200,
            headers: ["X-HasMore": "true"],
            body: Array(Self.files("docs/a").utf8)
        )
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["started", "skipped"])
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "none, and Gitea could not be asked for them: "
                + "Gitea lists more than 200 pages of files"
        )
    }

    @Test(
        arguments: [
            ([:], "GITEA_API_URL is missing, and GITEA_TOKEN_ARN is there"),
            (
                ["GITEA_API_URL": "http://git.example.com/api/v1"],
                "GITEA_API_URL is not an https:// URL"
            ),
        ] as [([String: String], String)]
    )
    func `a token without a server that it may go to is an init error`(
        variables: [String: String],
        message: String
    ) throws {
        let variables = ["GITEA_TOKEN_ARN": FakeAPI.arn, "GITEA_API_URL": ""]
            .merging(variables) { $1 }
        let error = #expect(throws: InvocationError.self) { try Stage(variables) }
        #expect(error?.message == message)
    }

    @Test func `a token that was replaced is read anew`() throws {
        place.api.put(both + forth, commits("docs/a"))
        place.api.put(both + back, commits("services/web/b"))
        place.stage.aws.secrets[FakeAPI.arn] = ["AWSCURRENT": "old"]
        #expect(try place.outcome(of: place.change(["docs/x"])).rules == ["skipped", "skipped"])
        place.stage.aws.secrets[FakeAPI.arn] = ["AWSCURRENT": FakeAPI.token]
        var again = place.change(["docs/x"])
        again.delivery = "delivery-2"
        again.bodyDigest = BodyDigest(eventID: "2", ref: "2")
        #expect(try place.outcome(of: again).rules == ["skipped", "started"])
    }

    @Test func `an empty secret is no token, and no request is made`() throws {
        place.stage.aws.secrets[FakeAPI.arn] = ["AWSCURRENT": "\n"]
        let (_, record) = try place.outcome(of: place.change(["docs/x"], incomplete: "some"))
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "some, and Gitea could not be asked for them: the secret \(FakeAPI.arn) is empty"
        )
        #expect(place.api.requests.isEmpty)
    }
}

@Suite struct GitLabPathsTests {
    private let place: PathStage
    private let compare =
        "/projects/octo%2Fmono/repository/compare?from=\(PathStage.before)"
        + "&to=\(PathStage.after)&straight=true"
    private let mergeRequest = "/projects/octo%2Fmono/merge_requests/7"

    init() throws {
        place = try PathStage(.gitlab, path: "/api/v4")
    }

    private static func diffs(_ files: (old: String, new: String)...) -> String {
        "["
            + files.map { #"{"old_path":"\#($0.old)","new_path":"\#($0.new)","diff":""}"# }
            .joined(separator: ",") + "]"
    }

    private func put(diffs: String, isCut: Bool = false) {
        place.api.put(compare, #"{"compare_timeout":\#(isCut),"diffs":\#(diffs)}"#)
    }

    @Test func `a push is compared by its trees, also if its list seems whole`() throws {
        put(diffs: Self.diffs(("services/web/old", "docs/new")))
        let (rules, record) = try place.outcome(of: place.change(["docs/x"]))
        #expect(rules == ["skipped", "started"])
        #expect(record["change"]?["pathCount"]?.int == 3)
        #expect(place.api.targets == [compare])
    }

    @Test(
        arguments: [
            (true, 1, "GitLab has not compared all files"),
            (false, 1_000, "GitLab lists 1000 files, and may list no more"),
        ]
    )
    func `a comparison that may leave something out leaves the paths unknown`(
        isCut: Bool,
        count: Int,
        incomplete: String
    ) throws {
        let files = (0..<count).map { #"{"old_path":"docs/\#($0)","new_path":"docs/\#($0)"}"# }
        put(diffs: "[\(files.joined(separator: ","))]", isCut: isCut)
        let (rules, record) = try place.outcome(of: place.change(["docs/x"]))
        #expect(rules == ["started", "skipped"])
        #expect(record["change"]?["pathsIncomplete"]?.string == incomplete)
    }

    @Test func `if the API is away the list counts for what it is`() throws {
        #expect(try place.outcome(of: place.change(["docs/x"])).rules == ["skipped", "skipped"])
        #expect(place.api.targets == [compare])
    }

    private func putMergeRequest(count: String?, head: String = PathStage.after) {
        let count = count.map { "\"\($0)\"" } ?? "null"
        place.api.put(
            mergeRequest,
            #"{"iid":7,"changes_count":\#(count),"diff_refs":{"head_sha":"\#(head)"}}"#
        )
    }

    private func page(_ number: Int) -> String {
        "\(mergeRequest)/diffs?per_page=30&page=\(number)"
    }

    @Test func `the files of a merge request are on as many pages as there are`() throws {
        putMergeRequest(count: "2")
        place.api.put(page(1), Self.diffs(("docs/a", "docs/a")), ["X-Next-Page": "2"])
        place.api.put(
            page(2),
            Self.diffs(("services/web/b", "services/web/b")),
            ["X-Next-Page": ""]
        )
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["skipped", "started"])
        #expect(record["change"]?["pathsIncomplete"] == nil)
        #expect(place.api.targets == [mergeRequest, page(1), page(2), mergeRequest])
    }

    @Test(
        arguments: [
            ("1000+", "GitLab says that 1000+ files differ, and lists 1"),
            ("3", "GitLab says that 3 files differ, and lists 1"),
        ]
    )
    func `a merge request that lists less than it has leaves the paths unknown`(
        count: String,
        incomplete: String
    ) throws {
        putMergeRequest(count: count)
        place.api.put(page(1), Self.diffs(("docs/a", "docs/a")))
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["started", "skipped"])
        #expect(record["change"]?["pathsIncomplete"]?.string == incomplete)
    }

    @Test(arguments: [("1", PathStage.before), ("2", PathStage.after)])
    func `files that may be those of another commit do not count`(
        count: String,
        head: String
    ) throws {
        putMergeRequest(count: "1")
        place.api.put(page(1), Self.diffs(("docs/a", "docs/a")))
        place.api.before = { [self] target in
            if target == page(1) { putMergeRequest(count: count, head: head) }
        }
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["started", "skipped"])
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "none, and GitLab could not be asked for them: "
                + "the merge request has changed while its files were listed"
        )
    }

    @Test(arguments: [(nil, PathStage.after), ("1", PathStage.before)] as [(String?, String)])
    func `a merge request that is not compared yet is looked at again, a second later`(
        count: String?,
        head: String
    ) throws {
        putMergeRequest(count: count, head: head)
        let change = place.change(incomplete: "none", pullRequest: 7)
        let (rules, record) = try place.outcome(of: change)
        #expect(rules == ["started", "skipped"])
        #expect(place.api.targets == [String](repeating: mergeRequest, count: 4))
        #expect(
            record["change"]?["pathsIncomplete"]?.string
                == "none, and GitLab could not be asked for them: "
                + "GitLab has not compared commit \(PathStage.after) yet"
        )
    }

    @Test(
        arguments: [
            ("[]", "reading the merge request: it has no iid"),
            (
                "<html>",
                "reading the merge request: invalid JSON at byte 0: expected a value, found '<'"
            ),
        ]
    )
    func `an answer that is no merge request is said`(body: String, reason: String) throws {
        place.api.put(mergeRequest, body)
        let change = place.change(incomplete: "none", pullRequest: 7)
        #expect(
            try place.outcome(of: change).record["change"]?["pathsIncomplete"]?.string
                == "none, and GitLab could not be asked for them: \(reason)"
        )
    }
}

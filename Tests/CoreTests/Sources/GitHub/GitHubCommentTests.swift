import Codec
import Platform
import Testing

@testable import Core

@Suite struct GitHubCommentTests {
    static func event(
        action: String = #""created""#,
        issue: String = #"{"number":7,"state":"open","pull_request":{"url":"u"}}"#,
        body: String = #""/test ci/api""#,
        user: String = #"{"login":"mona"}"#,
        createdAt: String = #""2026-09-21T14:13:20Z""#,
        repository: String =
            #"{"id":5,"full_name":"o/r","clone_url":"https://github.com/o/r.git"}"#
    ) -> String {
        #"{"action":\#(action),"issue":\#(issue),"comment":{"user":\#(user),"body":\#(body),"#
            + #""created_at":\#(createdAt),"author_association":"NONE"},"#
            + #""repository":\#(repository),"sender":{"login":"somebody"}}"#
    }

    private static func result(_ body: String) -> WebhookResult {
        WebhookResult(of: githubEvent("issue_comment", body: body))
    }

    @Test func `a comment says who asks for what, and nothing of the pull request but its number`()
        throws
    {
        let body = Self.event()
        #expect(
            Self.result(body).changes == [
                Change(
                    source: .github,
                    repository: "o/r",
                    repositoryID: 5,
                    kind: .pullRequest,
                    actor: "mona",
                    cloneURL: "https://github.com/o/r.git",
                    receivedAt: moment,
                    eventTime: Timestamp(iso8601: "2026-09-21T14:13:20Z"),
                    delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                    bodyDigest: BodyDigest(SHA256(of: Array(body.utf8))),
                    pullRequest: Change.PullRequest(commentedOn: 7),
                    comment: CommentCommand(.test, "ci/api"),
                    paths: ChangedPaths(
                        paths: [],
                        incomplete: "a comment's event carries no paths"
                    )
                )
            ]
        )
    }

    @Test(arguments: [
        (event(), "202 accepted: /test ci/api on pull request 7 of o/r"),
        (
            event(user: #"{"login":"dependabot[bot]"}"#),
            "202 accepted: /test ci/api on pull request 7 of o/r"
        ),
        (
            event(action: #""edited""#),
            "200 ignored: the issue_comment action edited is not handled"
        ),
        (
            event(action: #""deleted""#),
            "200 ignored: the issue_comment action deleted is not handled"
        ),
        (
            event(issue: #"{"number":7,"state":"open"}"#),
            "200 ignored: the comment is not on a pull request"
        ),
        (
            event(issue: #"{"number":7,"state":"open","pull_request":null}"#),
            "200 ignored: the comment is not on a pull request"
        ),
        (
            event(issue: #"{"number":7,"state":"closed","pull_request":{}}"#),
            "200 ignored: the comment is on a pull request that is closed"
        ),
        (
            event(body: #""Looks good""#),
            "200 ignored: the comment's first line is neither /retest nor /test NAME"
        ),
        (
            event(body: "null"),
            "200 ignored: the comment's first line is neither /retest nor /test NAME"
        ),
        (event(action: "null"), "400 malformed: reading the issue_comment event: it has no action"),
        (
            event(repository: "null"),
            "400 malformed: reading the issue_comment event: it has no repository.full_name"
        ),
        (
            event(issue: #"{"state":"open","pull_request":{}}"#),
            "400 malformed: reading the issue_comment event: it has no issue.number"
        ),
        (
            event(issue: #"{"number":0,"state":"open","pull_request":{}}"#),
            "400 malformed: reading the issue_comment event: it has no issue.number"
        ),
        (
            event(issue: #"{"number":7,"pull_request":{}}"#),
            "400 malformed: reading the issue_comment event: it has no issue.state"
        ),
        (
            event(createdAt: "null"),
            "400 malformed: reading the issue_comment event: it has no comment.created_at"
        ),
        (
            event(createdAt: #""yesterday""#),
            "400 malformed: reading the issue_comment event: it has no comment.created_at"
        ),
        (
            event(user: "null"),
            "400 malformed: reading the issue_comment event: it has no comment.user.login"
        ),
        (
            event(user: #"{"login":"../../orgs"}"#),
            "400 malformed: reading the issue_comment event: it has no comment.user.login"
        ),
        (
            event(user: #"{"login":""}"#),
            "400 malformed: reading the issue_comment event: it has no comment.user.login"
        ),
    ])
    func `what is no command is ignored, what cannot be read malformed`(
        body: String,
        line: String
    ) {
        #expect(Self.result(body).line == line)
    }

    @Test func `what is no text where one is expected is malformed`() {
        for body in [
            Self.event(body: "1"), Self.event(issue: "[]"), Self.event(user: "[]"),
            Self.event(action: "{}"), Self.event() + "x", String(Self.event().dropLast()),
        ] {
            #expect(
                Self.result(body).line.hasPrefix("400 malformed: reading the issue_comment event: ")
            )
        }
    }

    @Test func `a comment is handed over and read again as it was`() throws {
        let change = try #require(Self.result(Self.event()).changes.first)
        let bytes = EvaluateRequest.change(change).encoded()
        #expect(try EvaluateRequest(bytes).parse(receivedAt: moment).changes == [change])
        let broken = String(decoding: bytes, as: UTF8.self).replacing("/test ci/api", with: "/tset")
        #expect(throws: ParsingError.self) { try EvaluateRequest(Array(broken.utf8)) }
    }
}

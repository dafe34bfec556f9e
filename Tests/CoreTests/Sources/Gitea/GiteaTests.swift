import Codec
import Platform
import Testing

@testable import Core

@Suite struct GiteaTests {
    private static let push =
        #"{"ref":"refs/heads/main","before":"11","after":"22","#
        + #""commits":[],"total_commits":0,"repository":{"full_name":"o/r"}}"#
    private static let taken =
        "202 accepted: push to main of o/r, 0 paths, not all: the event lists no commits"

    private func line(
        _ headers: [(String, String)],
        contentType: String = "application/json",
        body: String = push
    ) -> String {
        let event = functionURLEvent(
            path: "/gitea",
            headers: [("content-type", contentType)] + headers,
            body: Array(body.utf8)
        )
        return WebhookResult(of: event).line
    }

    @Test(arguments: [
        [("x-gitea-event", "push"), ("x-gitea-signature", giteaSignature(push))],
        [("x-forgejo-event", "push"), ("x-forgejo-signature", giteaSignature(push))],
        [("x-gitea-event", "push"), ("x-hub-signature-256", "sha256=" + giteaSignature(push))],
        [
            ("x-gogs-event", "push"), ("x-gogs-signature", ""), ("x-github-event", "push"),
            ("x-gitea-event", "push"), ("x-gitea-signature", giteaSignature(push)),
        ],
    ])
    func `a delivery is taken by any of the signatures`(headers: [(String, String)]) {
        #expect(line(headers) == Self.taken)
    }

    @Test(
        arguments: [
            ("no signature", []),
            ("empty", [("x-gitea-signature", "")]),
            ("GitHub's prefix", [("x-gitea-signature", "sha256=" + giteaSignature(push))]),
            (
                "no hexadecimal digits",
                [("x-gitea-signature", "zz" + giteaSignature(push).dropFirst(2))]
            ),
            ("too short", [("x-gitea-signature", String(giteaSignature(push).dropLast(2)))]),
            ("another body's", [("x-gitea-signature", giteaSignature("{}"))]),
            (
                "Gitea's own is wrong, though another is right",
                [
                    ("x-gitea-signature", giteaSignature("{}")),
                    ("x-hub-signature-256", "sha256=" + giteaSignature(push)),
                ]
            ),
            ("SHA-1 alone", [("x-hub-signature", "sha1=" + String(repeating: "0", count: 40))]),
        ] as [(String, [(String, String)])]
    )
    func `a delivery without a right signature is refused`(
        why: String,
        headers: [(String, String)]
    ) {
        #expect(
            line([("x-gitea-event", "push")] + headers)
                == "401 unauthorized: signature absent or wrong"
        )
    }

    @Test func `of a form the payload is signed`() {
        let form = "payload=" + PercentEncoding.encode(Self.push)
        let type = "application/x-www-form-urlencoded"
        let event = ("x-gitea-event", "push")
        let signed = line(
            [event, ("x-gitea-signature", giteaSignature(Self.push))],
            contentType: type,
            body: form
        )
        #expect(signed == Self.taken)
        let ofForm = line(
            [event, ("x-gitea-signature", giteaSignature(form))],
            contentType: type,
            body: form
        )
        #expect(ofForm == "401 unauthorized: signature absent or wrong")
    }

    @Test func `Gogs is refused, and told why`() {
        let headers = [("x-gogs-event", "push"), ("x-gogs-signature", giteaSignature(Self.push))]
        #expect(
            line(headers)
                == "400 malformed: the request is that of Gogs, which is not supported"
        )
    }

    @Test(arguments: [
        ("create", "200 ignored: the event create is not handled"),
        ("issues", "200 ignored: the event issues is not handled"),
        ("", "200 ignored: the event  is not handled"),
    ])
    func `an event that is not handled is a success`(event: String, expected: String) {
        #expect(
            line([("x-gitea-event", event), ("x-gitea-signature", giteaSignature(Self.push))])
                == expected
        )
    }

    @Test func `a request has to name its event`() {
        #expect(
            line([("x-gitea-signature", giteaSignature(Self.push))])
                == "400 malformed: no X-Gitea-Event header"
        )
    }
}

@Suite struct GiteaPushTests {
    private static let zeros = String(repeating: "0", count: 40)
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 40)
    private static let three = String(repeating: "3", count: 40)

    private static let members = [
        ("ref", #""refs/heads/main""#),
        ("before", "\"\(one)\""),
        ("after", "\"\(two)\""),
        (
            "commits",
            #"[{"id":"\#(two)","added":["b"],"removed":[],"modified":["a","b"]}]"#
        ),
        ("total_commits", "1"),
        (
            "head_commit",
            #"{"id":"\#(two)","message":"Mend","author":{"name":"Ada","email":"ada@example.com","#
                + #""username":"ada"}}"#
        ),
        (
            "repository",
            #"{"id":7,"full_name":"o/r","clone_url":"https://git.example.com/o/r.git","#
                + #""updated_at":"2020-01-01T00:00:00Z"}"#
        ),
        ("pusher", #"{"login":"pusher"}"#),
        ("sender", #"{"login":"sender"}"#),
    ]

    private static func push(_ changes: [(String, String?)] = []) -> String {
        object(members, changing: changes)
    }

    private func change(_ changes: [(String, String?)] = []) throws -> Change {
        let result = WebhookResult(of: giteaEvent("push", body: Self.push(changes)))
        return try #require(result.changes.first, "\(result.line)")
    }

    @Test func `a push says everything that rules and targets may look at, and no time`() throws {
        #expect(
            try change()
                == Change(
                    source: .gitea,
                    repository: "o/r",
                    repositoryID: 7,
                    kind: .push,
                    branch: "main",
                    before: Self.one,
                    after: Self.two,
                    actor: "sender",
                    message: "Mend",
                    author: Change.Author(name: "Ada", email: "ada@example.com"),
                    cloneURL: "https://git.example.com/o/r.git",
                    receivedAt: moment,
                    delivery: "f6266f16-1bf3-46a5-9ea4-602e06ead473",
                    bodyDigest: BodyDigest(SHA256(of: Array(Self.push().utf8))),
                    paths: ChangedPaths(
                        paths: [Path(utf8: [0x61]), Path(utf8: [0x62])],
                        commits: 1
                    )
                )
        )
    }

    private static let history = "the branch was created, and the event lists its history"

    @Test(
        arguments: [
            ("all are listed", [], nil),
            ("some are not", [("total_commits", "6")], "the event lists 1 of 6 commits"),
            (
                "it is not said how many", [("total_commits", nil)],
                "the event does not say how many commits there are"
            ),
            ("none", [("commits", "[]"), ("total_commits", "0")], "the event lists no commits"),
            ("null", [("commits", "null"), ("total_commits", "0")], "the event lists no commits"),
            ("created", [("before", "\"\(zeros)\"")], history),
            ("created, no before", [("before", nil)], history),
            (
                "a commit without a list",
                [("commits", #"[{"id":"3333333333aa","added":[],"removed":[]}]"#)],
                "commit 3333333333 does not list the files it modified"
            ),
        ] as [(String, [(String, String?)], String?)]
    )
    func `the paths are all if all commits are listed`(
        why: String,
        changes: [(String, String?)],
        incomplete: String?
    ) throws {
        #expect(try change(changes).paths.incomplete == incomplete)
    }

    @Test(
        arguments: [
            (two, #"{"id":"\#(two)"}"#, two, nil),
            (three, #"{"id":"\#(two)"}"#, two, three),
            (three, "null", nil, three),
        ] as [(String, String, String?, String?)]
    )
    func `the commit of a tag is the head commit's`(
        after: String,
        head: String,
        commit: String?,
        tagObject: String?
    ) throws {
        let change = try change([
            ("ref", #""refs/tags/v1""#), ("after", "\"\(after)\""), ("head_commit", head),
        ])
        #expect(change.kind == .tag)
        #expect(change.tag == "v1")
        #expect(change.after == commit)
        #expect(change.tagObject == tagObject)
    }

    @Test(
        arguments: [
            ([("after", "\"\(zeros)\"")], "200 ignored: refs/heads/main was deleted"),
            (
                [("before", "\"\(two)\"")],
                "200 pong: the webhook's test reaches us: refs/heads/main has not moved"
            ),
            (
                [("ref", #""refs/notes/x""#)],
                "200 ignored: refs/notes/x is neither a branch nor a tag"
            ),
            ([("ref", nil)], "400 malformed: reading the push event: it has no ref"),
            ([("after", nil)], "400 malformed: reading the push event: it has no after"),
            (
                [("repository", "{}")],
                "400 malformed: reading the push event: it has no repository.full_name"
            ),
            (
                [("commits", "1")],
                "400 malformed: reading the push event: expected an array at byte 482, found a number"
            ),
        ] as [([(String, String?)], String)]
    )
    func `what starts nothing says why`(changes: [(String, String?)], expected: String) {
        #expect(WebhookResult(of: giteaEvent("push", body: Self.push(changes))).line == expected)
    }
}

@Suite struct GiteaPullRequestTests {
    private static let repository = #"{"id":7,"full_name":"o/r","clone_url":"https://g/o/r.git"}"#

    private static func pullRequest(_ changes: [(String, String?)] = []) -> String {
        object(
            [
                ("title", #""Mend""#), ("draft", "false"), ("merged", "false"),
                ("updated_at", #""2026-01-02T03:04:05+01:00""#),
                ("labels", #"[{"name":"deploy"},{"name":"api"}]"#),
                ("head", #"{"ref":"f","sha":"22","repo":\#(repository)}"#),
                ("base", #"{"ref":"main","sha":"11","repo":\#(repository)}"#),
            ],
            changing: changes
        )
    }

    private static func event(
        _ changes: [(String, String?)] = [],
        pullRequest: [(String, String?)] = []
    ) -> String {
        object(
            [
                ("action", #""opened""#), ("number", "7"), ("repository", repository),
                ("pull_request", Self.pullRequest(pullRequest)), ("sender", #"{"login":"ada"}"#),
                ("commit_id", #""22""#),
            ],
            changing: changes
        )
    }

    private func result(
        _ changes: [(String, String?)] = [],
        pullRequest: [(String, String?)] = []
    ) -> WebhookResult {
        WebhookResult(
            of: giteaEvent(
                "pull_request",
                body: Self.event(changes, pullRequest: pullRequest)
            )
        )
    }

    @Test func `a pull request says everything that rules and targets may look at`() throws {
        let change = try #require(result().changes.first)
        #expect(change.source == .gitea)
        #expect(change.repositoryID == 7)
        #expect(change.branch == "main")
        #expect(change.after == "22")
        #expect(change.actor == "ada")
        #expect(change.eventTime == Timestamp(iso8601: "2026-01-02T02:04:05Z"))
        let pullRequest = try #require(change.pullRequest)
        #expect(pullRequest.number == 7)
        #expect(pullRequest.action == "opened")
        #expect(pullRequest.base == "main")
        #expect(pullRequest.head == "f")
        #expect(!pullRequest.fork)
        #expect(!pullRequest.draft)
        #expect(!pullRequest.merged)
        #expect(change.paths.incomplete == "a pull request's event carries no paths")
    }

    @Test(
        arguments: [
            ("opened", [], [], "opened"), ("reopened", [], [], "reopened"),
            ("synchronized", [], [], "synchronize"), ("closed", [], [], "closed"),
            ("edited", [("changes", #"{"ref":{"from":"old"}}"#)], [], "edited"),
            ("edited", [("changes", #"{"title":{"from":"WIP: Mend"}}"#)], [], "ready_for_review"),
            ("edited", [("changes", #"{"title":{"from":"[wip] Mend"}}"#)], [], "ready_for_review"),
            ("edited", [("changes", #"{"title":{"from":"Mend it"}}"#)], [], nil),
            (
                "edited", [("changes", #"{"title":{"from":"WIP: Mend"}}"#)],
                [("title", #""wip:Mend""#)], nil
            ),
            ("edited", [("changes", #"{"body":{"from":"WIP: Mend"}}"#)], [], nil),
            ("edited", [("changes", #"{"ref":null}"#)], [], nil),
            ("label_updated", [], [], "labeled"),
            ("label_updated", [("changes", #"{"added_labels":[]}"#)], [], nil),
            ("label_updated", [], [("state", #""closed""#)], nil),
            ("assigned", [], [], nil), ("label_cleared", [], [], nil), ("reviewed", [], [], nil),
        ] as [(String, [(String, String?)], [(String, String?)], String?)]
    )
    func `an action is told in the words that rules know`(
        action: String,
        changes: [(String, String?)],
        pullRequest: [(String, String?)],
        known: String?
    ) {
        let result = result([("action", "\"\(action)\"")] + changes, pullRequest: pullRequest)
        #expect(result.changes.first?.pullRequest?.action == known)
        guard known == nil else { return }
        #expect(result.line == "200 ignored: the pull_request action \(action) is not handled")
    }

    @Test(
        arguments: [
            (repository, false, nil),
            (#"{"id":8,"full_name":"x/r"}"#, true, "x/r"),
            (#"{"id":8,"full_name":"O/r"}"#, true, "O/r"),
            ("null", true, nil),
            ("{}", true, nil),
        ] as [(String, Bool, String?)]
    )
    func `a head in another repository, or in none, is a fork's`(
        repository: String,
        isFork: Bool,
        name: String?
    ) throws {
        let head = #"{"ref":"f","sha":"22","repo":\#(repository)}"#
        let change = try #require(result(pullRequest: [("head", head)]).changes.first)
        #expect(change.pullRequest?.fork == isFork)
        #expect(change.pullRequest?.headRepository == name)
    }

    @Test(
        arguments: [
            ([], ["deploy", "api"]),
            ([("changes", #"{"added_labels":[{"id":1,"name":"api"}]}"#)], ["api"]),
        ] as [([(String, String?)], [String])]
    )
    func `the labels that were added are all where Gitea does not say which`(
        changes: [(String, String?)],
        added: [String]
    ) throws {
        let result = result([("action", #""label_updated""#)] + changes)
        let pullRequest = try #require(result.changes.first?.pullRequest)
        #expect(pullRequest.labels == ["deploy", "api"])
        #expect(pullRequest.addedLabels == added)
    }

    @Test func `a pull request that was made by a push is a fork's`() throws {
        let head = #"{"ref":"refs/pull/7/head","sha":"22","repo":\#(Self.repository)}"#
        let change = try #require(result(pullRequest: [("head", head)]).changes.first)
        #expect(change.pullRequest?.fork == true)
    }

    @Test(
        arguments: [
            ([("draft", "true")], true), ([("draft", nil), ("title", #""WIP: x""#)], true),
            ([("draft", nil)], false), ([("draft", "false"), ("title", #""WIP: x""#)], false),
        ] as [([(String, String?)], Bool)]
    )
    func `a draft is what the server says, else what the title says`(
        changes: [(String, String?)],
        isDraft: Bool
    ) {
        #expect(result(pullRequest: changes).changes.first?.pullRequest?.draft == isDraft)
    }

    @Test(
        arguments: [
            ([("action", nil)], [], "action"), ([("number", nil)], [], "number"),
            ([("repository", "null")], [], "repository.full_name"),
            ([], [("head", "null")], "pull_request.head.ref and .sha"),
            ([], [("base", "{}")], "pull_request.base.ref"),
        ] as [([(String, String?)], [(String, String?)], String)]
    )
    func `what an event lacks is named`(
        changes: [(String, String?)],
        pullRequest: [(String, String?)],
        member: String
    ) {
        #expect(
            result(changes, pullRequest: pullRequest).line
                == "400 malformed: reading the pull_request event: it has no \(member)"
        )
    }
}

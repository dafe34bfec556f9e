import Codec
import Platform
import Testing

@testable import Core

@Suite struct GitLabTests {
    private static let push =
        #"{"ref":"refs/heads/main","before":"11","after":"22","#
        + #""commits":[],"total_commits_count":0,"project":{"path_with_namespace":"g/s/n"}}"#
    private static let taken =
        "202 accepted: push to main of g/s/n, 0 paths, not all: the event lists no commits"
    private static let refused = "401 unauthorized: signature absent or wrong"

    private func line(
        _ headers: [(String, String)],
        secrets: [Secret] = [secret],
        body: String = push
    ) -> String {
        let event = functionURLEvent(
            path: "/gitlab",
            headers: [("content-type", "application/json"), ("x-gitlab-event", "Push Hook")]
                + headers,
            body: Array(body.utf8)
        )
        return WebhookResult(of: event, secrets: secrets).line
    }

    @Test(
        arguments: [
            ([("x-gitlab-token", "It's a Secret to Everybody")], taken),
            ([("x-gitlab-token", "It's a Secret to Everybod")], refused),
            ([("x-gitlab-token", "")], refused),
            ([], refused),
        ] as [([(String, String)], String)]
    )
    func `a secret that is no signing token is sent as it is`(
        headers: [(String, String)],
        expected: String
    ) {
        #expect(line(headers) == expected)
    }

    // The example of the Standard Webhooks specification, whose key is 24 bytes.
    private static let token = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    private static func signature(
        _ id: String = "msg-1",
        at seconds: Int,
        body: String = push,
        key: Secret = token
    ) -> String {
        let key = GitLabSigningKey(key)?.bytes ?? []
        return "v1,"
            + Base64.encode(
                HMAC.sha256(key: key, message: Array("\(id).\(seconds).\(body)".utf8))
            )
    }

    @Test func `the signature is that of the specification's example`() {
        let signature = Self.signature(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at: 1_614_265_330,
            body: #"{"test": 2432232314}"#
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    private static let now = moment.milliseconds / 1_000

    private static func signed(
        id: String? = "msg-1",
        at seconds: Int = now,
        timestamp: String? = nil,
        signature: String? = nil
    ) -> [(String, String)] {
        let signature = signature ?? Self.signature(id ?? "", at: seconds)
        return [
            id.map { ("webhook-id", $0) },
            ("webhook-timestamp", timestamp ?? String(seconds)),
            ("webhook-signature", signature),
        ].compactMap { $0 }
    }

    @Test(
        arguments: [
            ("now", signed(), taken),
            ("five minutes ago", signed(at: now - 300), taken),
            ("in five minutes", signed(at: now + 300), taken),
            ("more than five minutes ago", signed(at: now - 301), refused),
            ("in more than five minutes", signed(at: now + 301), refused),
            ("another id is signed", signed(signature: signature("msg-2", at: now)), refused),
            ("another time is signed", signed(signature: signature(at: now - 1)), refused),
            ("another body is signed", signed(signature: signature(at: now, body: "{}")), refused),
            ("no id", signed(id: nil), refused),
            ("a time that is none", signed(timestamp: "now"), refused),
            ("a time with a sign", signed(timestamp: "-\(now)"), refused),
            ("a time without end", signed(timestamp: String(repeating: "9", count: 30)), refused),
            ("no version", signed(signature: String(signature(at: now).dropFirst(3))), refused),
            (
                "another version", signed(signature: "v1a," + signature(at: now).dropFirst(3)),
                refused
            ),
            ("no base64", signed(signature: "v1,!!!"), refused),
            ("a part of it", signed(signature: String(signature(at: now).dropLast(5))), refused),
            ("the second of two", signed(signature: "v1,AAAA \(signature(at: now))"), taken),
            (
                "the ninth of nine",
                signed(
                    signature: String(repeating: "v1,AAAA ", count: 8) + signature(at: now)
                ), refused
            ),
            ("the token itself", [("x-gitlab-token", token.revealedText)], refused),
        ] as [(String, [(String, String)], String)]
    )
    func `a signing token signs id, time and body`(
        why: String,
        headers: [(String, String)],
        expected: String
    ) {
        #expect(line(headers, secrets: [Self.token]) == expected)
    }

    @Test func `each version of the secret is judged by its own form`() {
        let headers = Self.signed() + [("x-gitlab-token", "old")]
        #expect(line(headers, secrets: [Secret("new"), Self.token]) == Self.taken)
        #expect(line(headers, secrets: [Self.token, Secret("new")]) == Self.taken)
        #expect(
            line(headers, secrets: [Secret("whsec_AAAA"), Secret("old")]) == Self.taken
        )
        #expect(line(headers, secrets: [Secret("whsec_AAAA"), Secret("new")]) == Self.refused)
    }

    @Test(arguments: ["whsec_", "whsec_!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"])
    func `a signing token that is no base64 authenticates nobody`(text: String) {
        let headers = Self.signed() + [("x-gitlab-token", text)]
        #expect(line(headers, secrets: [Secret(text)]) == Self.refused)
    }

    @Test(
        arguments: [
            ([("webhook-id", "id-1"), ("idempotency-key", "id-2")], "id-1"),
            ([("idempotency-key", "id-2"), ("x-gitlab-event-uuid", "id-3")], "id-2"),
            ([("x-gitlab-event-uuid", "id-3")], "id-3-\(String(bodyHash.prefix(8)))"),
            ([("webhook-id", "a b"), ("idempotency-key", "id-2")], "id-2"),
            ([("x-gitlab-event-uuid", "../x")], bodyHash),
            ([], bodyHash),
        ] as [([(String, String)], String)]
    )
    func `a delivery's id is GitLab's, if that is a plain token`(
        headers: [(String, String)],
        id: String
    ) throws {
        let event = gitLabEvent("Push Hook", body: Self.push, headers: headers)
        #expect(WebhookResult(of: event).changes.first?.delivery == id)
    }

    private static let bodyHash = DeliveryID.hash(of: Array(push.utf8))

    @Test(
        arguments: [
            ([("webhook-id", "id-1"), ("idempotency-key", "id-2")], "id-1"),
            ([("idempotency-key", "id-2")], "id-2"), ([("x-gitlab-event-uuid", "id-3")], ""),
            ([], ""), ([("webhook-id", "a b")], "a b"),
        ] as [([(String, String)], String)]
    )
    func `a start's identity is that of the body, the id and the rule`(
        headers: [(String, String)],
        id: String
    ) throws {
        let event = gitLabEvent("Push Hook", body: Self.push, headers: headers)
        let change = try #require(WebhookResult(of: event).changes.first)
        let whole = "\(Self.push)\n\(id)\np/rules/gitlab/g/s/n/x.json"
        #expect(
            change.bodyDigest.startIdentity(ruleKey: "p/rules/gitlab/g/s/n/x.json")
                == Hex.lower(SHA256.hash(Array(whole.utf8)))
        )
    }

    @Test(arguments: [
        ("Note Hook", "200 ignored: the event Note Hook is not handled"),
        ("Pipeline Hook", "200 ignored: the event Pipeline Hook is not handled"),
        ("System Hook", "200 ignored: the event System Hook is not handled"),
    ])
    func `an event that is not handled is a success`(event: String, expected: String) {
        #expect(WebhookResult(of: gitLabEvent(event, body: "{}")).line == expected)
    }

    @Test func `a request has to name its event`() {
        #expect(
            WebhookResult(of: gitLabEvent(nil, body: "{}")).line
                == "400 malformed: no X-Gitlab-Event header"
        )
    }

    @Test(
        arguments: [
            ("2025-08-05 21:48:27 UTC", "2025-08-05T21:48:27Z"),
            ("2025-08-05T21:48:27Z", "2025-08-05T21:48:27Z"),
            ("2025-08-05T21:48:27.123+02:00", "2025-08-05T19:48:27.123Z"),
            ("2025-08-05 21:48:27", nil), ("2025-08-05 21:48:27 CET", nil), ("", nil),
            ("2025-08-05 21:48:27 UTC UTC", nil),
        ] as [(String, String?)]
    )
    func `a time is read in both of GitLab's forms`(text: String, time: String?) {
        #expect(GitLab.time(text) == time.flatMap(Timestamp.init(iso8601:)))
    }
}

extension Secret {
    fileprivate var revealedText: String { String(decoding: revealed, as: UTF8.self) }
}

@Suite struct GitLabPushTests {
    private static let zeros = String(repeating: "0", count: 40)
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 40)
    private static let three = String(repeating: "3", count: 40)

    private static func commit(_ id: String, _ message: String, _ file: String) -> String {
        #"{"id":"\#(id)","message":"\#(message)","added":["\#(file)"],"removed":[],"modified":[],"#
            + #""author":{"name":"Ada","email":"ada@example.com"}}"#
    }

    private static let members = [
        ("object_kind", #""push""#), ("ref", #""refs/heads/main""#),
        ("before", "\"\(one)\""), ("after", "\"\(two)\""), ("checkout_sha", "\"\(two)\""),
        ("user_username", #""ada""#),
        (
            "project",
            #"{"id":15,"path_with_namespace":"g/s/n","git_http_url":"https://git.example.com/g/s/n.git"}"#
        ),
        ("commits", "[\(commit(three, "First", "a")),\(commit(two, "Mend", "b"))]"),
        ("total_commits_count", "2"),
    ]

    private static func push(_ changes: [(String, String?)] = []) -> String {
        object(members, changing: changes)
    }

    private func result(_ changes: [(String, String?)] = []) -> WebhookResult {
        WebhookResult(of: gitLabEvent("Push Hook", body: Self.push(changes)))
    }

    private func change(_ changes: [(String, String?)] = []) throws -> Change {
        let result = result(changes)
        return try #require(result.changes.first, "\(result.line)")
    }

    @Test func `a push says everything that rules and targets may look at, and no time`() throws {
        let identity = "\(Self.push())\na2f1c6b0-5f0e-4a9b-8f58-d2b6e1a9c3e4"
        #expect(
            try change()
                == Change(
                    source: .gitlab,
                    repository: "g/s/n",
                    repositoryID: 15,
                    kind: .push,
                    branch: "main",
                    before: Self.one,
                    after: Self.two,
                    actor: "ada",
                    message: "Mend",
                    author: Change.Author(name: "Ada", email: "ada@example.com"),
                    cloneURL: "https://git.example.com/g/s/n.git",
                    receivedAt: moment,
                    delivery: "a2f1c6b0-5f0e-4a9b-8f58-d2b6e1a9c3e4",
                    bodyDigest: BodyDigest(SHA256(of: Array(identity.utf8))),
                    paths: ChangedPaths(
                        paths: [Path(utf8: [0x61]), Path(utf8: [0x62])],
                        commits: 2
                    )
                )
        )
    }

    @Test(
        arguments: [
            ("all are listed", [], nil),
            ("of a new branch too", [("before", "\"\(zeros)\"")], nil),
            ("some are not", [("total_commits_count", "21")], "the event lists 2 of 21 commits"),
            (
                "it is not said how many", [("total_commits_count", nil)],
                "the event does not say how many commits there are"
            ),
            (
                "none, of a new branch",
                [("before", "\"\(zeros)\""), ("commits", "[]"), ("total_commits_count", "0")],
                "the event lists no commits"
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
            ("the last is the head", [], "Mend"),
            ("it is another", [("after", "\"\(three)\""), ("checkout_sha", "\"\(three)\"")], nil),
            ("there is none", [("commits", "[]")], nil),
        ] as [(String, [(String, String?)], String?)]
    )
    func `the message is that of the head commit`(
        why: String,
        changes: [(String, String?)],
        message: String?
    ) throws {
        #expect(try change(changes).message == message)
    }

    @Test(
        arguments: [
            (two, "\"\(two)\"", two, nil), (three, "\"\(two)\"", two, three),
            (three, "null", nil, three),
        ] as [(String, String, String?, String?)]
    )
    func `the commit of a tag is the one to check out`(
        after: String,
        checkout: String,
        commit: String?,
        tagObject: String?
    ) throws {
        let body = Self.push([
            ("ref", #""refs/tags/v1""#), ("after", "\"\(after)\""), ("checkout_sha", checkout),
        ])
        let result = WebhookResult(of: gitLabEvent("Tag Push Hook", body: body))
        let change = try #require(result.changes.first)
        #expect(change.kind == .tag)
        #expect(change.tag == "v1")
        #expect(change.after == commit)
        #expect(change.tagObject == tagObject)
    }

    @Test(
        arguments: [
            (
                [("after", "\"\(zeros)\""), ("checkout_sha", "null")],
                "200 ignored: refs/heads/main was deleted"
            ),
            ([("ref", #""refs/x""#)], "200 ignored: refs/x is neither a branch nor a tag"),
            ([("ref", nil)], "400 malformed: reading the Push Hook: it has no ref"),
            ([("after", nil)], "400 malformed: reading the Push Hook: it has no after"),
            (
                [("project", "null")],
                "400 malformed: reading the Push Hook: it has no project.path_with_namespace"
            ),
        ] as [([(String, String?)], String)]
    )
    func `what starts nothing says why`(changes: [(String, String?)], expected: String) {
        #expect(result(changes).line == expected)
    }
}

@Suite struct GitLabMergeRequestTests {
    private static let attributes = [
        ("iid", "7"), ("action", #""open""#), ("source_branch", #""f""#),
        ("target_branch", #""main""#), ("source_project_id", "15"), ("target_project_id", "15"),
        ("source", #"{"path_with_namespace":"g/n"}"#), ("last_commit", #"{"id":"22"}"#),
        ("draft", "false"), ("updated_at", #""2025-08-05 21:48:27 UTC""#),
    ]

    private func result(
        _ changes: [(String, String?)] = [],
        attributes: [(String, String?)] = []
    ) -> WebhookResult {
        let body = object(
            [
                ("object_kind", #""merge_request""#), ("user", #"{"username":"ada"}"#),
                ("project", #"{"id":15,"path_with_namespace":"g/n"}"#), ("labels", "[]"),
                ("object_attributes", object(Self.attributes, changing: attributes)),
            ],
            changing: changes
        )
        return WebhookResult(of: gitLabEvent("Merge Request Hook", body: body))
    }

    @Test func `a merge request says everything that rules and targets may look at`() throws {
        let change = try #require(result().changes.first)
        #expect(change.source == .gitlab)
        #expect(change.repository == "g/n")
        #expect(change.repositoryID == 15)
        #expect(change.kind == .pullRequest)
        #expect(change.branch == "main")
        #expect(change.after == "22")
        #expect(change.before == nil)
        #expect(change.actor == "ada")
        #expect(change.eventTime == Timestamp(iso8601: "2025-08-05T21:48:27Z"))
        let pullRequest = try #require(change.pullRequest)
        #expect(pullRequest.number == 7)
        #expect(pullRequest.action == "opened")
        #expect(pullRequest.base == "main")
        #expect(pullRequest.head == "f")
        #expect(!pullRequest.fork)
        #expect(change.paths.incomplete == "a merge request's event carries no paths")
    }

    @Test(
        arguments: [
            ("open", [], [], "opened"), ("reopen", [], [], "reopened"),
            ("close", [], [], "closed"), ("merge", [], [], "closed"),
            ("update", [("oldrev", #""11""#)], [], "synchronize"),
            (
                "update", [],
                [("changes", #"{"draft":{"previous":true,"current":false}}"#)], "ready_for_review"
            ),
            ("update", [], [("changes", #"{"draft":{"previous":false,"current":true}}"#)], nil),
            (
                "update", [],
                [("changes", #"{"target_branch":{"previous":"old","current":"main"}}"#)], "edited"
            ),
            (
                "update", [("oldrev", #""11""#)],
                [("changes", #"{"draft":{"previous":true,"current":false}}"#)], "synchronize"
            ),
            ("update", [], [("changes", labeled)], "labeled"),
            ("update", [("state", #""merged""#)], [("changes", labeled)], nil),
            ("update", [], [("changes", unlabeled)], nil),
            ("update", [], [("changes", #"{"title":{"previous":"a","current":"b"}}"#)], nil),
            ("update", [], [], nil), ("approved", [], [], nil), ("unapproval", [], [], nil),
        ] as [(String, [(String, String?)], [(String, String?)], String?)]
    )
    func `an action is told in the words that rules know`(
        action: String,
        attributes: [(String, String?)],
        changes: [(String, String?)],
        known: String?
    ) {
        let result = result(changes, attributes: [("action", "\"\(action)\"")] + attributes)
        #expect(result.changes.first?.pullRequest?.action == known)
        #expect(
            result.changes.first?.pullRequest.map { $0.merged } ?? (action == "merge")
                == (action == "merge")
        )
        #expect(result.changes.first?.before == (known == "synchronize" ? "11" : nil))
        guard known == nil else { return }
        #expect(
            result.line == "200 ignored: the merge request action \(action) is not handled"
        )
    }

    private static let labeled =
        #"{"labels":{"previous":[{"title":"a"}],"#
        + #""current":[{"title":"a"},{"title":"deploy"}]}}"#
    private static let unlabeled = #"{"labels":{"previous":[{"title":"a"}],"current":[]}}"#

    @Test func `the labels that were added are those that were not there before`() throws {
        let result = result(
            [("changes", Self.labeled), ("labels", #"[{"title":"a"},{"title":"deploy"}]"#)],
            attributes: [("action", #""update""#)]
        )
        let pullRequest = try #require(result.changes.first?.pullRequest)
        #expect(pullRequest.labels == ["a", "deploy"])
        #expect(pullRequest.addedLabels == ["deploy"])
    }

    @Test(
        arguments: [
            ([], false, nil), ([("source_project_id", "16")], true, "g/n"),
            ([("source_project_id", "null"), ("source", "null")], true, nil),
            ([("source_project_id", nil), ("target_project_id", nil)], true, "g/n"),
        ] as [([(String, String?)], Bool, String?)]
    )
    func `a head in another project, or in none, is a fork's`(
        attributes: [(String, String?)],
        isFork: Bool,
        name: String?
    ) throws {
        let change = try #require(result(attributes: attributes).changes.first)
        #expect(change.pullRequest?.fork == isFork)
        #expect(change.pullRequest?.headRepository == name)
    }

    @Test(
        arguments: [
            ([("draft", "true")], true), ([("draft", nil), ("work_in_progress", "true")], true),
            ([("draft", "false")], false),
        ] as [([(String, String?)], Bool)]
    )
    func `a draft is one by either name`(attributes: [(String, String?)], isDraft: Bool) {
        #expect(result(attributes: attributes).changes.first?.pullRequest?.draft == isDraft)
    }

    @Test(
        arguments: [
            ([("project", "{}")], [], "project.path_with_namespace"),
            ([], [("iid", nil)], "object_attributes.iid"),
            ([], [("source_branch", nil)], "object_attributes.source_branch and .target_branch"),
            ([], [("last_commit", "null")], "object_attributes.last_commit.id"),
        ] as [([(String, String?)], [(String, String?)], String)]
    )
    func `what an event lacks is named`(
        changes: [(String, String?)],
        attributes: [(String, String?)],
        member: String
    ) {
        #expect(
            result(changes, attributes: attributes).line
                == "400 malformed: reading the Merge Request Hook: it has no \(member)"
        )
    }

    @Test func `an event without an action is a success`() {
        #expect(
            result(attributes: [("action", nil)]).line
                == "200 ignored: the merge request event has no action"
        )
    }
}

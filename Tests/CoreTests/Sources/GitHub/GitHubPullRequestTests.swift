import Codec
import Platform
import Testing

@testable import Core

@Suite struct GitHubPullRequestTests {
    private static func event(
        action: String = #""opened""#,
        number: String = "7",
        head: String = #"{"ref":"topic/a","sha":"abc","repo":{"full_name":"o/r"}}"#,
        base: String = #"{"ref":"release/main"}"#,
        repository: String =
            #"{"id":5,"full_name":"o/r","clone_url":"https://github.com/o/r.git"}"#,
        more: String = ""
    ) -> String {
        #"{"action":\#(action),"number":\#(number),"before":"b4","sender":{"login":"s"},"#
            + #""repository":\#(repository),"pull_request":"#
            + #"{"draft":true,"merged":true,"head":\#(head),"base":\#(base)}\#(more)}"#
    }

    private func change(_ body: String) throws -> Change {
        let result = WebhookResult(of: githubEvent("pull_request", body: body))
        return try #require(result.changes.first, "\(result.line)")
    }

    @Test func `a pull request says everything that rules and targets may look at`() throws {
        let body = Self.event()
        #expect(
            try change(body)
                == Change(
                    source: .github,
                    repository: "o/r",
                    repositoryID: 5,
                    kind: .pullRequest,
                    branch: "release/main",
                    before: "b4",
                    after: "abc",
                    actor: "s",
                    cloneURL: "https://github.com/o/r.git",
                    receivedAt: moment,
                    delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                    bodyDigest: BodyDigest(SHA256(of: Array(body.utf8))),
                    pullRequest: Change.PullRequest(
                        number: 7,
                        action: "opened",
                        base: "release/main",
                        head: "topic/a",
                        fork: false,
                        draft: true,
                        merged: true
                    ),
                    paths: ChangedPaths(
                        paths: [],
                        incomplete: "a pull request's event carries no paths"
                    )
                )
        )
    }

    @Test func `it happened when the pull request was updated`() throws {
        let body = Self.event().replacing(
            #""draft":true"#,
            with: #""draft":true,"updated_at":"2026-09-21T14:13:20Z""#
        )
        #expect(try change(body).eventTime?.milliseconds == 1_790_000_000_000)
    }

    @Test(arguments: [
        "opened", "reopened", "synchronize", "ready_for_review", "labeled", "closed",
    ])
    func `an action that counts is a change`(action: String) throws {
        #expect(try change(Self.event(action: "\"\(action)\"")).pullRequest?.action == action)
    }

    @Test(arguments: [
        ("opened", "null", []), ("labeled", #"{"name":"ci/api"}"#, ["ci/api"]),
        ("labeled", #"{"id":1,"name":"größer 🚀"}"#, ["größer 🚀"]),
        // An event that does not say which label was added.
        ("labeled", "null", ["bug", "ci/api"]), ("labeled", "{}", ["bug", "ci/api"]),
        ("synchronize", #"{"name":"ci/api"}"#, []),
    ])
    func `its labels, and of them the one that was added, are read`(
        action: String,
        label: String,
        added: [String]
    ) throws {
        let body = Self.event(action: "\"\(action)\"", more: #","label":\#(label)"#).replacing(
            #""draft":true"#,
            with: #""draft":true,"labels":[{"name":"bug"},{"color":"red"},{"name":"ci/api"}]"#
        )
        let pullRequest = try change(body).pullRequest
        #expect(pullRequest?.labels == ["bug", "ci/api"])
        #expect(pullRequest?.addedLabels == added)
    }

    @Test(arguments: [
        ("open", "202 accepted: pull request 7 of o/r, labeled"),
        ("closed", "200 ignored: a label was added to a pull request that is closed"),
    ])
    func `a label counts while the pull request is open`(state: String, expected: String) {
        let body = Self.event(action: #""labeled""#)
            .replacing(#""draft":true"#, with: #""draft":true,"state":"\#(state)""#)
        #expect(line("pull_request", body) == expected)
    }

    @Test(arguments: [
        (#"{}"#, "expected an array at byte 186, found an object"),
        (#"["bug"]"#, "expected an object at byte 187, found a string"),
        (#"[{"name":1}]"#, "expected a string at byte 195, found a number"),
    ])
    func `labels of another form are malformed`(labels: String, reason: String) {
        let body = Self.event().replacing(
            #""draft":true"#,
            with: #""draft":true,"labels":\#(labels)"#
        )
        let expected = "400 malformed: reading the pull_request event: \(reason)"
        #expect(line("pull_request", body) == expected)
    }

    @Test(arguments: [
        (#"{"base":{"ref":{"from":"main"}},"title":{"from":"t"}}"#, true),
        (#"{"title":{"from":"t"}}"#, false),
        ("{}", false), ("null", false),
    ])
    func `an edit counts where it gave the pull request another base`(
        changes: String,
        counts: Bool
    ) {
        let body = Self.event(action: #""edited","changes":\#(changes)"#)
        let ignored = "200 ignored: the pull_request action edited is not handled"
        let accepted = "202 accepted: pull request 7 of o/r, edited"
        #expect(line("pull_request", body) == (counts ? accepted : ignored))
    }

    @Test(arguments: ["edited", "unlabeled", "converted_to_draft", "enqueued", "", "Opened"])
    func `another action is ignored`(action: String) {
        let reason = "200 ignored: the pull_request action \(action) is not handled"
        #expect(line("pull_request", Self.event(action: "\"\(action)\"")) == reason)
    }

    @Test(arguments: [
        (#"{"ref":"a","sha":"b","repo":{"full_name":"o/r"}}"#, false),
        (#"{"ref":"a","sha":"b","repo":{"full_name":"other/r"}}"#, true),
        (#"{"ref":"a","sha":"b","repo":{}}"#, true),
        (#"{"ref":"a","sha":"b","repo":null}"#, true),
        (#"{"ref":"a","sha":"b"}"#, true),
    ])
    func `a head in another repository, or in one that is gone, is a fork`(
        head: String,
        fork: Bool
    ) throws {
        let pullRequest = try change(Self.event(head: head)).pullRequest
        #expect(pullRequest?.fork == fork)
        #expect(pullRequest?.headRepository == (head.contains("other/r") ? "other/r" : nil))
    }

    @Test(arguments: [
        (event(action: "null"), "it has no action"),
        (event(repository: "null"), "it has no repository.full_name"),
        (event(number: "null"), "it has no number"),
        (event(number: "1.5"), "expected an integer of 64 bits at byte 28, found another number"),
        (event(head: #"{"sha":"a"}"#), "it has no pull_request.head.ref and .sha"),
        (event(head: #"{"ref":"a"}"#), "it has no pull_request.head.ref and .sha"),
        (event(head: "null"), "it has no pull_request.head.ref and .sha"),
        (event(base: "{}"), "it has no pull_request.base.ref"),
        (event(more: "x"), "invalid JSON at byte 285: expected ',' or '}', found 'x'"),
        ("", "invalid JSON at byte 0: expected a value, found the end"),
    ])
    func `what cannot be read is malformed and says where`(body: String, reason: String) {
        let expected = "400 malformed: reading the pull_request event: \(reason)"
        #expect(line("pull_request", body) == expected)
    }
}

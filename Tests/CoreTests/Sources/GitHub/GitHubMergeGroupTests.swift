import Codec
import Platform
import Testing

@testable import Core

@Suite struct GitHubMergeGroupTests {
    private static let queueBranch = "gh-readonly-queue/main/pr-7-b4"

    private static func event(
        action: String = #""checks_requested""#,
        head: String = #""head_sha":"abc","head_ref":"refs/heads/\#(queueBranch)""#,
        base: String = #""base_sha":"b4","base_ref":"refs/heads/main""#,
        commit: String = "null",
        pushedAt: String = "null",
        repository: String? = nil,
        more: String = ""
    ) -> String {
        let repository =
            repository
            ?? #"{"id":5,"full_name":"o/r","clone_url":"https://github.com/o/r.git","#
            + #""pushed_at":\#(pushedAt)}"#
        return #"{"action":\#(action),"sender":{"login":"s"},"repository":\#(repository),"#
            + #""merge_group":{\#(head),\#(base),"head_commit":\#(commit)}\#(more)}"#
    }

    private func change(_ body: String) throws -> Change {
        let result = WebhookResult(of: githubEvent("merge_group", body: body))
        return try #require(result.changes.first, "\(result.line)")
    }

    @Test func `a merge group says everything that rules and targets may look at`() throws {
        let body = Self.event(
            commit: #"{"id":"abc","message":"Merge it","author":{"name":"Mona","email":"m@e.org"}}"#
        )
        #expect(
            try change(body)
                == Change(
                    source: .github,
                    repository: "o/r",
                    repositoryID: 5,
                    kind: .mergeGroup,
                    branch: "main",
                    queueBranch: Self.queueBranch,
                    before: "b4",
                    after: "abc",
                    actor: "s",
                    message: "Merge it",
                    author: Change.Author(name: "Mona", email: "m@e.org"),
                    cloneURL: "https://github.com/o/r.git",
                    receivedAt: moment,
                    delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                    bodyDigest: BodyDigest(SHA256(of: Array(body.utf8))),
                    paths: ChangedPaths(
                        paths: [],
                        incomplete: "a merge group's event carries no paths"
                    )
                )
        )
        #expect(line("merge_group", body) == "202 accepted: merge group for main of o/r")
    }

    @Test(
        arguments: [
            ("null", "null", nil),
            (#"{"timestamp":"2026-09-21T14:13:20Z"}"#, "null", 1_790_000_000_000),
            ("null", #""2026-09-21T14:13:20Z""#, 1_790_000_000_000),
            (
                #"{"timestamp":"2026-09-21T16:13:20+02:00"}"#, #""2026-09-01T00:00:00Z""#,
                1_790_000_000_000
            ),
            // A commit's time may be its author's.
            (
                #"{"timestamp":"2020-01-01T00:00:00Z"}"#, #""2026-09-21T14:13:20Z""#,
                1_790_000_000_000
            ),
            (#"{"timestamp":"yesterday"}"#, "null", nil),
        ] as [(String, String, Int?)]
    )
    func `it happened at the later of two times`(
        commit: String,
        pushedAt: String,
        time: Int?
    ) throws {
        let change = try change(Self.event(commit: commit, pushedAt: pushedAt))
        #expect(change.eventTime?.milliseconds == time)
    }

    @Test(
        arguments: [
            (#""base_ref":"refs/heads/release/1""#, nil, "release/1"),
            (#""base_sha":"\#(String(repeating: "0", count: 40))","base_ref":"main""#, nil, "main"),
            (#""base_sha":"b4","base_ref":"main""#, "b4", "main"),
        ] as [(String, String?, String)]
    )
    func `its branch is the whole name of the one to be merged into`(
        base: String,
        before: String?,
        branch: String
    ) throws {
        let change = try change(Self.event(base: base))
        #expect(change.branch == branch)
        #expect(change.before == before)
    }

    @Test(arguments: ["destroyed", "", "Checks_requested"])
    func `another action is ignored`(action: String) {
        let reason = "200 ignored: the merge_group action \(action) is not handled"
        #expect(line("merge_group", Self.event(action: "\"\(action)\"")) == reason)
    }

    @Test(arguments: [
        (event(action: "null"), "it has no action"),
        (event(repository: "null"), "it has no repository.full_name"),
        (event(head: #""head_sha":null"#), "it has no merge_group.head_sha"),
        (
            event(head: #""head_sha":"\#(String(repeating: "0", count: 40))""#),
            "it has no merge_group.head_sha"
        ),
        (event(base: #""base_sha":"a""#), "it has no merge_group.base_ref"),
        (
            #"{"action":"checks_requested","repository":{"full_name":"o/r"}}"#,
            "it has no merge_group.head_sha"
        ),
        (#"{"merge_group":[]}"#, "expected an object at byte 15, found an array"),
        (#"{"merge_group":{"head_sha":1}}"#, "expected a string at byte 27, found a number"),
        (
            #"{"merge_group":{"head_commit":"abc"}}"#,
            "expected an object at byte 30, found a string"
        ),
        ("", "invalid JSON at byte 0: expected a value, found the end"),
    ])
    func `what cannot be read is malformed and says where`(body: String, reason: String) {
        let expected = "400 malformed: reading the merge_group event: \(reason)"
        #expect(line("merge_group", body) == expected)
    }

    @Test func `it is handed over with all that it says`() throws {
        let change = try change(Self.event())
        #expect(try change.handedOver() == change)
        #expect(change.recorded["kind"] == .string("merge_group"))
        #expect(change.recorded["queueBranch"] == .string(Self.queueBranch))
    }
}

import Codec
import Platform
import Testing

@testable import Core

@Suite struct CodeCommitTests {
    private static let zeros = String(repeating: "0", count: 40)

    private static func trigger(
        _ references: String,
        name: String = "ReferenceChanges",
        id: String = #""e-1""#,
        arn: String = #""arn:aws:codecommit:eu-west-1:123456789012:my-repo""#
    ) -> String {
        #"{"Records":[{"eventId":\#(id),"eventName":"\#(name)","eventPartNumber":1.0,"#
            + #""eventSource":"aws:codecommit","eventSourceARN":\#(arn),"#
            + #""eventTime":"2018-01-26T15:58:33.475+0000","customData":"{]","#
            + #""userIdentityARN":"arn:aws:iam::123456789012:user/Mary","#
            + #""codecommit":{"references":\#(references)}}]}"#
    }

    private func changes(_ event: String) -> [Change] {
        WebhookResult(of: Array(event.utf8)).changes
    }

    @Test func `a trigger's reference is a change without paths`() {
        let event = Self.trigger(#"[{"commit":"abc","ref":"refs/heads/a/b","created":true}]"#)
        #expect(
            changes(event) == [
                Change(
                    source: .codecommit,
                    repository: "my-repo",
                    kind: .push,
                    branch: "a/b",
                    after: "abc",
                    created: true,
                    actor: "arn:aws:iam::123456789012:user/Mary",
                    cloneURL: "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/my-repo",
                    receivedAt: moment,
                    eventTime: Timestamp(iso8601: "2018-01-26T15:58:33.475Z"),
                    delivery: "e-1-"
                        + Hex.lower(Array(SHA256.hash(Array("refs/heads/a/b".utf8)).prefix(8))),
                    bodyDigest: BodyDigest(eventID: "e-1", ref: "refs/heads/a/b"),
                    paths: ChangedPaths(
                        paths: [],
                        incomplete: "a CodeCommit event carries no paths"
                    )
                )
            ]
        )
    }

    @Test func `several references are several changes, each with its own id and identity`() {
        let changes = changes(
            Self.trigger(
                #"[{"commit":"a","ref":"refs/heads/a"},{"commit":"a","ref":"refs/tags/a"},"#
                    + #"{"commit":"c","ref":"refs/heads/c","deleted":true},"#
                    + #"{"commit":"\#(Self.zeros)","ref":"refs/heads/d"},"#
                    + #"{"commit":"e","ref":"refs/notes/e"}]"#
            )
        )
        #expect(changes.map(\.branch) == ["a", nil])
        #expect(changes.map(\.tag) == [nil, "a"])
        #expect(changes.map(\.kind) == [.push, .tag])
        #expect(Set(changes.map(\.delivery)).count == 2)
        #expect(changes[0].bodyDigest != changes[1].bodyDigest)
        #expect(changes.allSatisfy { DeliveryID.isPlainToken($0.delivery) })
    }

    @Test func `the parts of one push are events of their own`() {
        let parts = ["a", "b"].map {
            changes(
                Self.trigger(#"[{"commit":"c","ref":"refs/heads/\#($0)"}]"#, id: #""p-\#($0)""#)
            )
        }
        #expect(parts.flatMap { $0.map(\.branch) } == ["a", "b"])
        #expect(parts[0][0].bodyDigest != parts[1][0].bodyDigest)
    }

    @Test func `a trigger's test is no change, and an empty repository has no commit`() {
        for (commit, expected) in [("abc", String?.some("abc")), (Self.zeros, nil)] {
            let event = Self.trigger(
                #"[{"commit":"\#(commit)","ref":"refs/heads/a"}]"#,
                name: "TriggerEventTest"
            )
            guard case .parsed(let parsed, _) = WebhookResult(of: Array(event.utf8)) else {
                Issue.record("not parsed")
                return
            }
            #expect(parsed.changes == [])
            #expect(
                parsed.tests == [
                    TriggerTest(
                        repository: "my-repo",
                        ref: "refs/heads/a",
                        commit: expected,
                        actor: "arn:aws:iam::123456789012:user/Mary",
                        receivedAt: moment,
                        delivery: "e-1-"
                            + Hex.lower(Array(SHA256.hash(Array("refs/heads/a".utf8)).prefix(8)))
                    )
                ]
            )
        }
    }

    @Test func `an event's id that is no plain token is hashed`() throws {
        let event = Self.trigger(#"[{"commit":"a","ref":"refs/heads/a"}]"#, id: #""../e""#)
        let delivery = try #require(changes(event).first).delivery
        #expect(delivery.utf8.count == 64)
        #expect(DeliveryID.isPlainToken(delivery))
    }

    @Test(arguments: [
        (
            trigger(#"[{"commit":"a","ref":"refs/heads/a"}]"#, name: "TriggerEventTest"),
            "200 pong: the test of a trigger of my-repo reaches us"
        ),
        (
            trigger(#"[{"commit":"\#(zeros)","ref":"refs/heads/a"}]"#, name: "TriggerEventTest"),
            "200 pong: the test of a trigger of my-repo reaches us"
        ),
        (trigger("[]"), "200 ignored: the trigger lists no references"),
        (trigger("null"), "200 ignored: the trigger lists no references"),
        (
            trigger(#"[{"commit":"a","ref":"refs/heads/a","deleted":true}]"#),
            "200 ignored: refs/heads/a was deleted"
        ),
        (
            trigger(#"[{"commit":"\#(zeros)","ref":"refs/heads/a"}]"#),
            "200 ignored: refs/heads/a was deleted"
        ),
        (
            trigger(#"[{"commit":"a","ref":"refs/x/a"}]"#),
            "200 ignored: refs/x/a is neither a branch nor a tag"
        ),
        (
            trigger(#"[{"commit":"a","ref":"refs/heads/a"}]"#, id: "null"),
            "reading the CodeCommit trigger: it has no eventId"
        ),
        (
            trigger(#"[{"commit":"a"}]"#),
            "reading the CodeCommit trigger: it has no ref"
        ),
        (
            trigger(#"[{"ref":"refs/heads/a"}]"#),
            "reading the CodeCommit trigger: it has no commit of refs/heads/a"
        ),
        (
            trigger("[]", arn: #""arn:aws:s3:::bucket""#),
            "reading the CodeCommit trigger: it has no eventSourceARN of a repository"
        ),
        (
            trigger("[]", arn: "null"),
            "reading the CodeCommit trigger: it has no eventSourceARN of a repository"
        ),
        (
            trigger("[1]"),
            "reading the CodeCommit trigger: expected an object at byte 327, found a number"
        ),
    ])
    func `what starts nothing says why`(event: String, expected: String) {
        #expect(WebhookResult(of: Array(event.utf8)).line == expected)
    }

    private static func event(
        _ detail: String,
        type: String = "Repository",
        id: String = #""e-2""#,
        resources: String = #"["arn:aws-cn:codecommit:cn-north-1:1:r"]"#
    ) -> String {
        #"{"id":\#(id),"time":"2026-09-21T00:00:01Z","detail-type":"CodeCommit \#(type) State Change","resources":\#(resources),"#
            + #""detail":{\#(detail)}}"#
    }

    private static func push(_ event: String) -> String {
        #""event":"\#(event)","referenceFullName":"refs/heads/a","commitId":"new","#
            + #""oldCommitId":"old","callerUserArn":"arn:mary""#
    }

    @Test func `EventBridge tells the commit before`() throws {
        let event = Self.event(Self.push("referenceUpdated"))
        let change = try #require(changes(event).first)
        #expect(change.repository == "r")
        #expect(change.branch == "a")
        #expect(change.before == "old")
        #expect(change.after == "new")
        #expect(!change.created)
        #expect(change.actor == "arn:mary")
        #expect(change.cloneURL == "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/r")
        #expect(change.eventTime == Timestamp(iso8601: "2026-09-21T00:00:01Z"))
        #expect(change.bodyDigest == BodyDigest(eventID: "e-2", ref: "refs/heads/a"))
        #expect(change.paths == CodeCommitRepository.paths)
    }

    @Test func `a reference that EventBridge says was created is created`() throws {
        #expect(try #require(changes(Self.event(Self.push("referenceCreated"))).first).created)
    }

    private static func pullRequest(_ event: String, _ more: String = "") -> String {
        #""event":"\#(event)","pullRequestId":"3","destinationReference":"refs/heads/main","#
            + #""sourceReference":"refs/heads/topic/a","sourceCommit":"abc","#
            + #""destinationCommit":"def"\#(more)"#
    }

    @Test(arguments: [
        (pullRequest("pullRequestCreated"), "opened", false),
        (pullRequest("pullRequestSourceBranchUpdated"), "synchronize", false),
        (
            pullRequest(
                "pullRequestStatusChanged",
                #","pullRequestStatus":"Closed","isMerged":"False""#
            ),
            "closed", false
        ),
        (pullRequest("pullRequestMergeStatusUpdated", #","isMerged":"True""#), "closed", true),
    ])
    func `a pull request's events are told in GitHub's words`(
        detail: String,
        action: String,
        merged: Bool
    ) throws {
        let change = try #require(changes(Self.event(detail, type: "Pull Request")).first)
        #expect(change.kind == .pullRequest)
        #expect(change.branch == "main")
        #expect(change.after == "abc")
        #expect(
            change.pullRequest
                == Change.PullRequest(
                    number: 3,
                    action: action,
                    base: "main",
                    head: "topic/a",
                    fork: false,
                    draft: false,
                    merged: merged,
                    baseCommit: "def"
                )
        )
    }

    @Test(arguments: [
        (event(push("referenceDeleted")), "200 ignored: refs/heads/a was deleted"),
        (
            event(push("unreferencedMergeCommitCreated")),
            "200 ignored: the CodeCommit event unreferencedMergeCommitCreated is not handled"
        ),
        (
            event(
                pullRequest("pullRequestMergeStatusUpdated", #","isMerged":"False""#),
                type: "Pull Request"
            ),
            "200 ignored: the CodeCommit event pullRequestMergeStatusUpdated is not handled"
        ),
        (
            event(pullRequest("pullRequestApprovalStateChanged"), type: "Pull Request"),
            "200 ignored: the CodeCommit event pullRequestApprovalStateChanged is not handled"
        ),
        (event(""), "reading the CodeCommit event: it has no detail.event"),
        (
            event(#""event":"referenceUpdated""#),
            "reading the CodeCommit event: it has no detail.referenceFullName"
        ),
        (
            event(#""event":"referenceUpdated","referenceFullName":"refs/heads/a""#),
            "reading the CodeCommit event: it has no detail.commitId"
        ),
        (
            event(#""event":"pullRequestCreated","pullRequestId":"x""#, type: "Pull Request"),
            "reading the CodeCommit event: it has no detail.pullRequestId that is a number"
        ),
        (
            event(push("referenceUpdated"), id: "null"),
            "reading the CodeCommit event: it has no id"
        ),
        (
            event(push("referenceUpdated"), resources: "[]"),
            "reading the CodeCommit event: it has no resource that is a repository"
        ),
        (
            event(push("referenceUpdated"), resources: "1"),
            "reading the CodeCommit event: expected an array at byte 105, found a number"
        ),
    ])
    func `what EventBridge tells and starts nothing says why`(event: String, expected: String) {
        #expect(WebhookResult(of: Array(event.utf8)).line == expected)
    }
}

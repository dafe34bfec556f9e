import Codec
import Foundation
import Platform
import TestSupport
import Testing

@testable import Core

/// Every file in `events/`, and what it comes to; but for those that are no deliveries: `resource`
/// and `report` have tests of their own for them.
@Suite struct EventsTests {
    private static let folder = Conformance.packageRoot.appending(path: "events")

    private static let expectations = [
        "api-gateway-http-push": "202 accepted: push to main of octo-org/monorepo, 4 paths",
        "api-gateway-http-push-form":
            "202 accepted: push to main of octo-org/monorepo, 4 paths",
        "api-gateway-rest-push": "202 accepted: push to main of octo-org/monorepo, 3 paths",
        "codecommit-event-annotated-tag-created": "202 accepted: tag v2.4.1 of storefront",
        "codecommit-event-merge-commit":
            "200 ignored: the CodeCommit event unreferencedMergeCommitCreated is not handled",
        "codecommit-event-pull-request-approved":
            "200 ignored: the CodeCommit event pullRequestApprovalStateChanged is not handled",
        "codecommit-event-pull-request-closed":
            "202 accepted: pull request 17 of storefront, closed",
        "codecommit-event-pull-request-created":
            "202 accepted: pull request 17 of storefront, opened",
        "codecommit-event-pull-request-merged":
            "202 accepted: pull request 17 of storefront, closed",
        "codecommit-event-pull-request-updated":
            "202 accepted: pull request 17 of storefront, synchronize",
        "codecommit-event-reference-created":
            "202 accepted: push to search of storefront, \(noPaths)",
        "codecommit-event-reference-deleted": "200 ignored: refs/heads/search was deleted",
        "codecommit-event-reference-updated":
            "202 accepted: push to search of storefront, \(noPaths)",
        "codecommit-event-tag-created": "202 accepted: tag v2.4.0 of storefront",
        "codecommit-trigger-annotated-tag": "202 accepted: tag v1.1 of my-repo",
        "codecommit-trigger-part": "202 accepted: push to team/a of my-repo, \(noPaths)",
        "codecommit-trigger-push": "202 accepted: push to master of my-repo, \(noPaths)",
        "codecommit-trigger-references":
            "202 accepted: push to main of my-repo, \(noPaths); "
            + "push to release/1.x of my-repo, \(noPaths); "
            + "refs/heads/old was deleted; tag v1.0 of my-repo",
        "codecommit-trigger-test":
            "200 pong: the test of a trigger of my-repo reaches us",
        "codecommit-trigger-test-empty-repository":
            "200 pong: the test of a trigger of my-repo reaches us",
        "dockerhub-push": "202 accepted: image acme/web:0.1.7",
        "dockerhub-push-floats": "202 accepted: image acme/web:latest",
        "dockerhub-push-guessed": "401 unauthorized: signature absent or wrong",
        "ecr-delete": "200 ignored: the ECR action DELETE is not handled",
        "ecr-push":
            "202 accepted: image 111122223333.dkr.ecr.eu-central-1.amazonaws.com/api:1.4.0",
        "ecr-push-failed":
            "200 ignored: the push of an image to api has not succeeded",
        "ecr-push-nested-repository":
            "202 accepted: image "
            + "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/web:2026-11-20",
        "ecr-push-without-tag":
            "200 ignored: the image that was pushed to api has no tag",
        "ecr-push-without-tag-member":
            "200 ignored: the image that was pushed to api has no tag",
        "forgejo-push": "202 accepted: push to main of acme/monorepo, 4 paths",
        "function-url-get": "405 rejected: expected POST, found 'GET'",
        "function-url-push": "202 accepted: push to main of octo-org/monorepo, 3 paths",
        "gitea-create": "200 ignored: the event create is not handled",
        "gitea-delete": "200 ignored: the event delete is not handled",
        "gitea-pull-request-base-changed": "202 accepted: pull request 7 of acme/monorepo, edited",
        "gitea-pull-request-closed": "202 accepted: pull request 7 of acme/monorepo, closed",
        "gitea-pull-request-edited": "200 ignored: the pull_request action edited is not handled",
        "gitea-pull-request-end-of-draft":
            "202 accepted: pull request 7 of acme/monorepo, ready_for_review",
        "gitea-pull-request-end-of-draft-in-brackets":
            "202 accepted: pull request 7 of acme/monorepo, ready_for_review",
        "gitea-pull-request-from-deleted-fork":
            "202 accepted: pull request 7 of acme/monorepo, reopened",
        "gitea-pull-request-from-fork": "202 accepted: pull request 7 of acme/monorepo, opened",
        "gitea-pull-request-label-added":
            "202 accepted: pull request 7 of acme/monorepo, labeled",
        "gitea-pull-request-label-cleared":
            "200 ignored: the pull_request action label_cleared is not handled",
        "gitea-pull-request-label-updated":
            "202 accepted: pull request 7 of acme/monorepo, labeled",
        "gitea-pull-request-merged": "202 accepted: pull request 7 of acme/monorepo, closed",
        "gitea-pull-request-opened": "202 accepted: pull request 7 of acme/monorepo, opened",
        "gitea-pull-request-opened-by-push":
            "202 accepted: pull request 7 of acme/monorepo, opened",
        "gitea-pull-request-opened-draft": "202 accepted: pull request 7 of acme/monorepo, opened",
        "gitea-pull-request-reopened": "202 accepted: pull request 7 of acme/monorepo, reopened",
        "gitea-pull-request-synchronized":
            "202 accepted: pull request 7 of acme/monorepo, synchronize",
        "gitea-push": "202 accepted: push to main of acme/monorepo, 4 paths",
        "gitea-push-annotated-tag": "202 accepted: tag v1.5.0 of acme/monorepo",
        "gitea-push-forced": "202 accepted: push to feature/search of acme/monorepo, 1 path",
        "gitea-push-forged": "401 unauthorized: signature absent or wrong",
        "gitea-push-form": "202 accepted: push to main of acme/monorepo, 4 paths",
        "gitea-push-many-commits":
            "202 accepted: push to main of acme/monorepo, "
            + "5 paths, not all: the event lists 5 of 7 commits",
        "gitea-push-new-branch":
            "202 accepted: push to feature/search of acme/monorepo, "
            + "5 paths, not all: the branch was created, and the event lists its history",
        "gitea-push-tag": "202 accepted: tag v1.4.0 of acme/monorepo",
        "gitea-push-tag-deleted": "200 ignored: refs/tags/v1.4.0 was deleted",
        "gitea-push-to-github":
            "400 malformed: the request is Gitea's, whose route is POST …/gitea",
        "gitea-push-without-secret": "401 unauthorized: signature absent or wrong",
        "github-create": "200 ignored: the event create is not handled",
        "github-issue-comment-closed":
            "200 ignored: the comment is on a pull request that is closed",
        "github-issue-comment-created":
            "202 accepted: /test ci/api on pull request 2 of Codertocat/Hello-World",
        "github-issue-comment-edited":
            "200 ignored: the issue_comment action edited is not handled",
        "github-issue-comment-on-issue": "200 ignored: the comment is not on a pull request",
        "github-issue-comment-retest":
            "202 accepted: /retest on pull request 2 of Codertocat/Hello-World",
        "github-issue-comment-talk":
            "200 ignored: the comment's first line is neither /retest nor /test NAME",
        "github-merge-group-checks-requested":
            "202 accepted: merge group for main of octo-org/monorepo",
        "github-merge-group-destroyed":
            "200 ignored: the merge_group action destroyed is not handled",
        "github-ping":
            "200 pong: the webhook reaches us, but: "
            + "it sends every event, and nothing but push, pull_request, merge_group or issue_comment is handled",
        "github-ping-organization":
            "200 pong: the webhook reaches us, but: "
            + "it does not send push: add it to the webhook's events; "
            + "it sends what nothing here handles: code_scanning_alert, deploy_key, fork, member, "
            + "membership, organization, org_block, public, repository, repository_import, "
            + "repository_vulnerability_alert, secret_scanning_alert, team, team_add",
        "github-pull-request-closed":
            "202 accepted: pull request 2 of Codertocat/Hello-World, closed",
        "github-pull-request-converted-to-draft":
            "200 ignored: the pull_request action converted_to_draft is not handled",
        "github-pull-request-edited":
            "202 accepted: pull request 2 of Codertocat/Hello-World, edited",
        "github-pull-request-from-deleted-fork":
            "202 accepted: pull request 2 of Codertocat/Hello-World, opened",
        "github-pull-request-labeled":
            "202 accepted: pull request 2 of Codertocat/Hello-World, labeled",
        "github-pull-request-merged":
            "202 accepted: pull request 2 of Codertocat/Hello-World, closed",
        "github-pull-request-opened":
            "202 accepted: pull request 2 of Codertocat/Hello-World, opened",
        "github-pull-request-ready-for-review":
            "202 accepted: pull request 2 of Codertocat/Hello-World, ready_for_review",
        "github-pull-request-reopened":
            "202 accepted: pull request 2 of Codertocat/Hello-World, reopened",
        "github-pull-request-synchronize":
            "202 accepted: pull request 2 of Codertocat/Hello-World, synchronize",
        "github-pull-request-unlabeled":
            "200 ignored: the pull_request action unlabeled is not handled",
        "github-push-annotated-tag": "202 accepted: tag v1.5.0 of octo-org/monorepo",
        "github-push-branch-at-existing-commit":
            "202 accepted: push to feature-branch of bradrydzewski/drone-test-go, "
            + "0 paths, not all: the event lists no commits although the ref has moved",
        "github-push-branch-deleted": "200 ignored: refs/heads/feature/limits was deleted",
        "github-push-forced":
            "202 accepted: push to feature/limits of octo-org/monorepo, "
            + "1 path, not all: the push was forced, and what it took away is not listed",
        "github-push-forged": "401 unauthorized: signature absent or wrong",
        "github-push-form": "202 accepted: push to main of octo-org/monorepo, 4 paths",
        "github-push-merge-queue":
            "202 accepted: push to gh-readonly-queue/main/pr-1-"
            + "9e96bb834e52ad3233840317370ba46bbf40d044 of octo-org/monorepo, 1 path",
        "github-push-new-branch":
            "202 accepted: push to master of Codertocat/Hello-World, 1 path",
        "github-push-services-api": "202 accepted: push to main of octo-org/monorepo, 3 paths",
        "github-push-services-web": "202 accepted: push to main of octo-org/monorepo, 4 paths",
        "github-push-sha1-only": "401 unauthorized: signature absent or wrong",
        "github-push-tag": "202 accepted: tag v1.4.0 of octo-org/monorepo",
        "github-push-tag-deleted": "200 ignored: refs/tags/simple-tag was deleted",
        "github-push-tag-of-tree": "202 accepted: tag templates of octo-org/monorepo",
        "github-push-unicode-paths": "202 accepted: push to main of octo-org/monorepo, 5 paths",
        "github-workflow-run": "200 ignored: the event workflow_run is not handled",
        "gitlab-merge-request-approved":
            "200 ignored: the merge request action approved is not handled",
        "gitlab-merge-request-closed":
            "202 accepted: pull request 12 of acme/platform/storefront, closed",
        "gitlab-merge-request-edited":
            "200 ignored: the merge request action update is not handled",
        "gitlab-merge-request-end-of-draft":
            "202 accepted: pull request 12 of acme/platform/storefront, ready_for_review",
        "gitlab-merge-request-from-deleted-fork":
            "202 accepted: pull request 12 of acme/platform/storefront, reopened",
        "gitlab-merge-request-from-fork":
            "202 accepted: pull request 12 of acme/platform/storefront, opened",
        "gitlab-merge-request-labeled":
            "202 accepted: pull request 12 of acme/platform/storefront, labeled",
        "gitlab-merge-request-merged":
            "202 accepted: pull request 12 of acme/platform/storefront, closed",
        "gitlab-merge-request-opened":
            "202 accepted: pull request 12 of acme/platform/storefront, opened",
        "gitlab-merge-request-reopened":
            "202 accepted: pull request 12 of acme/platform/storefront, reopened",
        "gitlab-merge-request-unlabeled":
            "200 ignored: the merge request action update is not handled",
        "gitlab-merge-request-updated":
            "202 accepted: pull request 12 of acme/platform/storefront, synchronize",
        "gitlab-merge-request-updated-with-labels":
            "202 accepted: pull request 12 of acme/platform/storefront, synchronize",
        "gitlab-note": "200 ignored: the event Note Hook is not handled",
        "gitlab-pipeline": "200 ignored: the event Pipeline Hook is not handled",
        "gitlab-push": "202 accepted: push to main of acme/platform/storefront, 5 paths",
        "gitlab-push-annotated-tag": "202 accepted: tag v2.1.0 of acme/platform/storefront",
        "gitlab-push-branch-at-existing-commit":
            "202 accepted: push to release/2.x of acme/platform/storefront, "
            + "0 paths, not all: the event lists no commits",
        "gitlab-push-branch-deleted": "200 ignored: refs/heads/feature/basket was deleted",
        "gitlab-push-forged": "401 unauthorized: signature absent or wrong",
        "gitlab-push-forged-signature": "401 unauthorized: signature absent or wrong",
        "gitlab-push-many-commits":
            "202 accepted: push to main of acme/platform/storefront, "
            + "20 paths, not all: the event lists 20 of 23 commits",
        "gitlab-push-new-branch":
            "202 accepted: push to feature/basket of acme/platform/storefront, 1 path",
        "gitlab-push-replayed": "401 unauthorized: signature absent or wrong",
        "gitlab-push-signed": "202 accepted: push to main of acme/platform/storefront, 5 paths",
        "gitlab-push-tag": "202 accepted: tag v2.0.0 of acme/platform/storefront",
        "gitlab-push-tag-deleted": "200 ignored: refs/tags/v2.0.0 was deleted",
        "gogs-push": "400 malformed: the request is that of Gogs, which is not supported",
    ]

    private static let noPaths = "0 paths, not all: a CodeCommit event carries no paths"

    private static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
        .filter { name in
            name.hasSuffix(".json")
                && !["cloudformation-", "codepipeline-", "codebuild-"].contains {
                    name.hasPrefix($0)
                }
        }
        .map { String($0.dropLast(5)) }
        .sorted() ?? []

    /// What a file comes to; those of GitLab have either form of the secret.
    private static func result(_ name: String) throws -> WebhookResult {
        WebhookResult(
            of: try event(name),
            secrets: [secret, Secret("whsec_SXQncyBhIFNlY3JldCB0byBFdmVyeWJvZHk=")]
        )
    }

    /// A file as an event of Lambda: HTTP requests as a Function URL passes them on.
    static func event(_ name: String) throws -> [UInt8] {
        let file = [UInt8](try Data(contentsOf: folder.appending(path: name + ".json")))
        let json = try JSON(parsing: file)
        guard let method = json["method"]?.string else { return file }
        return functionURLEvent(
            method: method,
            path: try #require(json["path"]?.string),
            headers: try #require(json["headers"]?.members).map { ($0.key, $0.value.string ?? "") },
            body: Array(try #require(json["body"]?.string).utf8)
        )
    }

    @Test func `every file has an expectation and every expectation a file`() {
        #expect(Self.names == Self.expectations.keys.sorted())
    }

    @Test(arguments: names)
    func `an event comes to what is expected`(name: String) throws {
        #expect(try Self.result(name).line == Self.expectations[name])
    }

    @Test(
        arguments: [
            ("github-push-tag", "d86031ce88ed3fd3a18d5ae37bd2323b98f3c7f5", nil),
            (
                "github-push-annotated-tag", "d86031ce88ed3fd3a18d5ae37bd2323b98f3c7f5",
                "9f1c0a4b6d2e8357c1b7e0d94a3f6285bb10c7de"
            ),
            ("github-push-tag-of-tree", nil, "4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
            // What CodeCommit's name is asked for when a rule is to run on it.
            (
                "codecommit-event-annotated-tag-created",
                "462c484c8ba08cab3b89a2708b5d22793440fadb", nil
            ),
            (
                "codecommit-trigger-annotated-tag", "7f0c2d9e41a85b63c0de94177b2e6a08f5d31c9a", nil
            ),
        ] as [(String, String?, String?)]
    )
    func `a tag is its commit`(name: String, commit: String?, tagObject: String?) throws {
        let change = try #require(try Self.result(name).changes.first)
        #expect(change.after == commit)
        #expect(change.tagObject == tagObject)
    }

    @Test(arguments: names)
    func `what is handed over is what is read again`(name: String) throws {
        for change in try Self.result(name).changes {
            #expect(try change.handedOver() == change)
        }
    }

    @Test func `the same body is the same change whatever envelope and route it comes by`() throws {
        let direct = WebhookResult(of: try Self.event("github-push-services-api"))
        #expect(WebhookResult(of: try Self.event("api-gateway-rest-push")) == direct)
        #expect(WebhookResult(of: try Self.event("function-url-push")) == direct)
        let web = WebhookResult(of: try Self.event("github-push-services-web"))
        #expect(WebhookResult(of: try Self.event("api-gateway-http-push")) == web)
    }

    @Test func `a form of a payload says the same as the payload, under its own identity`() throws {
        var form = try #require(WebhookResult(of: try Self.event("github-push-form")).changes.first)
        let json = try #require(
            WebhookResult(of: try Self.event("github-push-services-web")).changes.first
        )
        #expect(form.bodyDigest != json.bodyDigest)
        (form.bodyDigest, form.delivery) = (json.bodyDigest, json.delivery)
        #expect(form == json)
    }

    @Test func `a signature is accepted in its SHA-1 form where that is allowed`() throws {
        guard case .http(let request) = try Event(try Self.event("github-push-sha1-only")) else {
            Issue.record("no HTTP event")
            return
        }
        let delivery = try request.route(among: [.gitHub(allowingSHA1: true)])
        #expect(delivery.verified(by: [secret], at: moment) != nil)
    }
}

import Codec
@testable import Core
import Foundation
import TestSupport
import Testing

@testable import pointsman

struct EventFileTests {
    private func read(_ text: String) throws -> EventFile {
        try EventFile(name: "a.json", bytes: [UInt8](text.utf8), receivedAt: Self.now)
    }

    private static let now = Timestamp(milliseconds: 0)

    static let folder = Conformance.packageRoot.appending(path: "events").path

    @Test func `every event of the project can be read`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
            .filter { name in
                name.hasSuffix(".json")
                    && !["cloudformation-", "codepipeline-", "codebuild-"].contains {
                        name.hasPrefix($0)
                    }
            }
        #expect(names.count > 40)
        let refused = ["function-url-get.json", "gogs-push.json", "gitea-push-to-github.json"]
        for name in names where !refused.contains(name) {
            let event = try EventFile(InputFile("\(Self.folder)/\(name)"), receivedAt: Self.now)
            #expect(
                event.changes.isEmpty
                    == (event.parsed.outcome == .ignored || name.contains("ping"))
            )
        }
    }

    @Test(arguments: [
        ("github-push-services-api", "push to main of octo-org/monorepo, 3 paths"),
        ("github-push-forged", "push to main of octo-org/monorepo, 3 paths"),
        ("api-gateway-rest-push", "push to main of octo-org/monorepo, 3 paths"),
        ("dockerhub-push", "image acme/web:0.1.7"),
    ])
    func `an event tells of a change`(name: String, reason: String) throws {
        let event = try EventFile(InputFile("\(Self.folder)/\(name).json"), receivedAt: Self.now)
        #expect(event.parsed.reason == reason)
        #expect(event.changes.count == 1)
    }

    @Test(arguments: [
        ("github-push-services-api", "push to main of octo-org/monorepo, 3 paths"),
        ("github-pull-request-opened", "pull request 2 of Codertocat/Hello-World, opened"),
        ("github-merge-group-checks-requested", "merge group for main of octo-org/monorepo"),
        ("github-issue-comment-retest", "/retest on pull request 2 of Codertocat/Hello-World"),
        ("dockerhub-push", "image acme/web:0.1.7"),
    ])
    func `a payload alone tells of the same change`(name: String, reason: String) throws {
        let path = "\(Self.folder)/\(name).json"
        let payload = try RecordedRequest(InputFile(path).bytes).body
        let event = try EventFile(name: name, bytes: payload, receivedAt: Self.now)
        #expect(event.parsed.reason == reason)
    }

    @Test func `a hand-over tells of the change that it is`() throws {
        let file = try InputFile("\(Self.folder)/github-push-tag.json")
        let event = try EventFile(file, receivedAt: Self.now)
        let change = try #require(event.changes.first)
        let again = try EventFile(
            name: "a",
            bytes: EvaluateRequest.change(change).encoded(),
            receivedAt: Timestamp(milliseconds: 1)
        )
        #expect(again.changes == [change])
    }

    @Test func `the test of a trigger stands for the next push`() throws {
        let event = try EventFile(
            InputFile("\(Self.folder)/codecommit-trigger-test.json"),
            receivedAt: Self.now
        )
        #expect(event.changes.map(\.repository) == event.parsed.tests.map(\.repository))
    }

    @Test(arguments: [
        (
            #"{"key": "p/changes/a.json"}"#,
            "it only names an object in S3: read that object and explain it instead"
        ),
        (
            #"{"change": {}, "rules": [], "attempts": []}"#,
            "it is a decision record, not an event: `pointsman why` shows it"
        ),
        (
            #"{"method": "GET", "path": "/github", "headers": {}, "body": ""}"#,
            "the webhook answers 405, expected POST, found 'GET'"
        ),
        (
            #"{"a": 1}"#,
            "it is no event: expected a payload such as that of GitHub's push (ref, repository), a "
                + "recorded request (method, headers, body), an event of AWS or a change that was "
                + "handed over; it has a"
        ),
        (
            #"{"Repository": "a/b", "Target": {"CodePipeline": {"Name": "p"}}}"#,
            "it is a rule, not an event: `pointsman check` looks at it"
        ),
        ("[]", "expected an object at line 1, column 1, found an array"),
        (
            "{\n",
            "invalid JSON at line 2, column 1: expected a member's name, found the end"
        ),
    ])
    func `what is no event is an error`(text: String, reason: String) {
        #expect(throws: Failure("reading a.json: \(reason)")) { try read(text) }
    }

    @Test func `a file that is not there is an error`() {
        #expect(throws: Failure("reading no/such: no such file or directory")) {
            try EventFile(InputFile("no/such"), receivedAt: Self.now)
        }
    }

    @Test func `a folder in the place of a file is an error`() {
        #expect(throws: Failure("reading \(Self.folder): is a directory")) {
            try InputFile(Self.folder)
        }
    }
}

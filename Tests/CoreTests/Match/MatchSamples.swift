import Codec
import Testing

@testable import Core

extension Change {
    /// A push to `acme/app` on `main` by `octocat` that changed some paths.
    static func push(
        _ paths: [String] = [],
        branch: String? = "main",
        actor: String? = "octocat",
        message: String? = "Add a thing",
        incomplete: String? = nil,
        commits: Int? = 1
    ) -> Change {
        Change(
            source: .github,
            repository: "acme/app",
            kind: .push,
            branch: branch,
            before: String(repeating: "a", count: 40),
            after: String(repeating: "b", count: 40),
            actor: actor,
            message: message,
            receivedAt: Timestamp(milliseconds: 0),
            delivery: "delivery-1",
            bodyDigest: BodyDigest(eventID: "event", ref: "ref"),
            paths: ChangedPaths(
                paths: PathList(paths.map { Path(utf8: [UInt8]($0.utf8)) }),
                incomplete: incomplete,
                commits: commits
            )
        )
    }

    /// A tag of `acme/app`.
    static func tag(_ tag: String?) -> Change {
        var change = push(branch: nil, commits: nil)
        change.kind = .tag
        change.tag = tag
        return change
    }

    /// A pull request of `acme/app` into `main`.
    static func pullRequest(_ action: String, paths: [String] = []) -> Change {
        var change = push(paths, message: nil, incomplete: "a pull request lists no paths")
        change.kind = .pullRequest
        change.pullRequest = PullRequest(
            number: 7,
            action: action,
            base: "main",
            head: "feature",
            fork: false,
            draft: false,
            merged: false
        )
        return change
    }

    /// A pull request of `acme/app` from another repository, or from one that is gone.
    static func fork(_ action: String, from repository: String? = "stranger/app") -> Change {
        pullRequest(action).with {
            $0.pullRequest?.fork = true
            $0.pullRequest?.headRepository = repository
        }
    }

    /// A pull request of `acme/app` that has labels.
    static func labels(_ labels: [String], draft: Bool = false) -> Change {
        pullRequest("opened").with {
            $0.pullRequest?.labels = labels
            $0.pullRequest?.draft = draft
        }
    }

    /// A pull request of `acme/app` that was given labels besides those that it had.
    static func labeled(_ added: [String], to labels: [String] = []) -> Change {
        pullRequest("labeled").with {
            $0.pullRequest?.labels = labels + added
            $0.pullRequest?.addedLabels = added
        }
    }

    static let queueName = "gh-readonly-queue/main/pr-7-abc"

    /// What a queue is about to merge into `main` of `acme/app`.
    static func mergeGroup(
        _ paths: [String] = [],
        incomplete: String? = "a merge group's event carries no paths"
    ) -> Change {
        push(paths, message: "Merge it [skip ci]", incomplete: incomplete, commits: nil).with {
            $0.kind = .mergeGroup
            $0.queueBranch = Self.queueName
        }
    }

    /// A push of `acme/web:v1` to Docker Hub.
    static var imagePush: Change {
        var change = tag("v1")
        change.source = .dockerhub
        change.repository = "acme/web"
        change.kind = .image
        change.after = nil
        change.before = nil
        change.message = nil
        change.image = Image(repository: "acme/web", tag: "v1")
        return change
    }

    func with(_ edit: (inout Change) -> Void) -> Change {
        var change = self
        edit(&change)
        return change
    }
}

extension Rule {
    /// The target that samples have.
    static let target = #""Target": {"CodePipeline": {"Name": "deploy"}}"#

    /// A rule of `acme/app` with some more members.
    static func current(
        _ members: String,
        repository: String = "acme/app",
        key: String = "p/rules/github/acme/app/r.json"
    ) -> Rule {
        let more = members.isEmpty ? "" : ", " + members
        return Rule(
            key: key,
            prefix: "p",
            object: [UInt8](#"{"Repository": "\#(repository)", \#(target)\#(more)}"#.utf8)
        )
    }

    /// A rule of the mono-repo trigger.
    static func monoRepo(
        _ expressions: String,
        repository: String = "app",
        branch: String = "main",
        key: String = "p/app-main-deploy-0.json"
    ) -> Rule {
        let properties = JSON.object([
            JSON.Member(key: "GitHubRepo", value: .string(repository)),
            JSON.Member(key: "GitHubBranch", value: .string(branch)),
            JSON.Member(key: "ChangeMatchExpressions", value: .string(expressions)),
            JSON.Member(key: "CodePipelineName", value: .string("deploy")),
        ])
        return Rule(key: key, prefix: "p", object: properties.encoded())
    }
}

/// One row: a rule, a change, and the decision on it.
struct DecisionRow: CustomTestStringConvertible, Sendable {
    var rule: String
    var change: Change
    var outcome: Decision.Outcome
    var clause: String
    var path: String?
    var pattern: String?
    var reason: String

    var testDescription: String { "\(rule): \(reason)" }

    init(
        _ rule: String,
        _ change: Change,
        _ outcome: Decision.Outcome,
        _ clause: String,
        _ reason: String,
        path: String? = nil,
        pattern: String? = nil
    ) {
        self.rule = rule
        self.change = change
        self.outcome = outcome
        self.clause = clause
        self.path = path
        self.pattern = pattern
        self.reason = reason
    }

    func expect(_ decisions: [Decision]) {
        #expect(decisions.count == 1)
        guard let decision = decisions.first else { return }
        #expect(decision.outcome == outcome)
        #expect(decision.clause.rawValue == clause)
        #expect(decision.path == path.map { Path(utf8: [UInt8]($0.utf8)) })
        #expect(decision.pattern == pattern)
        #expect(decision.reason == reason)
        #expect((decision.target != nil) == (outcome == .start))
    }
}

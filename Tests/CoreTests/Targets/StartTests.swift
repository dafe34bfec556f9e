import Codec
import Platform
import Testing

@testable import Core

@Suite struct `A start` {
    static func decision(_ name: String, sourceAction: String? = "Source") throws -> Decision {
        let action = sourceAction.map { #","SourceAction":"\#($0)""# } ?? ""
        let target = try JSON(
            parsing: Array(#"{"CodePipeline":{"Name":"\#(name)"\#(action)}}"#.utf8)
        )
        return Decision(
            ruleKey: "p/rules/github/octo/mono/api.json",
            outcome: .start,
            clause: .events,
            reason: "every push",
            target: try Target.read(target)
        )
    }

    static func change(_ body: String, branch: String = "main") -> Change {
        var change = `A decision record`.change
        var digest = SHA256()
        digest.update(Array(body.utf8))
        change.bodyDigest = BodyDigest(digest)
        change.branch = branch
        return change
    }

    @Test func `is named by the SHA-256 of the body, a newline and the rule's key`() throws {
        let start = try #require(try Start(Self.decision("api"), of: Self.change("body")))
        let text = "body\np/rules/github/octo/mono/api.json"
        #expect(start.identity == Hex.lower(SHA256.hash(Array(text.utf8))))
        #expect(start.change == Self.change("body"))
    }

    private static func pullRequest(_ action: String) -> Change {
        var change = Change.pullRequest(action)
        change.after = String(repeating: "c", count: 40)
        return change
    }

    @Test(arguments: [
        ("labeled", true, true), ("labeled", false, true), ("ready_for_review", false, true),
        ("opened", true, true), ("opened", false, false), ("synchronize", true, false),
        ("reopened", true, false),
    ])
    func `is named by the pull request's head where it is made once for that`(
        action: String,
        hasLabels: Bool,
        isOncePerHead: Bool
    ) throws {
        var decision = try Self.decision("api")
        decision.hasLabels = hasLabels
        let change = Self.pullRequest(action)
        let start = try #require(try Start(decision, of: change))
        let text = "pull_request:7\n\(change.after ?? "")\n\(decision.ruleKey)"
        let ofHead = Hex.lower(SHA256.hash(Array(text.utf8)))
        #expect(start.isOncePerHead == isOncePerHead)
        #expect((start.identity == ofHead) == isOncePerHead)
        let forced = try #require(try Start(decision, of: change.replayed(1)))
        #expect(!forced.isOncePerHead && forced.identity != ofHead)
    }

    @Test(
        arguments: [
            (Change.push(), true, "branch:main", false, nil),
            (.push(), false, nil, false, nil),
            (pullRequest("synchronize"), true, "pull_request:7", false, nil),
            (pullRequest("synchronize"), false, "pull_request:7", true, nil),
            (
                pullRequest("labeled"), true, "pull_request:7", false,
                String(repeating: "c", count: 40)
            ),
            (
                pullRequest("ready_for_review"), false, "pull_request:7", true,
                String(repeating: "c", count: 40)
            ),
            (pullRequest("labeled").replayed(1), true, "pull_request:7", true, nil),
            (.mergeGroup(), true, nil, false, nil),
        ] as [(Change, Bool, String?, Bool, String?)]
    )
    func `has an order among those of its scope, as far as the rule looks at it`(
        change: Change,
        startsNewest: Bool,
        scope: String?,
        isIgnored: Bool,
        onceFor: String?
    ) {
        let order = StartOrder(
            of: change.with { $0.eventTime = Timestamp(milliseconds: 1) },
            startsNewest: startsNewest
        )
        #expect(order?.scope == scope)
        #expect(order?.isIgnored ?? false == isIgnored)
        #expect(order?.onceFor == onceFor)
        #expect(StartOrder(of: change, startsNewest: startsNewest) == nil)
    }

    @Test func `is none where the decision is not to start`() throws {
        let skipped = Decision(ruleKey: "r", outcome: .skipped, clause: .paths, reason: "no")
        #expect(try Start(skipped, of: Self.change("")) == nil)
    }

    @Test func `has its placeholders resolved`() throws {
        let start = try #require(
            try Start(Self.decision("app-#{branch}"), of: Self.change("", branch: "dev"))
        )
        guard case .codePipeline(let pipeline) = start.action else {
            Issue.record("another action")
            return
        }
        #expect(pipeline.name == "app-dev")
        #expect(pipeline.sourceAction == "Source")
    }

    @Test func `cannot have a name that the service would refuse`() throws {
        let decision = try Self.decision("app-#{branch}")
        let error = #expect(throws: RuleProblem.self) {
            try Start(decision, of: Self.change("", branch: "feature/x"))
        }
        #expect(error?.description.contains("app-feature/x") == true)
    }
}

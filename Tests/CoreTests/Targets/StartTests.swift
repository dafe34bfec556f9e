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

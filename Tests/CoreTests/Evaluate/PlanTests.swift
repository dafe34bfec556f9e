import Codec
import Testing

@testable import Core

@Suite struct PlanTests {
    private static func decision(
        _ name: String,
        _ outcome: Decision.Outcome = .start,
        target: String? = nil
    ) throws -> Decision {
        let text = target ?? #"{"CodePipeline":{"Name":"\#(name)"}}"#
        let isStart = outcome == .start
        return Decision(
            ruleKey: name,
            outcome: outcome,
            clause: .paths,
            path: Path(utf8: Array("a/b".utf8)),
            pattern: "a/*",
            reason: "why",
            target: isStart ? try Target.read(JSON(parsing: Array(text.utf8))) : nil
        )
    }

    private static func plan(
        _ decisions: [Decision],
        refusal: String? = nil,
        own: [String: String] = [:]
    ) -> Plan {
        Plan(decisions, of: .push(), refusal: refusal, ownSecrets: OwnSecrets { own[$0] })
    }

    /// `api failed by Target: answer` of each rule.
    private static func told(_ plan: Plan, _ results: [StartResult] = []) -> [String] {
        var ends = results.map { EndedStart(result: $0) }[...]
        return plan.outcomes(&ends).map {
            "\($0.ruleKey) \($0.outcome.rawValue) by \($0.clause): \($0.answer ?? "-")"
                + ($0.willBeRetried ? ", again" : "")
        }
    }

    @Test func `each decision to start is a start, in their order, and no other is`() throws {
        var plan = Self.plan([
            try Self.decision("a"), try Self.decision("b", .skipped), try Self.decision("c"),
        ])
        #expect(plan.takeStarts().map(\.ruleKey) == ["a", "c"])
        #expect(plan.takeStarts().isEmpty)
    }

    @Test(arguments: [
        (StartResult.started("id"), "started by Paths: id"),
        (.alreadyStarted("id"), "already-started by Paths: id"),
        (.unchanged("there"), "unchanged by Paths: there"),
        (.skipped("no"), "skipped by Paths: no"),
        (.heldBack("newer", note: nil), "skipped by Order: -"),
        (.heldBack("newer", note: "perhaps"), "skipped by Order: perhaps"),
        (.refused("no"), "failed by Target: no"),
        (.pending("busy"), "failed by Paths: busy, again"),
        (.lost("reset"), "failed by Paths: reset, again"),
    ])
    func `the result of a start is its rule's outcome`(result: StartResult, told: String) throws {
        #expect(Self.told(Self.plan([try Self.decision("a")]), [result]) == ["a \(told)"])
    }

    @Test func `what is held back names neither path nor pattern`() throws {
        var ends: ArraySlice = [EndedStart(result: .heldBack("newer", note: nil))]
        let outcome = Self.plan([try Self.decision("a")]).outcomes(&ends)[0]
        #expect(outcome.reason == "newer")
        #expect(outcome.path == nil)
        #expect(outcome.pattern == nil)
    }

    @Test func `decisions that start nothing are told as they are`() throws {
        let plan = Self.plan([
            try Self.decision("a", .skipped), try Self.decision("b", .invalid),
            try Self.decision("c", .unread),
        ])
        #expect(
            Self.told(plan) == [
                "a skipped by Paths: -", "b invalid by Paths: -", "c failed by Paths: -, again",
            ]
        )
    }

    @Test func `results of several plans follow each other`() throws {
        let plans = [
            Self.plan([try Self.decision("a"), try Self.decision("b", .skipped)]),
            Self.plan([try Self.decision("c")]),
        ]
        var ends: ArraySlice = [
            EndedStart(result: .started("1")), EndedStart(result: .started("2")),
        ]
        let outcomes = plans.flatMap { $0.outcomes(&ends) }
        #expect(outcomes.map(\.answer) == ["1", nil, "2"])
    }

    @Test func `where nothing of the change can be started, every start is refused`() throws {
        var plan = Self.plan(
            [try Self.decision("a"), try Self.decision("b", .skipped)],
            refusal: "no commit"
        )
        #expect(plan.takeStarts().isEmpty)
        #expect(Self.told(plan) == ["a failed by Paths: no commit", "b skipped by Paths: -"])
    }

    @Test func `a secret of Pointsman's own is refused, and so is a name that cannot be`() throws {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-AbCdEf"
        let own = #"{"OpenShiftBuild":{"UrlSecretArn":"\#(arn)"}}"#
        let named = ##"{"CodePipeline":{"Name":"a #{message}"}}"##
        var plan = Self.plan(
            [try Self.decision("own", target: own), try Self.decision("named", target: named)],
            own: ["GITHUB_SECRET_ARN": arn]
        )
        #expect(plan.takeStarts().isEmpty)
        let outcomes = Self.told(plan)
        #expect(outcomes.count == 2)
        #expect(outcomes.allSatisfy { $0.contains(" failed by Target: Target.") })
    }
}

import TestSupport
import Testing

@testable import Core

/// Every schedule of a few invocations of `evaluate`, with what may fail failing at every step: see ``LedgerModel``.
///
/// Each prints how many states, transitions and ends of schedules there are, and the longest schedule. `make model`
/// explores more of them.
@Suite(.serialized) struct LedgerModelTests {
    /// Explores a scenario; what does not hold, if there is anything.
    private static func explore(_ scenario: LedgerModel.Scenario) -> LedgerModel.Counterexample? {
        var report = LedgerModel.Report()
        let time = ContinuousClock().measure { report = LedgerModel.explore(scenario) }
        let end =
            report.counterexample == nil
            ? "longest schedule \(report.longest), \(report.ends) ends" : "a counter-example"
        print(
            "ledger model: \(scenario): \(report.states) states, \(report.transitions) transitions, \(end), "
                + "\(report.runs) runs of evaluate, \(time.components.seconds) s"
        )
        return report.counterexample
    }

    private static func expectNone(_ scenario: LedgerModel.Scenario) {
        guard let found = explore(scenario) else { return }
        Issue.record("\(found.description)")
    }

    static let targets: [LedgerModel.Target] = [.codePipeline, .codeBuild, .eventBridge]

    @Test(arguments: targets)
    func `two invocations for one change`(target: LedgerModel.Target) {
        for faults in 0...1 {
            Self.expectNone(
                .init(
                    target: target,
                    handOvers: [.change, .change],
                    attempts: 2 - faults,
                    faults: faults
                )
            )
        }
    }

    @Test func `a delivery and its redelivery at the same time`() {
        Self.expectNone(
            .init(
                target: .eventBridge,
                handOvers: [.change, .redelivery],
                attempts: 1,
                faults: 1
            )
        )
    }

    @Test func `an older and a newer change at the same time`() {
        Self.expectNone(.init(handOvers: [.change, .newer], faults: 0, isOrdered: true))
    }

    @Test(.thorough, arguments: targets)
    func `two invocations, each tried again`(target: LedgerModel.Target) {
        Self.expectNone(.init(target: target, handOvers: [.change, .change], faults: 1))
    }

    @Test(.thorough) func `a delivery and its redelivery, each tried again`() {
        Self.expectNone(.init(target: .eventBridge, handOvers: [.change, .redelivery], faults: 1))
    }

    @Test(.thorough) func `three invocations`() {
        Self.expectNone(
            .init(
                target: .eventBridge,
                handOvers: [.change, .change, .redelivery],
                attempts: 1,
                faults: 0
            )
        )
    }

    @Test(.ofModel, arguments: targets)
    func `two invocations with two faults`(target: LedgerModel.Target) {
        Self.expectNone(.init(target: target, handOvers: [.change, .change], faults: 2))
    }

    @Test(.ofModel) func `a delivery and its redelivery with two faults`() {
        Self.expectNone(.init(target: .eventBridge, handOvers: [.change, .redelivery], faults: 2))
    }

    @Test(.ofModel) func `an older and a newer change with a fault`() {
        Self.expectNone(.init(handOvers: [.change, .newer], faults: 1, isOrdered: true))
    }

    @Test(.ofModel, arguments: targets)
    func `three invocations with a fault`(target: LedgerModel.Target) {
        Self.expectNone(
            .init(
                target: target,
                handOvers: [.change, .change, .redelivery],
                attempts: 1,
                faults: 1
            )
        )
    }

    /// What is made wrong, in which scenario, and what no longer holds.
    static let wrongs: [(LedgerModel.Scenario, LedgerModel.Property)] = [
        (
            .init(handOvers: [.change, .change], faults: 0, mutation: .ignoresIfNoneMatch),
            .onlyRaised
        ),
        (.init(handOvers: [.change, .change], faults: 1, mutation: .ignoresIfMatch), .onlyRaised),
        (
            .init(handOvers: [.change, .change], faults: 1, mutation: .forgetsTokens),
            .tokenStartsOnce
        ),
        (.init(handOvers: [.change, .change], faults: 0, mutation: .leaseOfZero), .claimHolds),
        (
            .init(
                target: .eventBridge,
                handOvers: [.change, .change],
                faults: 0,
                mutation: .sharedHolder
            ), .doubtIsWritten
        ),
        (
            .init(
                handOvers: [.change, .newer],
                attempts: 1,
                faults: 1,
                isOrdered: true,
                mutation: .staleReadings
            ), .inOrder
        ),
        (
            .init(
                target: .eventBridge,
                handOvers: [.change, .change],
                faults: 1,
                mutation: .sentTwice
            ), .requestedTwiceAtMost
        ),
    ]

    @Test(arguments: wrongs)
    func `what is made wrong is found`(
        scenario: LedgerModel.Scenario,
        property: LedgerModel.Property
    ) {
        let found = Self.explore(scenario)
        #expect(found?.property == property, "\(found?.description ?? "nothing was found")")
        #expect(found?.schedule.isEmpty == false)
    }

    @Test func `all that can be made wrong is`() {
        let made = Self.wrongs.map(\.0.mutation)
        #expect(LedgerModel.Mutation.allCases.filter { $0 != .none && !made.contains($0) }.isEmpty)
    }
}

/// What was decided about one rule, and why.
package struct Decision: Equatable, Sendable {
    package enum Outcome: String, Equatable, Sendable {
        /// The rule's target is to be started.
        case start
        /// The rule does not concern the change.
        case skipped
        /// The rule cannot be applied; it starts nothing.
        case invalid
        /// The rule's object could not be read: nothing is decided until it can.
        case unread
    }

    package var ruleKey: String
    package var outcome: Outcome
    package var clause: Clause
    /// The first path that decided, by bytes.
    package var path: Path?
    /// The first pattern that decided, in the rule's order.
    package var pattern: String?
    /// The decision in words, for people.
    package var reason: String
    /// What to start; present exactly where the outcome is `start`.
    package var target: Target?
    /// The target is to be ended: the pull request that it follows is closed, or no longer one
    /// that the rule is about.
    package var ends = false
    /// The rule starts no older change after a newer one.
    var startsNewest = true
    /// The rule has `Labels`.
    var hasLabels = false
    /// What it starts for a pull request stops the earlier runs for it.
    package var supersedes = false
    /// The context of the status that says what becomes of it; `nil` for none.
    var status: String?
    /// Matching took more steps than it may.
    var exceedsSteps = false

    /// Whether `WhenPathsUnknown` decided: with all changed paths the decision may be another one.
    package var hangsOnUnknownPaths: Bool { clause == .whenPathsUnknown }

    /// Whether no changed path that is known is one of the rule's.
    var isSkippedByPaths: Bool { outcome == .skipped && clause.isOfKnownPaths }
}

extension Decision {
    init(_ rule: Rule, _ verdict: Verdict, status: String?, exceedsSteps: Bool) {
        self.init(
            ruleKey: rule.key,
            outcome: verdict.outcome,
            clause: verdict.clause,
            path: verdict.path,
            pattern: verdict.pattern,
            reason: verdict.reason,
            target: verdict.outcome == .start ? rule.target : nil,
            ends: verdict.ends,
            startsNewest: rule.definition?.startsNewest ?? true,
            hasLabels: rule.definition?.labels.included.isEmpty == false,
            supersedes: rule.definition?.supersedes ?? false,
            // That runs are stopped with their pull request says nothing about its commit.
            status: verdict.ends && rule.definition?.supersedes == true ? nil : status,
            exceedsSteps: exceedsSteps
        )
    }
}

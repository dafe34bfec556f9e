/// What became of one rule for one change, and why.
package struct RuleOutcome: Equatable, Sendable {
    /// What became of it.
    package enum Outcome: String, Equatable, Sendable, CaseIterable {
        /// The target was started now.
        case started
        /// The target was started by an earlier attempt on the same change.
        case alreadyStarted = "already-started"
        /// The target was there already.
        case unchanged
        /// The rule does not concern this change, or the target's server declined it.
        case skipped
        /// The target could not be started.
        case failed
        /// The rule cannot be used.
        case invalid
    }

    /// The rule's S3 key.
    package var ruleKey: String
    /// What became of it.
    package var outcome: Outcome
    /// The clause of the rule that decided.
    package var clause: String
    /// The first changed path that decided, where paths did.
    package var path: Path?
    /// The pattern that decided, where one did.
    package var pattern: String?
    /// Why, as a sentence.
    package var reason: String
    /// What the target answered: an execution id, or why it did not start.
    package var answer: String?
    /// It failed in a way that may pass: another attempt will be made.
    package var willBeRetried = false

    /// The outcome of a decision not to start.
    package init(_ decision: Decision) {
        self.init(decision, .skipped)
        switch decision.outcome {
        case .invalid: outcome = .invalid
        case .unread:
            outcome = .failed
            willBeRetried = true
        case .start, .skipped: break
        }
    }

    /// A start that was called for and held back, since a newer change was started.
    package init(_ decision: Decision, heldBack reason: String, answer: String?) {
        self.init(decision, .skipped, answer: answer)
        self.clause = "Order"
        self.path = nil
        self.pattern = nil
        self.reason = reason
    }

    /// The outcome of a start that the target refused, or that the rule's target made impossible:
    /// that is what decided.
    package init(_ decision: Decision, refused words: String) {
        self.init(decision, .failed, answer: words)
        clause = "Target"
    }

    /// The outcome of a start that was called for.
    package init(
        _ decision: Decision,
        _ outcome: Outcome,
        answer: String? = nil,
        willBeRetried: Bool = false
    ) {
        self.ruleKey = decision.ruleKey
        self.outcome = outcome
        self.clause = decision.clause
        self.path = decision.path
        self.pattern = decision.pattern
        self.reason = decision.reason
        self.answer = answer
        self.willBeRetried = willBeRetried
    }
}

/// What decides about a rule: a decision without the rule.
struct Grounds {
    var outcome: Decision.Outcome
    var clause: String
    var reason: String
    var path: Path?
    var pattern: String?
    /// What is to be started is to be ended instead.
    var ends = false

    init(
        _ outcome: Decision.Outcome,
        _ clause: String,
        _ reason: String,
        path: Path? = nil,
        pattern: String? = nil
    ) {
        self.outcome = outcome
        self.clause = clause
        self.reason = reason
        self.path = path
        self.pattern = pattern
    }

    /// The same grounds to end what the rule has started for a pull request.
    var ending: Grounds {
        var grounds = self
        grounds.outcome = .start
        grounds.ends = true
        return grounds
    }

    /// A ref that is gone has nothing to run on.
    static var deleted: Grounds { Grounds(.skipped, "Deleted", "a deleted ref starts nothing") }
}

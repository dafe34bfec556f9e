/// What decides about a rule: a decision without the rule.
struct Grounds {
    var outcome: Decision.Outcome
    var clause: String
    var reason: String
    var path: Path?
    var pattern: String?

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

    /// A ref that is gone has nothing to run on.
    static var deleted: Grounds { Grounds(.skipped, "Deleted", "a deleted ref starts nothing") }
}

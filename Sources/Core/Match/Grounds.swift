/// What decides about a rule: a decision without the rule.
struct Grounds {
    var outcome: Decision.Outcome
    var clause: String
    var reason: String
    /// As much of the path as a reader needs to know it: every rule has its own.
    var path: Path?
    /// As much of the pattern.
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
        self.path = path.map { Path(utf8: shortened($0.utf8)) }
        self.pattern = pattern.map { String(decoding: shortened([UInt8]($0.utf8)), as: UTF8.self) }
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

    /// A tag of a tree or a blob has nothing to run on either.
    static func withoutCommit(_ change: Change) -> Grounds {
        let object = change.tagObject.map { " (\(clipped($0)))" } ?? ""
        return Grounds(
            .skipped,
            "Commit",
            "the tag points to something that is not a commit\(object): nothing can run on it"
        )
    }

    /// A pull request from another repository, of which the rule does not say that it may start.
    static func fork(_ pullRequest: Change.PullRequest) -> Grounds {
        let from =
            pullRequest.headRepository.map { "the fork '\(clipped($0))'" }
            ?? "a repository that is gone, which counts as a fork"
        return Grounds(
            .skipped,
            "Forks",
            "the pull request comes from \(from): the rule does not say Forks: allow"
        )
    }
}

/// What can decide about a rule, in the order in which it is looked at: the first that fails.
///
/// If none fails, the rule starts, and the last that has something to say is named: a pattern that matched, or
/// a list of excludes that did not. If there is none, it is `Events`. ``RuleMatcher`` tests them, and ``Trace``
/// tells of each what the rule wants and the change has.
package enum Clause: String, CaseIterable, Sendable {
    /// A rule of the mono-repo trigger is about this repository and branch.
    case gitHubBranch = "GitHubBranch"
    /// The rule can be read and used.
    case rule = "Rule"
    /// The ref is still there.
    case deleted = "Deleted"
    case source = "Source"
    case repository = "Repository"
    case events = "Events"
    /// The tag points to a commit.
    case commit = "Commit"
    /// What the rule starts has to do with a pull request's end or new base.
    case target = "Target"
    case branches = "Branches"
    case excludeBranches = "ExcludeBranches"
    case tags = "Tags"
    case excludeTags = "ExcludeTags"
    case forks = "Forks"
    case drafts = "Drafts"
    case labels = "Labels"
    case excludeLabels = "ExcludeLabels"
    case actors = "Actors"
    case excludeActors = "ExcludeActors"
    case skipMessages = "SkipMessages"
    case changeMatchExpressions = "ChangeMatchExpressions"
    case paths = "Paths"
    case pathExpressions = "PathExpressions"
    case excludePaths = "ExcludePaths"
    case whenPathsUnknown = "WhenPathsUnknown"
    /// A comment asks for the rule, and its author may ask. This is looked up once the rules are decided,
    /// not by a matcher.
    case comment = "Comment"
    /// No newer change was started. This is looked up when a start is claimed, not by a matcher.
    case order = "Order"

    /// Whether a skip by it means that all changed paths are known and none is the rule's.
    ///
    /// A required check then passes (``RuleOutcome/statusWithoutRun(kind:)``), and Gitea and GitLab are asked for
    /// further paths (``ChangeLookup``).
    var isOfKnownPaths: Bool {
        switch self {
        case .paths, .pathExpressions, .excludePaths: true
        default: false
        }
    }

    /// Whether what its patterns match is not to start.
    var isExclude: Bool { rawValue.utf8.starts(with: "Exclude".utf8) }
}

/// What decides about a rule: a decision without the rule.
struct Verdict {
    var outcome: Decision.Outcome
    var clause: Clause
    var reason: String
    /// As much of the path as a reader needs to know it: every rule has its own.
    var path: Path?
    var pattern: String?
    /// What is to be started is to be ended instead.
    var ends = false

    init(
        _ outcome: Decision.Outcome,
        _ clause: Clause,
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

    /// The same verdict to end what the rule has started for a pull request.
    var ending: Verdict {
        var verdict = self
        verdict.outcome = .start
        verdict.ends = true
        return verdict
    }
}

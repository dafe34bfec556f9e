import Trigger

/// What a rule that does not start came nearest to.
struct NearMiss {
    /// The nearest miss in words; `nil` where the decision says all there is to say.
    private(set) var words: String?
    /// Nothing but this keeps the rule from starting.
    private(set) var isOnlyMiss = false

    private let change: Change
    private let rule: Rule

    /// Looks at a decision on a rule.
    ///
    /// - Parameter paths: The changed paths, prepared once for all rules.
    init(_ change: Change, _ decision: Decision, _ rule: Rule, _ paths: NearestPath) {
        self.change = change
        self.rule = rule
        guard decision.outcome == .skipped else { return }
        guard let definition = rule.definition else {
            if decision.clause == "ChangeMatchExpressions", let path = change.paths.paths.first {
                let text = String(decoding: path.utf8, as: UTF8.self)
                words = "an expression is matched at the start of a path, such as '\(text)'"
            }
            return
        }
        switch decision.clause {
        case "Branches": name("Branches", definition.branches, change.branch) { $0.branch = $1 }
        case "Tags": name("Tags", definition.tags, change.tag) { $0.tag = $1 }
        case "Actors": name("Actors", definition.actors, change.actor) { $0.actor = $1 }
        case "ExcludePaths" where decision.path != nil:
            words = "it would start but for ExcludePaths"
            isOnlyMiss = true
        case "Paths":
            words = paths.nearest(to: definition.paths.included)
        default: break
        }
    }

    /// `Branches wants 'main', the push is to 'master'`.
    private mutating func name(
        _ property: String,
        _ patterns: RuleDefinition.Patterns,
        _ subject: String?,
        _ set: (inout Change, String) -> Void
    ) {
        guard let subject else { return }
        let wanted = patterns.included.map(\.pattern)
        let all = wanted.prefix(5).map { "'\($0)'" }.joined(separator: " or ")
        let more = wanted.count > 5 ? " or one of \(wanted.count - 5) more" : ""
        let what =
            switch property {
            case "Actors": "it was '\(subject)'"
            case "Tags": "the tag is '\(subject)'"
            default:
                change.kind == .pullRequest
                    ? "the pull request is into '\(subject)'" : "the push is to '\(subject)'"
            }
        isOnlyMiss = wanted.contains { name in
            var change = change
            set(&change, name)
            return RuleSet([rule]).decide(change).first?.outcome == .start
        }
        words =
            "\(property) wants \(all)\(more), \(what)\(hint(subject, wanted))"
            + (isOnlyMiss ? "; nothing else keeps it from starting" : "")
    }

    private func hint(_ subject: String, _ wanted: [String]) -> String {
        if let same = wanted.first(where: { $0.lowercased() == subject.lowercased() }) {
            return "; '\(same)' differs only in case"
        }
        // A glob that lacks only the folders before or behind.
        for pattern in wanted {
            let wider = pattern.replacing("*", with: "**").replacing("****", with: "**")
            if wider != pattern, let glob = try? Glob(wider), glob.matches(subject) {
                return "; `*` ends at a '/': '\(wider)' matches"
            }
        }
        return suggestion(for: subject, among: wanted).map { "; did you mean '\($0)'?" } ?? ""
    }
}

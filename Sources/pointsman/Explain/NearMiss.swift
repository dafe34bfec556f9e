import Trigger

/// What a rule that does not start came nearest to.
struct NearMiss {
    let change: Change
    /// The changed paths, searched for what comes nearest to a pattern.
    let paths: NearestPath

    init(_ change: Change) {
        self.change = change
        paths = NearestPath(change.paths.paths)
    }

    /// The nearest miss in words; `nil` where the decision says all there is to say.
    func words(_ decision: Decision, _ rule: Rule) -> String? {
        guard decision.outcome == .skipped else { return nil }
        guard let definition = rule.definition else {
            return decision.clause == "ChangeMatchExpressions"
                ? "an expression is matched at the start of a path, such as '\(firstPath ?? "")'"
                : nil
        }
        switch decision.clause {
        case "Branches": return names("Branches", definition.branches, change.branch)
        case "Tags": return names("Tags", definition.tags, change.tag)
        case "Actors": return names("Actors", definition.actors, change.actor)
        case "ExcludePaths":
            guard let pattern = decision.pattern else { return nil }
            return "without '\(pattern)' in ExcludePaths it starts"
        case "Paths":
            return paths.nearest(to: definition.paths.included)
        default: return nil
        }
    }

    private var firstPath: String? {
        change.paths.paths.first.map { String(decoding: $0.utf8, as: UTF8.self) }
    }

    /// `Branches wants 'main', the push is to 'master'`.
    private func names(
        _ property: String,
        _ patterns: RuleDefinition.Patterns,
        _ subject: String?
    ) -> String? {
        guard let subject else { return nil }
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
        return "\(property) wants \(all)\(more), \(what)" + hint(subject, wanted)
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

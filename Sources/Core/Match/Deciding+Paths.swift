extension Deciding {
    /// Decides by the changed paths.
    mutating func decidePaths(
        _ selection: PathPatterns.Selection,
        startsWhenUnknown: Bool
    ) -> Grounds {
        let verdict = search.verdict(selection, count: change.paths.paths.count)
        switch verdict {
        case .match(let path, let pattern?):
            return matched(path, pattern, set.patterns.patterns[pattern].clause)
        case .match(let index, nil):
            let path = change.paths.paths[index]
            let reason = "\(path.inWords) is not excluded"
            return Grounds(.start, "ExcludePaths", reason, path: path)
        case .exceeded:
            return pathsExceeded(startsWhenUnknown)
        case .excluded, .none:
            break
        }
        if let incomplete = change.paths.incomplete {
            return unknown(incomplete, startsWhenUnknown)
        }
        guard case .excluded(let index, let pattern) = verdict else {
            // A rule's globs come before its expressions.
            let first = selection.included.first.map { set.patterns.places[$0] }
            let clause = first.map { set.patterns.patterns[$0].clause } ?? "ExcludePaths"
            return Grounds(.skipped, clause, noMatch)
        }
        let path = change.paths.paths[index]
        let text = set.patterns.patterns[pattern].text
        let reason =
            "every changed path that matches is excluded, the first being \(path.inWords) "
            + "by '\(clipped(text))'"
        return Grounds(.skipped, "ExcludePaths", reason, path: path, pattern: text)
    }

    /// Decides for a rule of the earlier design, whose repository and branch are the change's.
    mutating func decideEarlier(_ selection: PathPatterns.Selection) -> Grounds {
        let clause = "ChangeMatchExpressions"
        if change.deleted { return .deleted }
        if change.paths.commits == 0 {
            return Grounds(.skipped, clause, "the push lists no commits")
        }
        switch search.verdict(selection, count: change.paths.paths.count) {
        case .match(let path, let pattern?): return matched(path, pattern, clause)
        case .exceeded: return pathsExceeded(true)
        case .match, .excluded, .none: break
        }
        // What GitHub left out may match: the earlier design knew nothing of it and lost starts.
        if let incomplete = change.paths.incomplete { return unknown(incomplete, true) }
        return Grounds(.skipped, clause, noMatch)
    }

    private func matched(_ index: Int, _ pattern: Int, _ clause: String) -> Grounds {
        let path = change.paths.paths[index]
        let text = set.patterns.patterns[pattern].text
        let reason =
            text.isEmpty
            ? "\(path.inWords) matches the empty expression"
            : "\(path.inWords) matches '\(clipped(text))'"
        return Grounds(.start, clause, reason, path: path, pattern: text)
    }

    /// What the paths say cannot be told: as good as not knowing them.
    func pathsExceeded(_ starts: Bool) -> Grounds {
        let reason = "which changed paths match cannot be told: \(search.steps.breach)"
        return Grounds(starts ? .start : .skipped, "WhenPathsUnknown", reason)
    }

    private func unknown(_ incomplete: String, _ starts: Bool) -> Grounds {
        let reason = "\(noMatch), but not all changed paths are known: \(incomplete)"
        return Grounds(starts ? .start : .skipped, "WhenPathsUnknown", reason)
    }
}

extension Path {
    /// `changed path 'docs/a.md'`.
    fileprivate var inWords: String {
        "changed path '\(clipped(String(decoding: utf8, as: UTF8.self)))'"
    }
}

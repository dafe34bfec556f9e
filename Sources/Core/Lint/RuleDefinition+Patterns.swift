extension RuleDefinition {
    /// What is odd about the rule's patterns, list by list.
    var patternOversights: [RuleOversight] {
        var found: [RuleOversight] = []
        for (name, patterns) in [
            ("Branches", branches), ("Tags", tags), ("Actors", actors), ("Paths", paths),
        ] {
            found += oversights(of: patterns.included, name)
            found += oversights(of: patterns.excluded, "Exclude" + name)
            found += idleExcludes(patterns, name)
        }
        for (index, expression) in pathExpressions.enumerated() {
            guard let message = expression.slip else { continue }
            found.append(RuleOversight(.slip, "PathExpressions[\(index)]", message))
        }
        return found
    }

    /// What is odd about each pattern of a list, at most one thing.
    private func oversights(of globs: [Glob], _ name: String) -> [RuleOversight] {
        var found: [RuleOversight] = []
        for (index, glob) in globs.enumerated() {
            let place = "\(name)[\(index)]"
            let slip = glob.slip(in: name)
            if let wider = wider(than: index, in: globs), slip?.kind != .slip {
                let other = "\(name)[\(wider)]"
                let message =
                    isSame(glob.pattern, globs[wider].pattern)
                    ? "the same as \(other)"
                    : "all that it matches, \(other) '\(clipped(globs[wider].pattern))' matches too"
                found.append(RuleOversight(.redundant, place, message))
            } else if let slip {
                let (message, instead) = (slip.message, slip.suggestion)
                found.append(RuleOversight(slip.kind, place, message, suggestion: instead))
            }
        }
        return found
    }

    /// The pattern of a list that covers another one; of two that cover each other the first.
    private func wider(than index: Int, in globs: [Glob]) -> Int? {
        globs.indices.first { other in
            other != index && globs[other].covers(globs[index])
                && (other < index || !globs[index].covers(globs[other]))
        }
    }

    private func idleExcludes(_ patterns: Patterns, _ name: String) -> [RuleOversight] {
        let expressions = name == "Paths" ? pathExpressions : []
        guard !patterns.included.isEmpty || !expressions.isEmpty else { return [] }
        var found: [RuleOversight] = []
        for (index, exclude) in patterns.excluded.enumerated() {
            guard exclude.slip(in: "Exclude" + name)?.kind != .slip,
                patterns.included.allSatisfy({ $0.isDisjoint(with: exclude) }),
                expressions.allSatisfy({ $0.isDisjoint(with: exclude) })
            else { continue }
            let message = "excludes nothing: nothing that \(name) names matches it"
            let place = "Exclude\(name)[\(index)]"
            let deeper = name == "Paths" ? exclude.inAllFolders : nil
            found.append(RuleOversight(.idleExclude, place, message, suggestion: deeper))
        }
        return found
    }
}

extension Glob {
    /// Of `*.md`, which looks at the root alone, the pattern that looks into all folders.
    fileprivate var inAllFolders: String? {
        guard middle == .withinSegment, head.isEmpty, !tail.isEmpty else { return nil }
        return "*" + pattern
    }
}

extension PathExpression {
    /// Why no path can match; `nil` where one may.
    var slip: String? {
        let paths = "changed paths are relative to the repository's root"
        if literals.prefix.first == UInt8(ascii: "/") {
            return "matches no path: no path begins with '/', \(paths)"
        }
        if literals.prefix.starts(with: "./".utf8) || literals.prefix.starts(with: "../".utf8) {
            return "matches no path: no path begins with '.' or '..', \(paths)"
        }
        return nil
    }

    /// Whether surely no path matches both.
    fileprivate func isDisjoint(with glob: Glob) -> Bool {
        !literals.prefix.isEmpty && !literals.prefix.agrees(with: glob.head)
    }
}

extension RuleDefinition {
    /// Why no change of a CodeCommit repository can ever match the rule; `nil` where one may.
    func obstacle(in repository: String) -> String? {
        guard self.repository.utf8.elementsEqual(repository.utf8) else {
            return "CodeCommit's names are case-sensitive: the rule is about '\(self.repository)', "
                + "the repository is '\(repository)'"
        }
        guard tellsOfBranches || events.contains(.tag) else {
            return "Events names nothing that CodeCommit tells of"
        }
        if actors.isNone { return "ExcludeActors takes away all that Actors names" }
        let hasBranch = tellsOfBranches && !branches.isNone
        let hasTag = events.contains(.tag) && !tags.isNone
        if hasBranch || hasTag { return nil }
        return tellsOfBranches
            ? "ExcludeBranches takes away all that Branches names"
            : "ExcludeTags takes away all that Tags names"
    }

    /// What a rule about CodeCommit says in vain.
    var oversights: [String] {
        var notes: [String] = []
        if events.contains(.pullRequest) {
            notes.append("a trigger tells of no pull requests: those come by EventBridge alone")
        }
        if !skipMessages.isEmpty {
            notes.append("SkipMessages has no effect: CodeCommit's events carry no message")
        }
        if !tags.isEmpty, !events.contains(.tag) {
            notes.append("Tags and ExcludeTags have no effect: Events does not name tag")
        }
        if !tellsOfBranches {
            if !branches.isEmpty {
                notes.append("Branches and ExcludeBranches have no effect on a tag")
            }
            if !paths.isEmpty || !pathExpressions.isEmpty {
                notes.append("Paths, PathExpressions and ExcludePaths have no effect on a tag")
            }
        } else if pathExpressions.isEmpty, paths.isNone {
            notes.append("ExcludePaths takes away all that Paths names")
        }
        return notes
    }

    private var tellsOfBranches: Bool {
        events.contains(.push) || events.contains(.pullRequest)
    }
}

extension RuleDefinition.Patterns {
    /// Whether surely nothing passes: all is excluded, or each plain name that is included.
    fileprivate var isNone: Bool {
        if excluded.contains(where: { $0.isEverything }) { return true }
        guard !included.isEmpty else { return false }
        var machine = GlobMachine()
        for glob in included {
            guard let name = glob.plainName else { return false }
            var isExcluded = false
            for exclude in excluded where exclude.matches(name[...], &machine) { isExcluded = true }
            if !isExcluded { return false }
        }
        return true
    }
}

extension Glob {
    /// Whether it is `**`.
    fileprivate var isEverything: Bool {
        middle == .anything && head.isEmpty && tail.isEmpty
    }

    /// The one name that it matches, where it has no wildcard.
    fileprivate var plainName: [UInt8]? {
        middle == .nothing ? head + tail : nil
    }
}

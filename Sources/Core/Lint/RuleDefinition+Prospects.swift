extension RuleDefinition {
    /// Why no change can ever start the rule; `nil` where one may.
    package var obstacle: RuleOversight? {
        let kinds = toldEvents
        guard !kinds.isEmpty else {
            let message = "Events names nothing that \(source.title) tells of"
            return RuleOversight(.neverMatches, "Events", message)
        }
        if actors.isNone { return takenAway("Actors") }
        let hasBranch = tellsOfBranches && !branches.isNone
        let hasTag = tellsOfTags && !tags.isNone
        if hasBranch || hasTag { return nil }
        return takenAway(tellsOfBranches ? "Branches" : "Tags")
    }

    /// What the rule says in vain, and what of it was probably meant otherwise.
    package var oversights: [RuleOversight] {
        idleProperties + pathsTakenAway + patternOversights
    }

    /// The events of the rule that its source tells of.
    package var toldEvents: [Change.Kind] {
        events.filter { source.tells(of: $0) }
    }

    private var idleProperties: [RuleOversight] {
        var found: [RuleOversight] = []
        func idle(_ property: String, _ message: String) {
            found.append(RuleOversight(.noEffect, property, message))
        }
        let told = toldEvents
        for (index, event) in events.enumerated() where !told.isEmpty && !told.contains(event) {
            idle("Events[\(index)]", "\(source.title) tells of no \(event.rawValue)")
        }
        if !skipMessages.isEmpty, !told.isEmpty, !told.contains(where: { source.hasMessage($0) }) {
            let whose =
                source == .github ? "a pull request carries" : "\(source.title)'s events carry"
            idle("SkipMessages", "SkipMessages has no effect: \(whose) no message")
        }
        if forks != nil, !told.isEmpty, source == .codecommit || !told.contains(.pullRequest) {
            let why =
                source == .github
                ? "Events does not name pull_request" : "\(source.title) has no forks"
            idle("Forks", "Forks has no effect: \(why)")
        }
        if !tags.isEmpty, !tellsOfTags {
            let event = source == .dockerhub ? "image" : "tag"
            let message = "Tags and ExcludeTags have no effect: Events does not name \(event)"
            idle(tags.property("Tags"), message)
        }
        if !tellsOfBranches {
            let what = told == [.image] ? "an image" : "a tag"
            if !branches.isEmpty {
                let message = "Branches and ExcludeBranches have no effect on \(what)"
                idle(branches.property("Branches"), message)
            }
            if !paths.isEmpty || !pathExpressions.isEmpty {
                let property = paths.isEmpty ? "PathExpressions" : paths.property("Paths")
                let message = "Paths, PathExpressions and ExcludePaths have no effect on \(what)"
                idle(property, message)
            }
        }
        return found
    }

    /// That no changed path can be what the rule is about.
    private var pathsTakenAway: [RuleOversight] {
        guard tellsOfBranches, pathExpressions.isEmpty, paths.isNone else { return [] }
        return [takenAway("Paths")]
    }

    private func takenAway(_ name: String) -> RuleOversight {
        let message = "Exclude\(name) takes away all that \(name) names"
        return RuleOversight(.neverMatches, "Exclude\(name)", message)
    }

    private var tellsOfBranches: Bool {
        toldEvents.contains { $0 == .push || $0 == .pullRequest }
    }

    private var tellsOfTags: Bool {
        toldEvents.contains { $0 == .tag || $0 == .image }
    }
}

extension Change.Source {
    /// What people call it.
    var title: String {
        switch self {
        case .github: "GitHub"
        case .codecommit: "CodeCommit"
        case .dockerhub: "Docker Hub"
        }
    }

    /// Whether there are changes of that kind of this source.
    func tells(of kind: Change.Kind) -> Bool {
        (self == .dockerhub) == (kind == .image)
    }

    /// Whether its changes of that kind carry a commit's message.
    func hasMessage(_ kind: Change.Kind) -> Bool {
        self == .github && (kind == .push || kind == .tag)
    }
}

extension RuleDefinition.Patterns {
    /// Whether surely nothing passes: all is excluded, or each pattern that is included.
    var isNone: Bool {
        if excluded.contains(where: { $0.isEverything }) { return true }
        return !included.isEmpty
            && included.allSatisfy { one in excluded.contains { $0.covers(one) } }
    }

    /// The property of the two that is there.
    fileprivate func property(_ name: String) -> String {
        included.isEmpty ? "Exclude" + name : name
    }
}

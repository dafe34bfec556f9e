internal import Codec

/// Something that a valid rule says, and that is surely or probably not meant so.
package struct RuleWarning: Equatable, Sendable {
    /// The property that it is about, such as `ExcludePaths[1]`.
    package var property: String
    /// What will come of it, as a sentence.
    package var message: String
    package var kind: Kind
    /// What was probably meant in the property's place; `nil` where that is not known.
    package var suggestion: String?

    package enum Kind: Equatable, Sendable {
        /// No change can ever start the rule.
        case neverMatches
        /// The property does nothing for the changes that the rule is about.
        case noEffect
        /// An exclude that takes away nothing: no include reaches what it matches.
        case idleExclude
        /// A pattern that matches nothing which another of the same list does not match.
        case redundant
        /// A pattern that looks like one of another language: it matches nothing, or little.
        case likelyMistake
        /// `src/*`, which may have been meant as `src/**`.
        case shallow
    }

    init(_ kind: Kind, _ property: String, _ message: String, suggestion: String? = nil) {
        self.kind = kind
        self.property = property
        self.message = message
        self.suggestion = suggestion
    }
}

extension Rule {
    /// Properties and patterns of a valid rule that have no effect or are probably mistakes.
    ///
    /// That nothing can ever start the rule comes first.
    package var lintWarnings: [RuleWarning] {
        switch content {
        case .current(let definition):
            return (definition.neverMatchesWarning.map { [$0] } ?? []) + definition.lintWarnings
        case .monoRepo(let rule):
            return scopeWarnings + rule.lintWarnings
        case .invalid, .unread:
            return []
        }
    }

    /// Whether another rule starts the same target for the same changes; of two of the
    /// mono-repo trigger, whether they would be one object.
    package func saysTheSame(as other: Rule) -> Bool {
        switch (content, other.content) {
        case (.current(let one), .current(let other)): one.saysTheSame(as: other)
        case (.monoRepo(let one), .monoRepo(let theOther)):
            hasSameMonoRepoSubject(as: other) && one.target == theOther.target
        default: false
        }
    }

    /// Whether both set the same status of a commit that both may be about.
    package func sharesStatus(with other: Rule) -> Bool {
        guard let definition, let theirs = other.definition else { return false }
        return definition.sharesStatus(with: theirs)
    }

    private var scopeWarnings: [RuleWarning] {
        guard case .push(let repository, let branch) = monoRepoSubject else { return [] }
        var found: [RuleWarning] = []
        if repository.utf8.contains(UInt8(ascii: "/")) {
            let name = BucketKeys.nameWithoutOwner(repository)
            let message = "no push matches: the repository is named without its owner here"
            found.append(RuleWarning(.neverMatches, "GitHubRepo", message, suggestion: name))
        }
        if branch.utf8.starts(with: "refs/heads/".utf8) {
            let name = String(decoding: branch.utf8.dropFirst(11), as: UTF8.self)
            let message = "no push matches: a name is compared without 'refs/heads/'"
            found.append(RuleWarning(.neverMatches, "GitHubBranch", message, suggestion: name))
        } else if branch.utf8.contains(UInt8(ascii: "*")) {
            let message = "no push matches: this is the name of one branch, not a pattern"
            found.append(RuleWarning(.neverMatches, "GitHubBranch", message))
        }
        return found
    }
}

extension MonoRepoRule {
    fileprivate var lintWarnings: [RuleWarning] {
        expressions.compactMap { expression in
            expression.matchesNoPathReason.map { reason in
                let message = "'\(clipped(expression.pattern))' \(reason)"
                return RuleWarning(.likelyMistake, "ChangeMatchExpressions", message)
            }
        }
    }
}

extension RuleDefinition {
    /// Why no change can ever start the rule; `nil` where one may.
    var neverMatchesWarning: RuleWarning? {
        let kinds = toldEvents
        guard !kinds.isEmpty else {
            let message = "Events names nothing that \(source.title) tells of"
            return RuleWarning(.neverMatches, "Events", message)
        }
        if actors.isNone { return takenAway("Actors") }
        if !labels.included.isEmpty, labels.isNone, kinds.allSatisfy({ $0 == .pullRequest }) {
            return takenAway("Labels")
        }
        let hasBranch = tellsOfBranches && !branches.isNone
        let hasTag = tellsOfTags && !tags.isNone
        if hasBranch || hasTag { return nil }
        return takenAway(tellsOfBranches ? "Branches" : "Tags")
    }

    /// Properties and patterns that have no effect or are probably mistakes.
    var lintWarnings: [RuleWarning] {
        idleProperties + pathsTakenAway + patternWarnings
    }

    /// The events of the rule that its source tells of.
    package var toldEvents: [Change.Kind] {
        events.filter { source.kinds.contains($0) }
    }

    private var idleProperties: [RuleWarning] {
        var found: [RuleWarning] = []
        func idle(_ property: String, _ message: String) {
            found.append(RuleWarning(.noEffect, property, message))
        }
        let told = toldEvents
        for (index, event) in events.enumerated() where !told.isEmpty && !told.contains(event) {
            idle("Events[\(index)]", "\(source.title) tells of no \(event.rawValue)")
        }
        if !skipMessages.isEmpty, !told.isEmpty, !told.contains(where: { source.heedsMessage($0) })
        {
            let why =
                if told.contains(.mergeGroup) {
                    "a merge group is not skipped by its message"
                } else if source.hasMessage(.push) {
                    "a pull request carries no message"
                } else {
                    "\(source.title)'s events carry no message"
                }
            idle("SkipMessages", "SkipMessages has no effect: \(why)")
        }
        if forks != nil, !told.isEmpty, !source.hasForks || !told.contains(.pullRequest) {
            let why =
                source.hasForks
                ? "Events does not name pull_request" : "\(source.title) has no forks"
            idle("Forks", "Forks has no effect: \(why)")
        }
        for (property, isStated) in [
            ("Drafts", drafts != nil), (labels.property("Labels"), !labels.isEmpty),
        ] where isStated && !told.isEmpty && (!source.hasLabels || !told.contains(.pullRequest)) {
            let why =
                source.hasLabels
                ? "Events does not name pull_request"
                : "\(source.title) has no \(property == "Drafts" ? "drafts" : "labels")"
            idle(property, "\(property) has no effect: \(why)")
        }
        if status != nil, !source.hasStatuses {
            idle("Status", "Status has no effect: \(source.title) has no commit statuses")
        }
        if !tags.isEmpty, !tellsOfTags {
            let event = source.kinds.contains(.image) ? "image" : "tag"
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
    private var pathsTakenAway: [RuleWarning] {
        guard tellsOfBranches, pathExpressions.isEmpty, paths.isNone else { return [] }
        return [takenAway("Paths")]
    }

    private func takenAway(_ name: String) -> RuleWarning {
        let message = "Exclude\(name) takes away all that \(name) names"
        return RuleWarning(.neverMatches, "Exclude\(name)", message)
    }

    /// Whether both rules set the same status, and some change may match both as far as their events,
    /// branches, tags and actors tell.
    ///
    /// Changed paths do not count: a pull request that a rule skips by them sets its status too.
    func sharesStatus(with other: RuleDefinition) -> Bool {
        guard let status, let theirs = other.status, source == other.source,
            // GitHub's contexts have no case.
            equalsIgnoringASCIICase(status, theirs),
            equalsIgnoringASCIICase(repository, other.repository),
            actors.mayShare(other.actors)
        else { return false }
        let kinds = events.filter { other.events.contains($0) }
        return kinds.contains { $0.hasBranchAndPaths } && branches.mayShare(other.branches)
            || kinds.contains { !$0.hasBranchAndPaths } && tags.mayShare(other.tags)
    }

    private var tellsOfBranches: Bool {
        toldEvents.contains { $0.hasBranchAndPaths }
    }

    private var tellsOfTags: Bool {
        toldEvents.contains { !$0.hasBranchAndPaths }
    }
}

extension RuleDefinition.Patterns {
    /// Whether surely nothing passes: all is excluded, or each pattern that is included.
    var isNone: Bool {
        if excluded.contains(where: { $0.isEverything }) { return true }
        return !included.isEmpty
            && included.allSatisfy { one in excluded.contains { $0.covers(one) } }
    }

    /// Whether some name may pass both, as far as the patterns' plain beginnings and ends tell.
    fileprivate func mayShare(_ other: Self) -> Bool {
        guard !included.isEmpty || !other.included.isEmpty else { return true }
        let (some, others) = (remaining, other.remaining)
        if included.isEmpty { return others.contains { !isExcluded($0) } }
        if other.included.isEmpty { return some.contains { !other.isExcluded($0) } }
        return some.contains { one in
            others.contains {
                !one.isDisjoint(with: $0) && !isExcluded($0) && !other.isExcluded(one)
            }
        }
    }

    private var remaining: [Glob] { included.filter { !isExcluded($0) } }

    /// Whether an exclude takes away all that a pattern matches.
    private func isExcluded(_ glob: Glob) -> Bool { excluded.contains { $0.covers(glob) } }

    /// The property of the two that is there.
    fileprivate func property(_ name: String) -> String {
        included.isEmpty ? "Exclude" + name : name
    }
}

extension Template {
    /// The placeholders that no change of a source and of these kinds has a value for.
    package func placeholders(
        emptyFor source: Change.Source,
        _ kinds: [Change.Kind]
    ) -> [Placeholder] {
        guard !kinds.isEmpty else { return [] }
        return placeholders.filter { placeholder in
            !kinds.contains { placeholder.mayHaveValue(source, $0) }
        }
    }
}

extension Template.Placeholder {
    /// Whether there are changes of a source and kind that have a value for it.
    fileprivate func mayHaveValue(_ source: Change.Source, _ kind: Change.Kind) -> Bool {
        switch self {
        case .repository, .delivery: true
        case .actor: source != .ecr
        case .after: kind != .image || source == .ecr
        case .ref: kind != .image
        // CodeCommit and Gitea tell only what a pull request is at now.
        case .before:
            kind != .image && (kind != .pullRequest || source == .github || source == .gitlab)
        case .branch: kind.hasBranchAndPaths
        case .tag: kind == .tag || kind == .image
        case .message: source.hasMessage(kind)
        case .pullRequest: kind == .pullRequest
        case .image: kind == .image
        case .digest: source == .ecr
        }
    }
}

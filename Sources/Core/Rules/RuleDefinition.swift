/// What a valid rule says.
package final class RuleDefinition {
    /// Whose changes it is about.
    package let source: Change.Source
    /// The repository as the rule spells it.
    package let repository: String
    /// The kinds of change it is about.
    package let events: [Change.Kind]
    /// Over the whole branch name (for a pull request, of its base); any where empty.
    package let branches: Patterns
    /// Over the tag's name; any where empty.
    package let tags: Patterns
    /// Whether pull requests from other repositories start it too, as far as the rule says so.
    package let forks: Forks?
    /// Over who pushed; anybody where empty.
    package let actors: Patterns
    /// Over the changed paths; not looked at where this and ``pathExpressions`` are empty.
    package let paths: Patterns
    /// Over the changed paths, beside the included ``paths``.
    package let pathExpressions: [PathExpression]
    /// Parts of the head commit's message that skip it.
    package let skipMessages: [String]
    /// What a set of paths that is not complete and does not match leads to.
    package let startsWhenPathsUnknown: Bool
    /// An older change is not started after a newer one of the same branch, tag, pull request or
    /// image.
    package let startsNewest: Bool
    /// What it starts.
    package let target: Target
    /// The same for all rules that say the same about all of a change but its paths.
    let scope: ByteKey

    /// What becomes of pull requests from other repositories, which run somebody else's code.
    package enum Forks: String, Equatable, Sendable {
        case skip, allow
    }

    /// Whether pull requests from other repositories start it too.
    package var allowsForks: Bool { forks == .allow }

    /// How many patterns it has, in all lists together.
    var patternCount: Int {
        [branches, tags, actors, paths].reduce(pathExpressions.count + skipMessages.count) {
            $0 + $1.included.count + $1.excluded.count
        }
    }

    /// Bytes of what its patterns compile to.
    var compiledSize: Int {
        let globs = [branches, tags, actors, paths].flatMap { $0.included + $0.excluded }
        return globs.reduce(pathExpressions.reduce(0) { $0 + $1.compiledSize }) {
            $0 + $1.compiledSize
        }
    }

    /// A property and its `Exclude` counterpart.
    package struct Patterns: Equatable, Sendable {
        /// One of these must match, where there are any.
        package var included: [Glob]
        /// None of these may match.
        package var excluded: [Glob]

        /// Whether there are neither.
        var isEmpty: Bool { included.isEmpty && excluded.isEmpty }
    }

    init(
        source: Change.Source,
        repository: String,
        events: [Change.Kind],
        branches: Patterns,
        tags: Patterns,
        forks: Forks? = nil,
        actors: Patterns,
        paths: Patterns,
        pathExpressions: [PathExpression],
        skipMessages: [String],
        startsWhenPathsUnknown: Bool,
        startsNewest: Bool = true,
        target: Target
    ) {
        self.source = source
        self.repository = repository
        self.events = events
        self.branches = branches
        self.tags = tags
        self.forks = forks
        self.actors = actors
        self.paths = paths
        self.pathExpressions = pathExpressions
        self.skipMessages = skipMessages
        self.startsWhenPathsUnknown = startsWhenPathsUnknown
        self.startsNewest = startsNewest
        self.target = target
        scope = ByteKey(
            Self.scopeBytes(
                source,
                repository,
                events,
                [branches, tags, actors],
                allowsForks: forks == .allow,
                skipMessages,
                target
            )
        )
    }
}

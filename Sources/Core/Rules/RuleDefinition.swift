package import Codec
internal import Platform

/// What a valid rule says.
package final class RuleDefinition {
    /// Which provider tells of the changes that it is about.
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
    let forks: Forks?
    /// Whether pull requests that are drafts start it too, as far as the rule says so.
    let drafts: Drafts?
    /// Over the labels of a pull request; any where empty.
    package let labels: Patterns
    /// Over who pushed; anybody where empty.
    package let actors: Patterns
    /// Over the changed paths; not looked at where this and ``pathExpressions`` are empty.
    package let paths: Patterns
    /// Over the changed paths, beside the included ``paths``.
    let pathExpressions: [PathExpression]
    /// Parts of the head commit's message that skip it.
    package let skipMessages: [String]
    /// What a set of paths that is not complete and does not match leads to.
    let startsWhenPathsUnknown: Bool
    /// An older change is not started after a newer one of the same branch, tag, pull request or
    /// image.
    let startsNewest: Bool
    /// A newer run for a pull request stops the rule's earlier ones for it.
    package let supersedes: Bool
    /// The context of the commit status that says how what it starts has ended; `nil` for none.
    let status: String?
    let target: Target
    /// All that ``RuleMatcher`` reads of a rule to test its clauses, but for those over changed paths.
    ///
    /// Rules with equal conditions are decided once. A property that is tested and missing here gives rules that
    /// differ in it each other's verdict, which no compiler sees: ``conditionBytes`` is where it belongs.
    let conditions: ByteKey

    /// What becomes of pull requests from other repositories, which run somebody else's code.
    enum Forks: String, Equatable, Sendable {
        case skip, allow
    }

    /// What becomes of pull requests that are drafts.
    enum Drafts: String, Equatable, Sendable {
        case skip, start
    }

    /// Whether pull requests from other repositories start it too.
    var allowsForks: Bool { forks == .allow }

    /// Whether pull requests that are drafts do not start it.
    var skipsDrafts: Bool { drafts == .skip }

    /// How many patterns it has, in all lists together.
    var patternCount: Int {
        allGlobs.reduce(pathExpressions.count + skipMessages.count) {
            $0 + $1.included.count + $1.excluded.count
        }
    }

    /// Bytes of what its patterns compile to.
    var compiledSize: Int {
        let globs = allGlobs.flatMap { $0.included + $0.excluded }
        return globs.reduce(pathExpressions.reduce(0) { $0 + $1.compiledSize }) {
            $0 + $1.compiledSize
        }
    }

    private var allGlobs: [Patterns] { [branches, tags, labels, actors, paths] }

    /// A property and its `Exclude` counterpart.
    package struct Patterns: Equatable, Sendable {
        /// One of these must match, where there are any.
        package var included: [Glob]
        /// None of these may match.
        var excluded: [Glob]

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
        drafts: Drafts? = nil,
        labels: Patterns = Patterns(included: [], excluded: []),
        actors: Patterns,
        paths: Patterns,
        pathExpressions: [PathExpression],
        skipMessages: [String],
        startsWhenPathsUnknown: Bool,
        startsNewest: Bool = true,
        supersedes: Bool = false,
        status: String? = nil,
        target: Target
    ) {
        self.source = source
        self.repository = repository
        self.events = events
        self.branches = branches
        self.tags = tags
        self.forks = forks
        self.drafts = drafts
        self.labels = labels
        self.actors = actors
        self.paths = paths
        self.pathExpressions = pathExpressions
        self.skipMessages = skipMessages
        self.startsWhenPathsUnknown = startsWhenPathsUnknown
        self.startsNewest = startsNewest
        self.supersedes = supersedes
        self.status = status
        self.target = target
        conditions = ByteKey(
            Self.conditionBytes(
                source,
                repository,
                events,
                [branches, tags, labels, actors],
                allowsForks: forks == .allow,
                skipsDrafts: drafts == .skip,
                supersedes: supersedes,
                hasStatus: status != nil,
                skipMessages,
                target
            )
        )
    }
}

extension RuleDefinition {
    /// The expressions of `PathExpressions` as they are written.
    package var expressionTexts: [String] { pathExpressions.map { $0.pattern } }

    /// In the order of the sections of docs/rules.md, which a test compares.
    package static let known = [
        "Source", "Repository", "Events", "Branches", "ExcludeBranches", "Tags", "ExcludeTags",
        "Forks", "Drafts", "Labels", "ExcludeLabels", "Paths", "ExcludePaths", "PathExpressions",
        "Actors", "ExcludeActors", "SkipMessages", "WhenPathsUnknown", "Order", "Supersede",
        "Status", "Target",
    ]
    /// Those that are lists of patterns: their number is limited.
    package static let patternLists = [
        "Branches", "ExcludeBranches", "Tags", "ExcludeTags", "Labels", "ExcludeLabels", "Paths",
        "ExcludePaths", "PathExpressions", "Actors", "ExcludeActors", "SkipMessages",
    ]

    /// Reads the properties of a rule, and reports all that is wrong with them.
    package static func read(_ properties: JSON) throws(InvalidRule) -> RuleDefinition {
        guard properties.members != nil else {
            throw InvalidRule(problems: [
                RuleProblem("", "expected a JSON object, found \(properties.inWords)")
            ])
        }
        var reader = PropertyReader(properties, known: known)
        let word = reader.word("Source", of: Change.Source.names, default: "github")
        let source = word.flatMap(Change.Source.init)
        let repository = reader.repository(of: source)
        let events = reader.events(default: source?.kinds.first ?? .push)
        reader.countPatterns(in: patternLists)
        let branches = reader.patterns("Branches", "ExcludeBranches")
        let tags = reader.patterns("Tags", "ExcludeTags")
        let forks = reader.forks()
        let drafts = reader.drafts()
        let labels = reader.patterns("Labels", "ExcludeLabels")
        let paths = reader.patterns("Paths", "ExcludePaths")
        let expressions = reader.expressions("PathExpressions")
        let actors = reader.patterns("Actors", "ExcludeActors")
        let skipMessages = reader.skipMessages()
        let unknown = reader.word("WhenPathsUnknown", of: ["start", "skip"], default: "start")
        let order = reader.word("Order", of: ["newest", "every"], default: "newest")
        let supersedes = reader.flag("Supersede")
        let status = reader.status()
        let target = reader.target()
        if let target, target.followsPullRequests, !events.allSatisfy({ $0 == .pullRequest }) {
            reader.report("Events", "expected pull_request alone, which a \(target.name) is about")
        }
        if supersedes { reader.checkSuperseding(target, events) }
        if let target, status != nil, !target.kind.hasEnd {
            reader.report(
                "Status",
                "expected a target whose end AWS tells, which is "
                    + "\(Target.Kind.namesWithEnd.alternatives), found \(target.name)"
            )
        }
        if source == .ecr, status != nil {
            reader.report("Status", "expected none: an image of ECR has no commit status")
        }
        guard let source, let repository, let target, reader.problems.isEmpty else {
            throw InvalidRule(problems: reader.problems)
        }
        return RuleDefinition(
            source: source,
            repository: repository,
            events: events,
            branches: branches,
            tags: tags,
            forks: forks,
            drafts: drafts,
            labels: labels,
            actors: actors,
            paths: paths,
            pathExpressions: expressions,
            skipMessages: skipMessages,
            startsWhenPathsUnknown: unknown == "start",
            startsNewest: order == "newest",
            supersedes: supersedes,
            status: status,
            target: target
        )
    }

    /// Whose changes, and of which repository, the rule is about: also of one that is not valid.
    package static func place(_ properties: JSON) -> (source: Change.Source, repository: String)? {
        var reader = PropertyReader(ignoringUnknown: properties)
        let source = reader.word("Source", of: Change.Source.names, default: "github")
            .flatMap(Change.Source.init)
        guard let source, let repository = reader.repository(of: source) else { return nil }
        return (source, repository)
    }
}

/// What can be read of an invalid rule that names a status: which changes it is about.
struct InvalidRuleScope {
    /// The context of the status.
    let status: String
    let events: [Change.Kind]
    let branches: RuleDefinition.Patterns

    /// `nil` where the status, the events or the branches cannot be read.
    init?(_ properties: JSON) {
        var reader = PropertyReader(ignoringUnknown: properties)
        guard let status = reader.status() else { return nil }
        let events = reader.events(default: .push)
        reader.countPatterns(in: ["Branches", "ExcludeBranches"])
        let included = reader.globs("Branches")
        guard reader.problems.isEmpty else { return nil }
        self.status = status
        self.events = events
        branches = RuleDefinition.Patterns(
            included: included,
            excluded: reader.globs("ExcludeBranches")
        )
    }

    /// How many patterns it has.
    var patternCount: Int { branches.included.count + branches.excluded.count }
}

extension PropertyReader {
    fileprivate mutating func repository(of source: Change.Source?) -> String? {
        guard required("Repository") != nil, let repository = string("Repository"),
            // Without a source it cannot be said what is expected.
            let name = source?.repositoryName
        else { return nil }
        let parts = [UInt8](repository.utf8).split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        let isName = parts.allSatisfy { part in
            // Nothing is called like that, and in a key many a tool takes it for a folder.
            let isFolder = part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
            return !part.isEmpty && !isFolder
                && part.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
        }
        guard isName, name.parts.contains(parts.count) else {
            report("Repository", "expected \(name.form), found '\(clipped(repository))'")
            return nil
        }
        return repository
    }

    fileprivate mutating func events(default: Change.Kind) -> [Change.Kind] {
        guard let value = value("Events") else { return [`default`] }
        if value == .array([]) {
            report("Events", "expected at least one of \(Change.Kind.names.alternatives)")
        }
        var events: [Change.Kind] = []
        for (name, text) in strings("Events") {
            guard let word = check(text, name, of: Change.Kind.names),
                let event = Change.Kind(rawValue: word)
            else { continue }
            events.append(event)
        }
        return events
    }

    fileprivate mutating func patterns(
        _ included: String,
        _ excluded: String
    ) -> RuleDefinition.Patterns {
        RuleDefinition.Patterns(included: globs(included), excluded: globs(excluded))
    }

    /// Nothing where the rule does not say.
    fileprivate mutating func forks() -> RuleDefinition.Forks? {
        guard value("Forks") != nil else { return nil }
        return word("Forks", of: ["skip", "allow"], default: "skip")
            .flatMap(RuleDefinition.Forks.init)
    }

    /// Nothing where the rule does not say.
    fileprivate mutating func drafts() -> RuleDefinition.Drafts? {
        guard value("Drafts") != nil else { return nil }
        return word("Drafts", of: ["skip", "start"], default: "start")
            .flatMap(RuleDefinition.Drafts.init)
    }

    fileprivate mutating func expressions(_ name: String) -> [PathExpression] {
        var expressions = CompiledExpressions()
        for (name, pattern) in strings(name) where !hasTooManyPatterns {
            do throws(ExpressionError) {
                try expressions.compile(pattern)
            } catch {
                report(
                    name,
                    "'\(clipped(pattern))' is not a regular expression: \(error)",
                    .expression,
                    column: error.column(in: pattern)
                )
            }
        }
        if let breach = expressions.breach { report(name, breach, .budget) }
        return expressions.expressions
    }

    fileprivate mutating func skipMessages() -> [String] {
        var texts: [String] = []
        for (name, text) in self.texts("SkipMessages") {
            if text.isEmpty {
                report(name, "expected a text, found an empty string, which is in every message")
            } else {
                texts.append(text)
            }
        }
        return texts
    }

    /// The context of a commit status, of 1 to 100 characters.
    fileprivate mutating func status() -> String? {
        guard let status = string("Status") else { return nil }
        let count = status.unicodeScalars.count
        guard (1...100).contains(count) else {
            let found = count == 0 ? "an empty string" : "\(count)"
            report("Status", "expected a text of 1 to 100 characters, found \(found)")
            return nil
        }
        return status
    }

    /// Only runs for pull requests are superseded, and only those that can be stopped.
    fileprivate mutating func checkSuperseding(_ target: Target?, _ events: [Change.Kind]) {
        if !events.contains(.pullRequest) {
            report("Supersede", "expected pull_request among the rule's Events")
        }
        if let target, !target.kind.hasStoppableRuns {
            report(
                "Supersede",
                "expected a target whose runs can be stopped, which is "
                    + "\(Target.Kind.namesWithStoppableRuns.alternatives), found \(target.name)"
            )
        }
    }

    fileprivate mutating func target() -> Target? {
        guard let value = required("Target") else { return nil }
        do throws(InvalidRule) {
            return try Target.read(value)
        } catch {
            report(error.found)
            return nil
        }
    }
}

extension RuleDefinition {
    /// The bytes of what the rule says about all of a change but its paths.
    ///
    /// The rules of one repository mostly say the same, so that is decided once for all that do.
    static func conditionBytes(
        _ source: Change.Source,
        _ repository: String,
        _ events: [Change.Kind],
        _ patterns: [Patterns],
        allowsForks: Bool,
        skipsDrafts: Bool,
        supersedes: Bool,
        hasStatus: Bool,
        _ skipMessages: [String],
        _ target: Target
    ) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(128)
        key.append(contentsOf: source.rawValue.utf8)
        key.add(repository)
        key.add(target.name)
        key.append(.groupEnd)
        if allowsForks { key.add(Forks.allow.rawValue) }
        key.append(.groupEnd)
        if skipsDrafts { key.add(Drafts.skip.rawValue) }
        key.append(.groupEnd)
        // What is stopped when a pull request is closed hangs on it.
        if supersedes { key.add("Supersede") }
        key.append(.groupEnd)
        // Whether a pull request's new base is decided hangs on it.
        if hasStatus { key.add("Status") }
        key.append(.groupEnd)
        for event in events { key.add(event.rawValue) }
        for patterns in patterns { key.add(patterns) }
        for text in skipMessages { key.add(text) }
        return key
    }
}

extension RuleDefinition {
    /// Whether another rule starts the same target for the same changes, as far as both spell it
    /// alike.
    func saysTheSame(as other: RuleDefinition) -> Bool {
        guard conditions == other.conditions, paths == other.paths, target == other.target,
            startsWhenPathsUnknown == other.startsWhenPathsUnknown,
            pathExpressions.count == other.pathExpressions.count
        else { return false }
        return zip(pathExpressions, other.pathExpressions).allSatisfy { $0.text == $1.text }
    }
}

extension UInt8 {
    // No text holds these two, being UTF-8.
    fileprivate static let textStart: UInt8 = 0xFF
    fileprivate static let groupEnd: UInt8 = 0xFE
}

extension [UInt8] {
    fileprivate mutating func add(_ text: String) {
        append(.textStart)
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func add(_ patterns: RuleDefinition.Patterns) {
        for globs in [patterns.included, patterns.excluded] {
            append(.groupEnd)
            for glob in globs {
                append(.textStart)
                append(contentsOf: glob.text.bytes)
            }
        }
        append(.groupEnd)
    }
}

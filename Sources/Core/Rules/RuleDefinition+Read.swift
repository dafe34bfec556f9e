package import Codec
internal import Platform

extension RuleDefinition {
    private static let known = [
        "Source", "Repository", "Events", "Branches", "ExcludeBranches", "Tags", "ExcludeTags",
        "Forks", "Paths", "ExcludePaths", "PathExpressions", "Actors", "ExcludeActors",
        "SkipMessages", "WhenPathsUnknown", "Order", "Target",
    ]
    private static let patternLists = [
        "Branches", "ExcludeBranches", "Tags", "ExcludeTags", "Paths", "ExcludePaths",
        "PathExpressions", "Actors", "ExcludeActors", "SkipMessages",
    ]
    private static let sources = ["github", "codecommit", "dockerhub"]
    private static let events = ["push", "tag", "pull_request", "image"]

    /// Reads the properties of a rule, and reports all that is wrong with them.
    package static func read(_ properties: JSON) throws(InvalidRule) -> RuleDefinition {
        guard properties.members != nil else {
            throw InvalidRule(problems: [
                RuleProblem("", "expected a JSON object, found \(properties.inWords)")
            ])
        }
        var reader = PropertyReader(properties, known: known)
        let word = reader.word("Source", of: sources, default: "github")
        let source = word.flatMap(Change.Source.init)
        let repository = reader.repository(of: source)
        let events = reader.events(default: source == .dockerhub ? .image : .push)
        reader.countPatterns(in: patternLists)
        let branches = reader.patterns("Branches", "ExcludeBranches")
        let tags = reader.patterns("Tags", "ExcludeTags")
        let forks = reader.forks()
        let paths = reader.patterns("Paths", "ExcludePaths")
        let expressions = reader.expressions("PathExpressions")
        let actors = reader.patterns("Actors", "ExcludeActors")
        let skipMessages = reader.skipMessages()
        let unknown = reader.word("WhenPathsUnknown", of: ["start", "skip"], default: "start")
        let order = reader.word("Order", of: ["newest", "every"], default: "newest")
        let target = reader.target()
        if let target, target.followsPullRequests, !events.allSatisfy({ $0 == .pullRequest }) {
            reader.report("Events", "expected pull_request alone, which a \(target.name) is about")
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
            actors: actors,
            paths: paths,
            pathExpressions: expressions,
            skipMessages: skipMessages,
            startsWhenPathsUnknown: unknown == "start",
            startsNewest: order == "newest",
            target: target
        )
    }

    /// Whose changes, and of which repository, the rule is about: also of one that is not valid.
    package static func place(_ properties: JSON) -> (source: Change.Source, repository: String)? {
        var reader = PropertyReader(ignoringUnknown: properties)
        let source = reader.word("Source", of: sources, default: "github")
            .flatMap(Change.Source.init)
        guard let source, let repository = reader.repository(of: source) else { return nil }
        return (source, repository)
    }

    fileprivate static var knownEvents: [String] { events }
}

extension PropertyReader {
    fileprivate mutating func repository(of source: Change.Source?) -> String? {
        guard required("Repository") != nil, let repository = string("Repository") else {
            return nil
        }
        let parts = [UInt8](repository.utf8).split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        let expected: String
        switch source {
        case .github: expected = "owner/name"
        case .codecommit: expected = "the repository's name"
        case .dockerhub: expected = "namespace/image"
        // What is expected of it cannot be said.
        case nil: return nil
        }
        let isName = parts.allSatisfy { part in
            // Nothing is called like that, and in a key many a tool takes it for a folder.
            let isFolder = part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
            return !part.isEmpty && !isFolder
                && part.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(lowercased(byte))
                        || "-_.".utf8.contains(byte)
                }
        }
        guard isName, parts.count == (source == .codecommit ? 1 : 2) else {
            report("Repository", "expected \(expected), found '\(clipped(repository))'")
            return nil
        }
        return repository
    }

    fileprivate mutating func events(default: Change.Kind) -> [Change.Kind] {
        guard let value = value("Events") else { return [`default`] }
        if value == .array([]) {
            report("Events", "expected at least one of \(RuleDefinition.knownEvents.alternatives)")
        }
        var events: [Change.Kind] = []
        for (name, text) in strings("Events") {
            guard let word = check(text, name, of: RuleDefinition.knownEvents),
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
        for (name, text) in strings("SkipMessages") {
            if text.isEmpty {
                report(name, "expected a text, found an empty string, which is in every message")
            } else {
                texts.append(text)
            }
        }
        return texts
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

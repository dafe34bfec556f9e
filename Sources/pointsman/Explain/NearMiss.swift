import Codec
import Core

/// What a rule that does not start came nearest to.
struct NearMiss {
    /// The nearest miss in words; `nil` where the decision says all there is to say.
    private(set) var words: String?
    /// Whether nothing but this keeps the rule from starting.
    private(set) var isOnlyMiss = false

    private let change: Change
    private let rule: Rule

    /// With so many changed paths it is still found out whether a rule lacks anything else.
    private static let maximumPaths = 20_000

    /// - Parameter paths: The changed paths, prepared once for all rules.
    init(_ change: Change, _ decision: Decision, _ rule: Rule, _ paths: NearestPath) {
        self.change = change
        self.rule = rule
        guard decision.outcome == .skipped else { return }
        guard let definition = rule.definition else {
            if decision.clause == .changeMatchExpressions, let path = change.paths.paths.first {
                words = "an expression is matched at the start of a path, such as '\(path.text)'"
            }
            return
        }
        switch decision.clause {
        case .branches:
            let pushed =
                switch change.kind {
                case .pullRequest: "the pull request is into"
                case .mergeGroup: "the merge group is for"
                default: "the push is to"
                }
            name(.branches, definition.branches, pushed, change.branch) { $0.branch = $1 }
        case .tags: name(.tags, definition.tags, "the tag is", change.tag) { $0.tag = $1 }
        case .labels where !definition.labels.included.isEmpty:
            let labels = change.pullRequest?.decidingLabels ?? []
            name(.labels, definition.labels, "the label is", labels.count == 1 ? labels[0] : nil) {
                $0.pullRequest?.labels = [$1]
                $0.pullRequest?.addedLabels = [$1]
            }
        case .actors: name(.actors, definition.actors, "it was", change.actor) { $0.actor = $1 }
        case .excludePaths where decision.path != nil:
            words = "it would start but for ExcludePaths"
            isOnlyMiss = true
        case .paths:
            words = paths.nearest(to: definition.paths.included) ?? startOfPath(definition)
        case .pathExpressions: words = startOfPath(definition)
        default: break
        }
    }

    /// An expression that would match if it did not have to at the start of a path; that was tried.
    private func startOfPath(_ definition: RuleDefinition) -> String? {
        guard change.paths.paths.count <= Self.maximumPaths else { return nil }
        for expression in definition.expressionTexts.prefix(5) {
            let anywhere = "(.*/)?" + expression
            let rule = JSON([
                "Repository": .string("a/b"), "PathExpressions": .array([.string(anywhere)]),
                "Target": JSON(["EventBridge": .object([])]),
            ])
            var push = change
            (push.source, push.repository, push.kind, push.branch) = (.github, "a/b", .push, "main")
            let trial = Rule(key: "p/rules/github/a/b/c.json", prefix: "p", object: rule.encoded())
            let decision = RuleSet([trial]).decide(push).first
            if decision?.outcome == .start, let path = decision?.path {
                return "an expression is matched at the start of a path: '\(anywhere)' matches "
                    + "'\(path.text)'"
            }
        }
        return nil
    }

    /// `Branches wants 'main', the push is to 'master'`.
    private mutating func name(
        _ clause: Clause,
        _ patterns: RuleDefinition.Patterns,
        _ phrase: String,
        _ subject: String?,
        _ set: (inout Change, String) -> Void
    ) {
        guard let subject else { return }
        let wanted = patterns.included.map(\.pattern)
        let all = wanted.prefix(5).map { "'\($0)'" }.joined(separator: " or ")
        let more = wanted.count > 5 ? " or one of \(wanted.count - 5) more" : ""
        let what = "\(phrase) '\(subject)'"
        words = "\(clause.rawValue) wants \(all)\(more), \(what)\(hint(subject, wanted))"
        // With more paths, to decide once more for each rule would take seconds.
        guard change.paths.paths.count <= Self.maximumPaths else { return }
        isOnlyMiss = wanted.contains { name in
            var change = change
            set(&change, name)
            return RuleSet([rule]).decide(change).first?.outcome == .start
        }
        if isOnlyMiss { words? += "; nothing else keeps it from starting" }
    }

    /// What would match the subject where a pattern nearly does; each advice is put to the test.
    private func hint(_ subject: String, _ wanted: [String]) -> String {
        if let same = wanted.first(where: { $0 == subject }), let plain = plainBrackets(same) {
            return "; `[` begins a set of characters: '\(plain)' matches"
        }
        if let same = wanted.first(where: { $0.lowercased() == subject.lowercased() }) {
            return "; '\(same)' differs only in case"
        }
        for pattern in wanted {
            if let wider = wider(pattern, matching: subject) {
                return "; `*` ends at a '/': '\(wider)' matches"
            }
        }
        guard suggestion(for: subject, among: wanted) != nil else { return "" }
        let meant = PatternText.plain(subject)
        return (try? Glob(meant))?.matches(subject) == true ? "; did you mean '\(meant)'?" : ""
    }
}

/// The pattern with its brackets taken as plain ones; `nil` where it has none, or has some so already.
private func plainBrackets(_ pattern: String) -> String? {
    guard pattern.contains("["), !pattern.contains("\\") else { return nil }
    let plain = pattern.replacing("[", with: "\\[")
    return (try? Glob(plain)) == nil ? nil : plain
}

/// The pattern with `**` in the place of each `*`, where that matches and the pattern does not.
private func wider(_ pattern: String, matching text: String) -> String? {
    let wider = pattern.replacing("**", with: "*").replacing("*", with: "**")
    guard wider != pattern, let glob = try? Glob(wider), glob.matches(text) else { return nil }
    return wider
}

/// Finds, among the sorted paths of a change, the one that comes nearest to a pattern.
///
/// By halving: ten thousand rules may ask about a hundred thousand paths.
struct NearestPath {
    private let paths: PathList
    private let folded: Folded

    /// The paths in lower case, sorted again; made when they are needed.
    private final class Folded {
        private let paths: PathList
        private(set) lazy var list = PathList(
            paths.lazy.map { path in Path(utf8: path.utf8.map { $0.asciiLowercased }) }
        )

        init(_ paths: PathList) {
            self.paths = paths
        }
    }

    init(_ paths: PathList) {
        self.paths = paths
        folded = Folded(paths)
    }

    /// What comes nearest to any of some globs, in words; `nil` where nothing is near.
    func nearest(to globs: [Glob]) -> String? {
        guard !paths.isEmpty else { return nil }
        var best: (shared: Int, words: String)?
        for glob in globs {
            guard let miss = miss(glob) else { continue }
            if miss.shared > best?.shared ?? -1 { best = miss }
        }
        return best?.words
    }

    /// How many bytes a path shares with the plain beginning of a pattern, and what is said.
    private func miss(_ glob: Glob) -> (shared: Int, words: String)? {
        let pattern = glob.pattern
        let head = Array(PatternText.head(of: pattern).utf8)
        let (index, shared, _) = paths.nearest(to: head)
        let path = paths[index].text
        if shared == head.count, let words = variant(of: pattern, path) { return (shared, words) }
        if let words = widened(pattern) { return (shared, words) }
        if let words = brackets(pattern) { return (max(shared, head.count), words) }
        if let words = differentCase(pattern) { return (max(shared, head.count), words) }
        let at = PatternText.segments(pattern, path, shared: shared)
        let suggestion = siblings(at)
        guard shared > 0 || suggestion != nil else { return nil }
        var words = "'\(path)' comes nearest to '\(pattern)'"
        if !at.found.isEmpty, !at.wanted.isEmpty {
            words += ", which wants '\(at.wanted)' where it has '\(at.found)'"
        }
        if let suggestion {
            words += "; did you mean '\(suggestion)'?"
        }
        return (shared, words)
    }

    /// A pattern that differs a little and matches: one that a `**` is missing in.
    private func variant(of pattern: String, _ path: String) -> String? {
        if let wider = wider(pattern, matching: path) {
            return "`*` ends at a '/': '\(wider)' matches '\(path)'"
        }
        let below = pattern.hasSuffix("/") ? pattern + "**" : pattern + "/**"
        if let glob = try? Glob(below), glob.matches(path) {
            return "'\(pattern)' is that path alone, '\(path)' lies below it: write '\(below)'"
        }
        return nil
    }

    /// A path that the pattern would match with `**` in the place of each `*`.
    private func widened(_ pattern: String) -> String? {
        let wider = pattern.replacing("**", with: "*").replacing("*", with: "**")
        guard wider != pattern, let path = first(matching: wider) else { return nil }
        return "`*` ends at a '/': '\(wider)' matches '\(path)'"
    }

    /// A path that the pattern would match if its brackets were plain, as in `app/[id]/page.tsx`.
    private func brackets(_ pattern: String) -> String? {
        guard let plain = plainBrackets(pattern), let path = first(matching: plain) else {
            return nil
        }
        return "`[` begins a set of characters: '\(plain)' matches '\(path)'"
    }

    /// A path that a pattern matches, of those that begin as it does.
    private func first(matching pattern: String) -> String? {
        guard let glob = try? Glob(pattern) else { return nil }
        let head = Array(
            PatternText.head(of: pattern.replacing("\\[", with: "\u{0}"))
                .replacing("\u{0}", with: "[").utf8
        )
        let lower = paths.nearest(to: head).lower
        let found = (lower..<paths.count).prefix(Self.maximumTried)
            .prefix { paths.utf8(at: $0).starts(with: head) }
            .first { glob.matches(Array(paths.utf8(at: $0))) }
        return found.map { paths[$0].text }
    }

    private static let maximumTried = 1_000

    /// A path that the pattern would match if case did not count.
    private func differentCase(_ pattern: String) -> String? {
        guard let glob = try? Glob(pattern.lowercased()) else { return nil }
        let head = Array(PatternText.head(of: pattern.lowercased()).utf8)
        let (index, shared, _) = folded.list.nearest(to: head)
        guard shared == head.count, glob.matches(folded.list[index].utf8) else { return nil }
        let wanted = folded.list[index].utf8
        let path = paths.first { $0.utf8.map { $0.asciiLowercased } == wanted }
        guard let path else { return nil }
        return "'\(path.text)' differs from '\(pattern)' only in case"
    }

    /// The name of a folder or file that the pattern's own is most probably meant to be.
    private func siblings(_ at: PatternText.Departure) -> String? {
        guard !at.wanted.isEmpty else { return nil }
        let folder = Array(at.before.utf8)
        var names: [String] = []
        var index = paths.nearest(to: folder).lower
        while index < paths.count, names.count < Self.maximumSiblings,
            paths.utf8(at: index).starts(with: folder)
        {
            let rest = paths.utf8(at: index).dropFirst(folder.count)
            let segment = rest.prefix { $0 != UInt8(ascii: "/") }
            names.append(String(decoding: segment, as: UTF8.self))
            // After all that begins with this name: `0` comes next to `/`.
            index = max(index + 1, paths.lowerBound(folder + segment + [UInt8(ascii: "0")]))
        }
        guard let name = suggestion(for: at.wanted, among: names) else { return nil }
        let meant = at.before + PatternText.plain(name) + at.behind
        return first(matching: meant) == nil ? nil : meant
    }

    private static let maximumSiblings = 200
}

/// A glob as it is written, cut where a path departs from it.
enum PatternText {
    /// Where a path departs from a pattern, by whole segments.
    struct Departure: Equatable {
        /// What both begin with, up to a `/`.
        var before: String
        /// The pattern's next segment, empty where it has a wildcard.
        var wanted: String
        /// The rest of the pattern.
        var behind: String
        /// The path's next segment.
        var found: String
    }

    /// A pattern that matches a text and nothing else.
    static func plain(_ text: String) -> String {
        String(
            text.flatMap { character in
                #"\*?[{"#.contains(character) ? ["\\", character] : [character]
            }
        )
    }

    /// The beginning of a pattern that has nothing special in it.
    static func head(of pattern: String) -> String {
        String(pattern.prefix { !#"*?[{\"#.contains($0) })
    }

    /// Where a path that shares so many bytes with a pattern departs from it.
    static func segments(_ pattern: String, _ path: String, shared: Int) -> Departure {
        let common = String(decoding: pattern.utf8.prefix(shared), as: UTF8.self)
        let before = common.lastIndex(of: "/").map { String(common[...$0]) } ?? ""
        let rest = pattern.dropFirst(before.count)
        let segment = String(rest.prefix { $0 != "/" })
        let found = String(path.dropFirst(before.count).prefix { $0 != "/" })
        let wanted = head(of: segment) == segment ? segment : ""
        return Departure(
            before: before,
            wanted: wanted,
            behind: String(rest.dropFirst(segment.count)),
            found: found
        )
    }
}

extension PathList {
    /// The index of the first path that does not sort before some bytes.
    fileprivate func lowerBound(_ bytes: [UInt8]) -> Int { range(prefix: bytes.span).lowerBound }

    /// The path that shares most with the beginning of some bytes, and how many bytes it shares.
    ///
    /// `lower` is where the bytes themselves would lie. There must be a path.
    func nearest(to bytes: [UInt8]) -> (index: Int, shared: Int, lower: Int) {
        let lower = lowerBound(bytes)
        var best = (index: 0, shared: -1, lower: lower)
        for index in [lower, lower - 1] where indices.contains(index) {
            var shared = 0
            for (one, other) in zip(utf8(at: index), bytes) {
                guard one == other else { break }
                shared += 1
            }
            if shared > best.shared { best = (index, shared, lower) }
        }
        return best
    }
}

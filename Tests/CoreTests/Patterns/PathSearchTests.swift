import Platform
import TestSupport
import Testing

@testable import Core

@Suite struct PathSearchTests {
    /// The one sentence that decides paths, word for word: every path, every pattern.
    private static func naive(_ rule: RuleDefinition, _ paths: PathList) -> PathVerdict {
        var excluded: PathVerdict?
        let patterns = rule.paths.included.map(\.pattern) + rule.pathExpressions.map(\.pattern)
        for (index, path) in paths.enumerated() {
            var included: Int?
            for (number, glob) in rule.paths.included.enumerated() where included == nil {
                if glob.matches(path.utf8) { included = number }
            }
            for (number, one) in rule.pathExpressions.enumerated() where included == nil {
                guard one.expression?.match(path.utf8) ?? .match == .match else { continue }
                included = rule.paths.included.count + number
            }
            if included == nil, !patterns.isEmpty { continue }
            guard let exclude = rule.paths.excluded.firstIndex(where: { $0.matches(path.utf8) })
            else {
                return .match(path: index, pattern: included)
            }
            excluded = excluded ?? .excluded(path: index, pattern: exclude)
        }
        return excluded ?? .none
    }

    /// A verdict of the search, its pattern as a number within the rule.
    private static func relative(
        _ verdict: PathVerdict,
        _ selection: PathPatterns.Selection,
        _ patterns: PathPatterns
    ) -> PathVerdict {
        func number(_ pattern: Int, _ places: Range<Int>) -> Int {
            (places.first { patterns.places[$0] == pattern } ?? -1) - places.lowerBound
        }
        switch verdict {
        case .match(let path, let pattern?):
            return .match(path: path, pattern: number(pattern, selection.included))
        case .excluded(let path, let pattern):
            return .excluded(path: path, pattern: number(pattern, selection.excluded))
        default: return verdict
        }
    }

    @Test(.thorough) func `the search decides as a look at every path with every pattern does`()
        throws
    {
        var random = SeededRandom(seed: 10_000)
        var outcomes = [0, 0, 0]
        for _ in 0..<250 {
            let paths = PathList(
                (0..<random.below(120)).map { _ in
                    let text = random.text(
                        of: ["src/", "docs/", "a", "b", "main", ".md", ".c"],
                        upTo: 5
                    )
                    return Path(utf8: [UInt8](text.utf8))
                }
            )
            let pieces = [
                "src/", "docs/", "a", "main", ".md", ".c", "*", "**", "**/", "?", "{a,b}",
            ]
            let known = (0..<20).compactMap { _ in try? Glob(random.text(of: pieces, upTo: 4)) }
            let expressions = try [".*main", "src/", "(a|b)", "", "docs/.*\\.md", ".*(src/|main)"]
                .map { (text) throws(ExpressionError) in try PathExpression(text) }
            var patterns = PathPatterns(rules: 0)
            var rules: [(RuleDefinition, PathPatterns.Selection)] = []
            for _ in 0..<30 {
                func some<Element>(_ elements: [Element], _ most: Int) -> [Element] {
                    (0..<random.below(most + 1)).map { _ in random.pick(elements) }
                }
                let rule = RuleDefinition(
                    source: .github,
                    repository: "acme/app",
                    events: [.push],
                    branches: .init(included: [], excluded: []),
                    tags: .init(included: [], excluded: []),
                    actors: .init(included: [], excluded: []),
                    paths: .init(included: some(known, 3), excluded: some(known, 3)),
                    pathExpressions: some(expressions, 1),
                    skipMessages: [],
                    startsWhenPathsUnknown: true,
                    target: .codePipeline(
                        CodePipelineTarget(name: try Template("x"), variables: [])
                    )
                )
                let selection = patterns.select(
                    included: rule.paths.included,
                    expressions: rule.pathExpressions,
                    excluded: rule.paths.excluded
                )
                rules.append((rule, selection))
            }
            var search = PathSearch(paths, patterns)
            for (rule, selection) in rules {
                let verdict = search.verdict(selection, count: paths.count)
                let expected = Self.naive(rule, paths)
                switch expected {
                case .match: outcomes[0] += 1
                case .excluded: outcomes[1] += 1
                default: outcomes[2] += 1
                }
                guard Self.relative(verdict, selection, patterns) != expected else { continue }
                let included = rule.paths.included.map(\.pattern)
                let excluded = rule.paths.excluded.map(\.pattern)
                Issue.record(
                    """
                    \(included) \(rule.pathExpressions.map(\.pattern)) but \(excluded): \
                    \(verdict), not \(expected)
                    """
                )
            }
        }
        #expect(outcomes.allSatisfy { $0 > 200 }, "\(outcomes)")
    }

    @Test(arguments: [
        ("a", 0..<0), ("b", 0..<3), ("b/", 1..<3), ("b/c", 2..<3), ("", 0..<4), ("c", 3..<4),
        ("d", 4..<4), ("b/b/b", 2..<2),
    ])
    func `paths with a beginning are a range`(prefix: String, range: Range<Int>) {
        let paths = PathList(["b", "b/b", "b/c", "c"].map { Path(utf8: [UInt8]($0.utf8)) })
        #expect(paths.range(prefix: [UInt8](prefix.utf8).span) == range)
    }

    @Test func `paths with a beginning are found whatever the paths`() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<2_000 {
            let paths = PathList(
                (0..<random.below(40)).map { _ in
                    Path(utf8: [UInt8](random.text(of: ["a", "b", "\u{0}", "é"], upTo: 5).utf8))
                }
            )
            let prefix = [UInt8](random.text(of: ["a", "b", "\u{0}", "é"], upTo: 3).utf8)
            let expected = paths.indices.filter { paths[$0].utf8.starts(with: prefix) }
            #expect(Array(paths.range(prefix: prefix.span)) == expected)
        }
    }

    @Test func `an expression that is given up leaves the paths unknown, whatever is excluded`() {
        let bad = "docs/" + String(repeating: "a", count: 40) + "b"
        let rule = Rule.current(#""PathExpressions": ["docs/(a+)+$"], "ExcludePaths": ["docs/**"]"#)
        let decisions = RuleSet([rule]).decide(.push([bad]))
        #expect(decisions.map(\.clause) == [.whenPathsUnknown])
        #expect(decisions.map(\.outcome) == [.start])
    }
}

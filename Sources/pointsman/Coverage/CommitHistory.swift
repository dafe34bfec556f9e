import Codec
import Core

/// What becomes of rules over the commits of a branch, each as one push of its own.
///
/// What becomes of a rule is taken to depend on a commit in two ways only: whether some path matches, and
/// `SkipMessages`. So the rules are decided once without either; what their patterns say is looked up for each path
/// once, and kept as a set of rules for each path. A commit for which that is not enough is decided by itself: one
/// whose message may skip a rule, or with so many paths that budgets may count.
struct CommitHistory {
    /// The paths of all commits and files.
    let paths: PathList
    private let pushes: [CommitPush]
    private let set: RuleSet
    private let selections: [PathCoverage]
    private let decisions: [String: Decision]
    private let numbers: [ByteKey: Int]
    private let skipMessages: [String]

    /// From so many paths on a push is decided by itself.
    private static let manyPaths = 5_000

    /// - Parameters:
    ///   - sample: Any of the pushes.
    ///   - files: Further paths to look at.
    init(_ rules: [Rule], _ sample: Change, _ pushes: [CommitPush], files: [String]) {
        self.pushes = pushes
        var places: [ByteKey: Int] = [:]
        for push in pushes {
            for path in push.commit.paths { places[ByteKey(path)] = 0 }
        }
        for file in files { places[ByteKey(file)] = 0 }
        let sorted = places.keys.sorted()
        for (place, path) in sorted.enumerated() { places[path] = place }
        numbers = places
        paths = PathList(sorted.lazy.map { Path(utf8: [UInt8]($0.text.utf8)) })
        set = RuleSet(rules)
        selections = set.selections(of: paths)
        var bare = sample
        bare.message = nil
        bare.paths.paths = []
        var decisions: [String: Decision] = [:]
        for decision in set.decide(bare) { decisions[decision.ruleKey] = decision }
        self.decisions = decisions
        skipMessages = Array(Set(rules.flatMap { $0.definition?.skipMessages ?? [] }))
    }

    /// The place of a path in the list.
    func place(_ path: String) -> Int? { numbers[ByteKey(path)] }

    /// What is decided about a rule whatever has changed; `nil` if paths decide, or if the rule is not
    /// looked at.
    func fixedDecision(_ key: String) -> Decision? {
        decisions[key].flatMap { $0.clause.dependsOnPaths ? nil : $0 }
    }

    /// Of each path whether it is in some rule's paths, on whatever branch that rule is about.
    func covered() -> [Bool] {
        var covered = [Bool](repeating: false, count: paths.count)
        for selection in selections where selection.hasPathPatterns {
            guard decisions[selection.ruleKey] != nil else { continue }
            for run in selection.starting {
                for place in run { covered[place] = true }
            }
        }
        return covered
    }

    /// Counts, for each rule by its key, what became of it.
    func count(_ uses: inout [ByteKey: Coverage.RuleUse]) throws(Failure) {
        let byPaths = selections.filter { decisions[$0.ruleKey]?.clause.dependsOnPaths == true }
        let fixed = selections.compactMap { fixedDecision($0.ruleKey) }
        let starting = RulesOfPaths(byPaths.map(\.starting), paths: paths.count)
        let excluded = RulesOfPaths(byPaths.map(\.excluded), paths: paths.count)
        var starts = [Int](repeating: 0, count: byPaths.count)
        var exclusions = starts
        var last = [Timestamp?](repeating: nil, count: byPaths.count)
        var alike = 0
        var lastAlike: Timestamp?
        for push in pushes {
            let commit = push.commit
            guard commit.paths.count < Self.manyPaths, !mayBeSkipped(commit.message) else {
                guard let change = try push.change() else { continue }
                for decision in set.decide(change) {
                    uses[ByteKey(decision.ruleKey)]?.count(decision, on: commit.time.day)
                }
                continue
            }
            alike += 1
            lastAlike = max(lastAlike ?? commit.time, commit.time)
            let places = commit.paths.compactMap(place)
            let started = starting.rules(of: places)
            started.forEach { rule in
                starts[rule] += 1
                last[rule] = max(last[rule] ?? commit.time, commit.time)
            }
            excluded.rules(of: places).subtracting(started).forEach { exclusions[$0] += 1 }
        }
        for (rule, selection) in byPaths.enumerated() {
            let clause = decisions[selection.ruleKey]?.clause ?? .paths
            uses[ByteKey(selection.ruleKey)]?.add(
                starts: starts[rule],
                last: last[rule]?.day,
                misses: [
                    (.excludePaths, exclusions[rule]),
                    (clause, alike - starts[rule] - exclusions[rule]),
                ]
            )
        }
        for decision in fixed {
            let starts = decision.outcome == .start ? alike : 0
            uses[ByteKey(decision.ruleKey)]?.add(
                starts: starts,
                last: starts > 0 ? lastAlike?.day : nil,
                misses: [(decision.clause, alike - starts)]
            )
        }
    }

    private func mayBeSkipped(_ message: String) -> Bool {
        skipMessages.contains { text in message.utf8.contains(text.utf8) }
    }
}

extension Clause {
    /// Whether what it comes to depends on the changed paths.
    fileprivate var dependsOnPaths: Bool {
        switch self {
        case .paths, .pathExpressions, .excludePaths, .changeMatchExpressions, .whenPathsUnknown:
            true
        default: false
        }
    }
}

/// Of each path the rules that select it, as a set of bits.
private struct RulesOfPaths {
    /// The bits of some rules, by their places.
    struct Rules {
        var words: [UInt64]

        func subtracting(_ other: Rules) -> Rules {
            Rules(words: zip(words, other.words).map { $0 & ~$1 })
        }

        func forEach(_ body: (Int) -> Void) {
            for (index, word) in words.enumerated() {
                var rest = word
                while rest != 0 {
                    body(index * 64 + rest.trailingZeroBitCount)
                    rest &= rest - 1
                }
            }
        }
    }

    private let width: Int
    private var words: [UInt64]

    /// - Parameter runs: Of each rule the paths that it selects.
    init(_ runs: [[Range<Int>]], paths: Int) {
        width = (runs.count + 63) / 64
        words = [UInt64](repeating: 0, count: width * paths)
        for (rule, runs) in runs.enumerated() {
            for path in runs.joined() { words[path * width + rule / 64] |= 1 << (rule % 64) }
        }
    }

    /// The rules that select any of some paths.
    func rules(of paths: [Int]) -> Rules {
        var rules = Rules(words: [UInt64](repeating: 0, count: width))
        for path in paths {
            for index in 0..<width { rules.words[index] |= words[path * width + index] }
        }
        return rules
    }
}

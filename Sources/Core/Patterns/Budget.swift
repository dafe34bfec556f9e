/// What a rule may cost, so that none takes the memory or the time of the others.
///
/// The first five are of a rule by itself: one that exceeds them is invalid. ``build`` is of a rule
/// and a change: a start that exceeds it fails. The others are of matching: one that exceeds them
/// cannot be decided by the changed paths.
package struct Budget: Equatable, Sendable {
    package var name: String
    package var limit: Int
    package var unit: String

    /// A rule's object as it is stored; a larger one is not read.
    package static let object = Budget(name: "a rule object", limit: 65_536, unit: "bytes")
    /// The patterns of a rule, all lists together, `SkipMessages` among them.
    static let patterns = Budget(name: "the patterns of a rule", limit: 1_000, unit: "patterns")
    /// The UTF-8 bytes of those patterns.
    static let patternBytes = Budget(name: "the patterns of a rule", limit: 32_768, unit: "bytes")
    /// One glob, in UTF-8 bytes.
    static let glob = Budget(name: "one glob", limit: 1_024, unit: "bytes")
    /// What PCRE2 makes of a rule's expressions (PCRE2_INFO_SIZE), all together.
    static let compiledExpressions = Budget(
        name: "the compiled expressions of a rule",
        limit: 262_144,
        unit: "bytes"
    )
    /// What a build is given, with its placeholders filled: as much as a rule without any can hold.
    static let build = Budget(
        name: "the source version and environment of a build",
        limit: 65_536,
        unit: "bytes"
    )
    /// What the rules that are kept and decided together take in memory: a quarter of what the
    /// function has.
    ///
    /// ``Rule/memory`` estimates it. Where the rules of a repository take more, they are read and
    /// decided in portions.
    static let repository = Budget(
        name: "the rules that are decided together",
        limit: 64 << 20,
        unit: "bytes of memory"
    )
    /// Matching one rule against one change, globs and expressions.
    ///
    /// A step is one state of a glob against one code point, one count of PCRE2's match limit, or
    /// one path that is tried without either.
    static let rule = Budget(
        name: "matching one rule against one change",
        limit: 2_000_000,
        unit: "steps"
    )
    /// Matching all rules of a change.
    static let change = Budget(
        name: "matching all rules of a change",
        limit: 50_000_000,
        unit: "steps"
    )
    /// The steps that each rule gets before any other gets more.
    static let first = 100_000

    /// That a figure is too large; `nil` where it is not.
    ///
    /// - Parameter isAtLeast: counting stopped once the figure was too large.
    package func breach(by figure: Int, isAtLeast: Bool = false) -> String? {
        figure > limit ? breached(by: figure, isAtLeast: isAtLeast) : nil
    }

    /// That a figure is too large: `the budget of one glob is 1024 bytes, found 1025`.
    func breached(by figure: Int, isAtLeast: Bool = false) -> String {
        "the budget of \(name) is \(limit) \(unit), found \(isAtLeast ? "at least " : "")\(figure)"
    }
}

/// Counts the steps that matching takes: those of the rule whose turn it is, and those of all.
///
/// Rules share the work on a pattern. A rule is charged for all steps of its patterns, also for
/// those that were done for an earlier rule; the count of all rules has each step once. So a rule's
/// decision does not depend on other rules, unless the steps of all rules are used up.
struct MatchingSteps {
    /// Which turn it is, from 1.
    private(set) var turn: Int32 = 0
    /// What the rule whose turn it is has taken.
    private(set) var taken = 0
    private var allowed = Int.max
    /// What all rules have taken.
    private var spent = 0
    private let mostInAll: Int

    init(inAll most: Int = Budget.change.limit) {
        mostInAll = most
    }

    /// Starts a rule's turn, in which it may take so many.
    mutating func begin(allowed: Int) {
        turn += 1
        taken = 0
        self.allowed = allowed
    }

    /// What the rule may still take.
    var left: Int { min(allowed - taken, mostInAll - spent) }

    /// Whether it has asked for more than it may take.
    var isOver: Bool { left < 0 }

    /// Counts steps that the rule takes first.
    mutating func take(_ count: Int) {
        taken += count
        spent += count
    }

    /// Counts steps that the rule takes, but were taken before.
    mutating func takeAgain(_ count: Int) {
        taken += count
    }

    /// Counts steps that nobody else has to take, and not yet to this rule.
    mutating func spend(_ count: Int) {
        spent += count
    }

    /// Which budget is exceeded, in words.
    var breach: String {
        taken > Budget.rule.limit
            ? Budget.rule.breached(by: taken, isAtLeast: true)
            : Budget.change.breached(by: max(spent, Budget.change.limit + 1), isAtLeast: true)
    }
}

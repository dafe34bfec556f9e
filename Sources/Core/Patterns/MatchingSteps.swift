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

/// One rule and one change, clause by clause, in the order in which they are looked at.
///
/// For people: ``RuleSet/decide(_:)`` ends at the first clause that fails and shares its work
/// between rules. This looks at one rule by itself and says of every clause what it asks for and
/// what the change has. Both come to the same outcome by the same clause (a property test holds
/// it).
package struct Explanation {
    /// What a clause did.
    package enum Role: String, Sendable {
        /// The change has what it asks for.
        case passed
        /// It matches nothing, but another one may.
        case noMatch = "no match"
        /// It decided.
        case decided
        /// The decision had fallen before, or it has no say in changes of this kind.
        case notLookedAt = "not looked at"
    }

    /// A clause that the rule states, or that every rule has.
    package struct Clause: Equatable, Sendable {
        /// The property, as in ``Decision/clause``.
        package var name: String
        /// What it asks for, such as the patterns one after the other.
        package var wants: String
        /// What the change has.
        package var has: String
        /// What it did.
        package var role: Role
    }

    /// What a rule's patterns say about one changed path.
    package struct PathMatch: Equatable, Sendable {
        /// The path.
        package var path: Path
        /// The first pattern that includes it; absent too where the rule only excludes.
        package var included: String?
        /// The first pattern that excludes it.
        package var excluded: String?
    }

    /// The changed paths by what the rule's patterns say about them: the first of each kind.
    package struct Paths: Equatable, Sendable {
        /// Those that start it, of which ``matchingCount`` are.
        package internal(set) var matching: [PathMatch] = []
        /// How many start it.
        package internal(set) var matchingCount = 0
        /// Those that would, but are excluded.
        package internal(set) var excluded: [PathMatch] = []
        /// How many are excluded.
        package internal(set) var excludedCount = 0
        /// Those that no pattern includes.
        package internal(set) var others: [PathMatch] = []
        /// How many no pattern includes.
        package internal(set) var othersCount = 0
    }

    /// The clauses in their order.
    package internal(set) var clauses: [Clause] = []
    /// What is decided.
    package internal(set) var outcome = Decision.Outcome.start
    /// What was started for a pull request is to be ended.
    package internal(set) var ends = false
    /// The changed paths; `nil` where they have no say.
    package internal(set) var paths: Paths?

    /// The name of the clause that decided.
    package var clause: String { clauses.first { $0.role == .decided }?.name ?? "" }

    /// Explains a rule.
    ///
    /// - Parameter pathLimit: How many paths of each kind are named at the most.
    package init(_ rule: Rule, _ change: Change, pathLimit: Int) {
        var explaining = Explaining(change)
        switch rule.content {
        case .invalid:
            explaining.invalid(rule)
        case .unread(let reason):
            explaining.unread(rule, reason)
        case .earlier:
            explaining.earlier(rule, pathLimit: pathLimit)
        case .current(let definition):
            explaining.current(definition, rule, pathLimit: pathLimit)
        }
        self = explaining.explanation
    }

    init() {}
}

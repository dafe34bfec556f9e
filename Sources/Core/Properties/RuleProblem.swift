/// One thing that makes a rule invalid.
package struct RuleProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The property, such as `Paths[2]` or `Target.CodePipeline.Name`; empty for the whole rule.
    package var property: String
    /// What is wrong with it and what was expected.
    package var message: String
    package var kind: Kind
    /// Where in the property's text, in code points from 1; `nil` where it is about all of it.
    package var column: Int?

    package enum Kind: Equatable, Sendable {
        /// The value is not what is expected there.
        case value
        /// There is no property of that name.
        case unknownProperty
        /// A property that must be there is not.
        case missingProperty
        /// A text is no glob.
        case glob
        /// A text is no regular expression.
        case expression
        /// A placeholder is unknown or not closed.
        case placeholder
        /// The rule costs more than one may.
        case budget
        /// The rule lies where a rule about something else belongs.
        case folder
    }

    init(_ property: String, _ message: String, kind: Kind = .value, column: Int? = nil) {
        self.property = property
        self.message = message
        self.kind = kind
        self.column = column
    }

    /// `Paths[2]: unclosed '[' at column 5 of 'src/[a'…`.
    package var description: String { property.isEmpty ? message : "\(property): \(message)" }
}

/// What was found wrong with a rule: the first problems, and how many more there are.
struct RuleProblems: Equatable, Sendable, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    private var kept: [RuleProblem] = []
    private var more = 0

    /// How many are kept: as many as an author corrects at a time.
    private static let maximumKept = 10
    /// Bytes that a problem takes beside its texts.
    private static let ownMemory = 128

    init(arrayLiteral problems: RuleProblem...) {
        self.init(problems)
    }

    init(_ problems: [RuleProblem]) {
        for problem in problems { add(problem) }
    }

    var isEmpty: Bool { kept.isEmpty }

    /// Whether no other is kept: one more need not be put into words.
    var isFull: Bool { kept.count >= Self.maximumKept }

    /// Adds a problem that is not put into words.
    mutating func count() { more += 1 }

    /// Adds a problem, or counts it where there are too many.
    mutating func add(_ problem: RuleProblem) {
        if isFull { count() } else { kept.append(problem) }
    }

    mutating func add(contentsOf part: RuleProblems) {
        for problem in part.kept { add(problem) }
        more += part.more
    }

    /// The problems in the rule's order, and last how many more there are.
    var told: [RuleProblem] { more == 0 ? kept : kept + [RuleProblem("", andMore(more))] }

    /// About how many bytes of memory they take.
    var memory: Int {
        kept.reduce(0) {
            $0 + Self.ownMemory + $1.property.utf8.count + $1.message.utf8.count
        }
    }

    /// Bytes of problems in words, after which no other is told.
    private static let maximumBytes = 2_000

    /// The problems one after the other, separated by semicolons, as far as a record has room.
    var description: String {
        var text = ""
        var untold = kept.count + more
        for problem in kept where text.utf8.count < Self.maximumBytes {
            text += text.isEmpty ? problem.description : "; \(problem.description)"
            untold -= 1
        }
        return untold == 0 ? text : "\(text); \(andMore(untold))"
    }
}

/// All that makes a rule invalid, in the rule's order; never empty.
package struct InvalidRule: Error, Equatable, Sendable, CustomStringConvertible {
    let found: RuleProblems

    init(problems: RuleProblems) {
        found = problems
    }

    package init(_ problems: [RuleProblem]) {
        found = RuleProblems(problems)
    }

    /// The problems, and last how many more there are.
    package var problems: [RuleProblem] { found.told }

    package var description: String { found.description }
}

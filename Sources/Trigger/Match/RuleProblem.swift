/// One thing that makes a rule invalid.
public struct RuleProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The property, such as `Paths[2]` or `Target.CodePipeline.Name`; empty for the whole rule.
    public var property: String
    /// What is wrong with it and what was expected.
    public var message: String
    /// What kind of problem it is.
    public var kind: Kind
    /// Where in the property's text, in code points from 1; `nil` where it is about all of it.
    public var column: Int?

    /// What is wrong, in general.
    public enum Kind: Equatable, Sendable {
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

    /// A problem of a property.
    public init(
        _ property: String,
        _ message: String,
        kind: Kind = .value,
        column: Int? = nil
    ) {
        self.property = property
        self.message = message
        self.kind = kind
        self.column = column
    }

    /// `Paths[2]: unclosed '[' at column 5 of 'src/[a'…`.
    public var description: String {
        property.isEmpty ? message : "\(property): \(message)"
    }
}

/// All that makes a rule invalid, in the rule's order; never empty.
public struct InvalidRule: Error, Equatable, Sendable, CustomStringConvertible {
    /// The problems.
    public var problems: [RuleProblem]

    /// The problems in words.
    public var description: String { problems.inWords }
}

extension [RuleProblem] {
    /// How many problems of a rule are told; nobody mends more at a time.
    private static var most: Int { 10 }

    /// The problems one after the other, separated by semicolons.
    var inWords: String {
        var text = ""
        for problem in prefix(Self.most) {
            text += text.isEmpty ? problem.description : "; \(problem.description)"
        }
        return count > Self.most ? "\(text); and \(count - Self.most) more" : text
    }
}

/// Something that a valid rule says, and that is surely or probably not meant so.
package struct RuleOversight: Equatable, Sendable {
    /// The property that it is about, such as `ExcludePaths[1]`.
    package var property: String
    /// What will come of it, as a sentence.
    package var message: String
    /// What kind of oversight it is.
    package var kind: Kind
    /// What was probably meant in the property's place; `nil` where that is not known.
    package var suggestion: String?

    /// What kinds there are.
    package enum Kind: Equatable, Sendable {
        /// No change can ever start the rule.
        case neverMatches
        /// The property does nothing for the changes that the rule is about.
        case noEffect
        /// An exclude that takes away nothing: no include reaches what it matches.
        case idleExclude
        /// A pattern that matches nothing which another of the same list does not match.
        case redundant
        /// A pattern that looks like one of another language: it matches nothing, or little.
        case slip
        /// `src/*`, which may have been meant as `src/**`.
        case shallow
    }

    init(
        _ kind: Kind,
        _ property: String,
        _ message: String,
        suggestion: String? = nil
    ) {
        self.kind = kind
        self.property = property
        self.message = message
        self.suggestion = suggestion
    }
}

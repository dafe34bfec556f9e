/// Something that is to be said about a place of a file.
struct Finding: Equatable, Sendable {
    var id: FindingID
    var severity: Severity
    /// The file as it was named, or found below the folder that was named.
    var file: String
    var start: SourceText.Position
    /// Just behind the last code point.
    var end: SourceText.Position
    /// The property of the rule; empty where it is about all of it.
    var property: String
    /// What is wrong, without the property: lower case, no full stop.
    var message: String
    /// What to do instead, such as ``did you mean `Branches`?``.
    var suggestion: String?
    /// The line that it begins on, or of a long one what is around its beginning.
    var line: String
    /// The column from 1 that `line` begins at.
    var lineColumn = 1
}

/// How bad a finding is.
enum Severity: String, Comparable, Sendable {
    /// It cannot be known.
    case note
    /// It will not do what it seems to.
    case warning
    /// The rule would be invalid, or the stack refused.
    case error

    static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// The kinds of findings, by names that stay.
enum FindingID: String, CaseIterable, Sendable {
    case invalidSyntax = "invalid-syntax"
    case notARule = "not-a-rule"
    case duplicateName = "duplicate-name"
    case unknownProperty = "unknown-property"
    case missingProperty = "missing-property"
    case invalidValue = "invalid-value"
    case invalidPattern = "invalid-pattern"
    case overBudget = "over-budget"
    case unknownPlaceholder = "unknown-placeholder"
    case wrongPlace = "wrong-place"
    case sameKey = "same-key"
    case neverMatches = "never-matches"
    case noEffect = "no-effect"
    case suspiciousPattern = "suspicious-pattern"
    case idleExclude = "idle-exclude"
    case redundantPattern = "redundant-pattern"
    case emptyPlaceholder = "empty-placeholder"
    case duplicateRule = "duplicate-rule"
    case unquotedValue = "unquoted-value"
    case shortTimeout = "short-timeout"
    case shallowPattern = "shallow-pattern"
    case knownAtDeployment = "known-at-deployment"

    /// How bad it is, unless a finding says otherwise.
    var severity: Severity {
        switch self {
        case .invalidSyntax, .notARule, .duplicateName, .unknownProperty, .missingProperty,
            .invalidValue, .invalidPattern, .overBudget, .unknownPlaceholder, .wrongPlace, .sameKey:
            .error
        case .neverMatches, .noEffect, .suspiciousPattern, .idleExclude, .redundantPattern,
            .emptyPlaceholder, .duplicateRule, .unquotedValue, .shortTimeout:
            .warning
        case .shallowPattern, .knownAtDeployment:
            .note
        }
    }

    /// What it means, in one sentence.
    var help: String {
        switch self {
        case .invalidSyntax: "The file is not the JSON or YAML that it should be."
        case .notARule: "The file was named, but is neither a rule nor a template."
        case .duplicateName: "A name stands in one object twice; of JSON's the last counts."
        case .unknownProperty: "A rule has no such property, so the rule would be invalid."
        case .missingProperty: "A property that must be there is missing."
        case .invalidValue: "The value is not what is expected in that place."
        case .invalidPattern: "The text is not a glob, or not a regular expression."
        case .overBudget: "The rule costs more than a rule may: shorten or split it."
        case .unknownPlaceholder: "Nothing fills that placeholder, or it has no end."
        case .wrongPlace: "The rule is about another repository than that of its folder."
        case .sameKey: "Two rules of TrainingPeaks' mono-repo trigger would be one object."
        case .neverMatches: "No change can ever start the rule."
        case .noEffect: "The property does nothing for the changes that the rule is about."
        case .suspiciousPattern: "The pattern looks like another language's and matches nothing."
        case .idleExclude: "Nothing that is included matches the exclude."
        case .redundantPattern: "Another pattern of the list matches all that this one does."
        case .emptyPlaceholder: "No change that the rule is about has a value for it."
        case .duplicateRule: "Another rule says the same and starts the same target."
        case .unquotedValue: "YAML takes the word for something else than a text."
        case .shortTimeout: "The stack gives up before the function's answer can come."
        case .shallowPattern: "The pattern leaves out what lies in folders below."
        case .knownAtDeployment: "The value is known when the stack is deployed, not before."
        }
    }
}

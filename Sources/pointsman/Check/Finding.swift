/// Something to tell the author about a place in a file.
struct Finding: Equatable, Sendable {
    var id: FindingID
    var severity: Severity
    /// The file as it was named, or found below the folder that was named.
    var file: String
    var start: SourceText.Position
    /// Just after the last code point.
    var end: SourceText.Position
    /// The property of the rule; empty where it is about all of it.
    var property: String
    /// What is wrong, without the property: lower case, no full stop.
    var message: String
    /// What to do instead, such as ``did you mean `Branches`?``.
    var suggestion: String?
    /// What `check --fix` does about it.
    var correction: Correction?
    /// The line that it begins on, or of a long one what is around its beginning.
    var line: String
    /// The column from 1 that `line` begins at.
    var lineColumn = 1
}

/// How bad a finding is.
enum Severity: String, Comparable, Sendable {
    /// Something cannot be known.
    case note
    /// A rule will not do what it seems to.
    case warning
    /// A rule would be invalid, or the stack refused.
    case error

    static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

    private var rank: Int { [.note, .warning, .error].firstIndex(of: self) ?? 0 }
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
    case sharedStatus = "shared-status"
    case unquotedValue = "unquoted-value"
    case shortTimeout = "short-timeout"
    case shallowPattern = "shallow-pattern"
    case knownAtDeployment = "known-at-deployment"
    case unpinnedRun = "unpinned-run"
    case providerLimit = "provider-limit"

    /// How bad it is, unless a finding says otherwise.
    var severity: Severity { meaning.severity }

    /// Whether it is about nothing that could be written otherwise, so that it is told only if that is
    /// asked for.
    var isAside: Bool { self == .knownAtDeployment || self == .providerLimit }

    /// What it means, in one sentence.
    var help: String { meaning.help }

    private var meaning: (severity: Severity, help: String) {
        switch self {
        case .invalidSyntax: (.error, "The file is not the JSON or YAML that it should be.")
        case .notARule: (.error, "The file should be a rule or a template, and is neither.")
        case .duplicateName:
            (.error, "A name stands in one object twice; of JSON's the last counts.")
        case .unknownProperty:
            (.error, "A rule has no such property, so the rule would be invalid.")
        case .missingProperty: (.error, "A property that must be there is missing.")
        case .invalidValue: (.error, "The value is not what is expected in that place.")
        case .invalidPattern: (.error, "The text is not a glob, or not a regular expression.")
        case .overBudget: (.error, "The rule costs more than a rule may: shorten or split it.")
        case .unknownPlaceholder: (.error, "Nothing fills that placeholder, or it has no end.")
        case .wrongPlace: (.error, "The rule is about another repository than that of its folder.")
        case .sameKey:
            (.error, "Two rules of TrainingPeaks' mono-repo trigger would be one object.")
        case .neverMatches: (.warning, "No change can ever start the rule.")
        case .noEffect:
            (.warning, "The property does nothing for the changes that the rule is about.")
        case .suspiciousPattern:
            (.warning, "The pattern looks like another language's and matches nothing.")
        case .idleExclude: (.warning, "Nothing that is included matches the exclude.")
        case .redundantPattern:
            (.warning, "Another pattern of the list matches all that this one does.")
        case .emptyPlaceholder: (.warning, "No change that the rule is about has a value for it.")
        case .duplicateRule: (.warning, "Another rule says the same and starts the same target.")
        case .sharedStatus:
            (.warning, "Another rule sets the same status of a commit that both may be about.")
        case .unquotedValue: (.warning, "YAML takes the word for something else than a text.")
        case .shortTimeout: (.warning, "The stack gives up before the function's answer can come.")
        case .shallowPattern: (.note, "The pattern leaves out what lies in folders below.")
        case .knownAtDeployment:
            (.note, "The value is known when the stack is deployed, not before.")
        case .unpinnedRun:
            (.warning, "The status is set on the event's commit; the run may build a newer one.")
        case .providerLimit: (.note, "The provider does not tell of everything that happens.")
        }
    }
}

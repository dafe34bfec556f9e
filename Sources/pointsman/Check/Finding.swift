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

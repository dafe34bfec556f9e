/// Why a text is not a glob.
package struct GlobError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong with the text.
    package enum Problem: Equatable, Sendable {
        /// A `[` without its `]`.
        case unclosedClass
        /// A `{` without its `}`.
        case unclosedAlternatives
        /// A `{` inside braces.
        case nestedAlternatives
        /// A range whose end comes before its start, such as `z-a`.
        case reversedRange(String)
        /// A `\` with nothing behind it.
        case nothingEscaped
        /// More UTF-8 bytes than ``Budget/glob`` has.
        case tooLong
    }

    /// The text.
    package var pattern: String
    /// What is wrong with it.
    package var problem: Problem
    /// Where, in code points from 1.
    package var column: Int

    /// `unclosed '[' at column 5 of 'src/[a': a ']' is missing (a plain '[' is written '\[')`.
    package var description: String {
        let place = "at column \(column) of '\(clipped(pattern))'"
        switch problem {
        case .unclosedClass:
            return "unclosed '[' \(place): a ']' is missing (a plain '[' is written '\\[')"
        case .unclosedAlternatives:
            return "unclosed '{' \(place): a '}' is missing (a plain '{' is written '\\{')"
        case .nestedAlternatives:
            return "'{' inside braces \(place): braces do not nest (a plain '{' is written '\\{')"
        case .reversedRange(let range):
            return "range '\(range)' \(place) is the wrong way round"
        case .nothingEscaped:
            return "'\\' \(place) has nothing behind it (a plain '\\' is written '\\\\')"
        case .tooLong:
            return Budget.glob.breached(by: pattern.utf8.count) + ": '\(clipped(pattern))'"
        }
    }
}

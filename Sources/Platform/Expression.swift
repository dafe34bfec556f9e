internal import CLibraries

/// A regular expression (PCRE2), matched at the start of a subject as Python's `re.match` does.
@safe public final class Expression {
    /// How a match ended.
    public enum Result: Equatable, Sendable {
        /// The subject begins with what the expression describes.
        case match
        /// It does not, or the subject is not UTF-8.
        case noMatch
        /// The search was given up: the expression is too dear on this subject.
        case limitExceeded
    }

    /// Compiles a pattern.
    public init(_ pattern: String) throws(ExpressionError) {
        throw ExpressionError(reason: "not built yet", offset: 0)
    }

    /// Matches at the start of a subject, which is UTF-8.
    public func match(_ subject: [UInt8]) -> Result {
        .noMatch
    }
}

/// Why a pattern is not an expression.
public struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason in PCRE2's own words.
    public var reason: String
    /// Where in the pattern, in UTF-8 bytes from 0.
    public var offset: Int

    /// `missing closing parenthesis at offset 4`.
    public var description: String { "\(reason) at offset \(offset)" }
}

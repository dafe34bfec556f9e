public import Platform

/// A regular expression over changed paths, matched at the start of a path.
public struct PathExpression {
    /// The expression as written.
    public let pattern: String
    /// What PCRE2 made of it; `nil` for the empty expression, which matches every path.
    let expression: Expression?
    /// What all matching paths are known to begin with and to hold.
    let literals: ExpressionLiterals

    /// Compiles an expression.
    public init(_ pattern: String) throws(ExpressionError) {
        self.pattern = pattern
        expression = pattern.isEmpty ? nil : try Expression(pattern)
        literals = ExpressionLiterals(pattern)
    }
}

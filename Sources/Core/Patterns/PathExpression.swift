package import Platform

/// A regular expression over changed paths, matched at the start of a path.
package struct PathExpression {
    /// The expression as written, as UTF-8.
    let text: ByteKey
    /// What PCRE2 made of it; `nil` for the empty expression, which matches every path.
    let expression: Expression?
    /// What all matching paths are known to begin with and to hold.
    let literals: ExpressionLiterals

    /// The expression as written.
    package var pattern: String { String(decoding: text.bytes, as: UTF8.self) }

    /// Bytes of what PCRE2 made of it.
    var compiledSize: Int { expression?.size ?? 0 }

    /// Compiles an expression.
    package init(_ pattern: String) throws(ExpressionError) {
        text = ByteKey([UInt8](pattern.utf8))
        expression = pattern.isEmpty ? nil : try Expression(pattern)
        literals = ExpressionLiterals(pattern)
    }
}

/// Expressions of one rule, compiled while their budget lasts: what comes after takes no memory.
struct CompiledExpressions {
    private(set) var expressions: [PathExpression] = []
    private var size = 0

    /// Compiles another one, unless those before have used up the budget.
    mutating func compile(_ pattern: String) throws(ExpressionError) {
        guard breach == nil else { return }
        let expression = try PathExpression(pattern)
        size += expression.compiledSize
        if breach == nil { expressions.append(expression) } else { expressions = [] }
    }

    /// That the budget is used up; `nil` where it is not.
    var breach: String? { Budget.compiledExpressions.breach(by: size, isAtLeast: true) }
}

extension ExpressionError {
    /// Where in a text that holds the pattern from a byte on, in code points from 1.
    func column(in text: String, from start: Int = 0) -> Int {
        text.utf8.prefix(start + offset).count { $0 & 0xC0 != 0x80 } + 1
    }
}

internal import Codec
internal import Platform

/// A regular expression over changed paths, matched at the start of a path.
struct PathExpression {
    /// The expression as written, as UTF-8.
    let text: ByteKey
    /// What PCRE2 made of it; `nil` for the empty expression, which matches every path.
    let expression: Expression?
    /// What all matching paths are known to begin with and to hold.
    let literals: ExpressionLiterals

    var pattern: String { String(decoding: text.bytes, as: UTF8.self) }

    /// Bytes of what PCRE2 made of it.
    var compiledSize: Int { expression?.size ?? 0 }

    init(_ pattern: String) throws(ExpressionError) {
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

/// What can be said about the matches of a regular expression without running it.
///
/// It serves to find candidates quickly, so it may say too little but never too much: whatever
/// is not plainly understood ends the reading, and then less is known.
struct ExpressionLiterals: Equatable, Sendable {
    /// What every match begins with.
    private(set) var prefix: [UInt8] = []
    /// Runs of 3 bytes or more that every matching subject holds.
    private(set) var needed: [[UInt8]] = []

    /// Reads an expression that PCRE2 has accepted.
    init(_ pattern: String) {
        var scan = Scan(bytes: [UInt8](pattern.utf8))
        guard scan.read() else { return }
        prefix = scan.prefix
        needed = scan.needed
    }
}

/// One pass over an expression.
private struct Scan {
    let bytes: [UInt8]
    var prefix: [UInt8] = []
    var needed: [[UInt8]] = []
    private var run: [UInt8] = []
    private var isPrefix = true
    private var depth = 0
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether what was gathered holds; a top-level `|` makes all of it void.
    mutating func read() -> Bool {
        // An anchor at the start changes nothing.
        if bytes.first == UInt8(ascii: "^") { index = 1 }
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "|") where depth == 0:
                return false
            case UInt8(ascii: "("):
                flush()
                // Options, comments and verbs change how the rest is to be read.
                guard isPlainGroup() else { return hasNoBar() }
                depth += 1
                index += 1
            case UInt8(ascii: ")"):
                flush()
                depth -= 1
                index += 1
            case UInt8(ascii: "["):
                flush()
                guard skipClass() else { return hasNoBar() }
            case UInt8(ascii: "\\"):
                guard escape() else { return hasNoBar() }
            case UInt8(ascii: "*"), UInt8(ascii: "?"):
                dropLast()
                flush()
                index += 1
            case UInt8(ascii: "{"):
                guard skipCount() else { return hasNoBar() }
            case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "$"),
                UInt8(ascii: "|"):
                flush()
                index += 1
            default:
                take(byte)
                index += 1
            }
        }
        flush()
        return true
    }

    /// Whether the part not understood holds no `|` that might be at the top level.
    private mutating func hasNoBar() -> Bool {
        // A quantifier behind a comment or `\E` still means what stands before.
        dropLast()
        flush()
        return !bytes[index...].contains(UInt8(ascii: "|"))
    }

    /// `(` that is a group, `(?:` or a look-around that takes nothing.
    private func isPlainGroup() -> Bool {
        guard index + 1 < bytes.count else { return false }
        if bytes[index + 1] == UInt8(ascii: "*") { return false }
        guard bytes[index + 1] == UInt8(ascii: "?") else { return true }
        guard index + 2 < bytes.count else { return false }
        return [UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "!")].contains(bytes[index + 2])
    }

    /// Skips a class without `[` or `\` in it, whose end is then plain to see.
    private mutating func skipClass() -> Bool {
        var end = index + 1
        if end < bytes.count, bytes[end] == UInt8(ascii: "^") { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: "]") { end += 1 }
        while end < bytes.count, bytes[end] != UInt8(ascii: "]") {
            if bytes[end] == UInt8(ascii: "[") || bytes[end] == UInt8(ascii: "\\") { return false }
            end += 1
        }
        index = end + 1
        return end < bytes.count
    }

    /// Skips `{2}` or `{,3}`; a `{` that is no quantifier is plain to PCRE2, but not to us.
    private mutating func skipCount() -> Bool {
        guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "}")),
            bytes[(index + 1)..<close].allSatisfy({ "0123456789, ".utf8.contains($0) })
        else { return false }
        dropLast()
        flush()
        index = close + 1
        return true
    }

    /// An escape: punctuation is itself, a few letters are classes or assertions.
    private mutating func escape() -> Bool {
        guard index + 1 < bytes.count else { return false }
        let byte = bytes[index + 1]
        if byte < 0x80, !byte.isASCIILetterOrDigit {
            take(byte)
        } else if "dDsSwWbBAzZhHvV".utf8.contains(byte) {
            flush()
        } else {
            return false
        }
        index += 2
        return true
    }

    private mutating func take(_ byte: UInt8) {
        if depth == 0 { run.append(byte) }
    }

    /// A quantifier that allows none takes back the last code point.
    private mutating func dropLast() {
        guard depth == 0 else { return }
        while let last = run.popLast(), last & 0xC0 == 0x80 {}
    }

    /// Ends a run of plain bytes.
    private mutating func flush() {
        guard depth == 0 else { return }
        if isPrefix {
            prefix = run
        } else if run.count >= 3 {
            needed.append(run)
        }
        isPrefix = false
        run = []
    }
}

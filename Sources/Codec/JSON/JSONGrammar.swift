/// The grammar of RFC 8259: each function takes the index at which something begins,
/// checks every byte of it, and returns the index behind it.
enum JSONGrammar {
    /// The first index, from one on, that is not white space (section 2).
    @_optimize(speed)
    @inline(__always)
    static func skipWhiteSpace(_ text: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                index &+= 1
            default: return index
            }
        }
        return index
    }

    /// Which kind of value begins at an index.
    @inline(__always)
    static func kind(_ text: Span<UInt8>, _ index: Int) throws(JSONError) -> JSONKind {
        guard index < text.count else { throw .syntax(text, at: index, expected: "a value") }
        switch text[index] {
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: throw .syntax(text, at: index, expected: "a value")
        }
    }

    /// Skips a member's name with the colon and white space around it (section 4).
    @inline(__always)
    static func skipKey(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        try skipColon(text, try JSONText.skip(text, try quoteOfKey(text, start)))
    }

    /// The index of the quote that opens a member's name, behind white space.
    @inline(__always)
    static func quoteOfKey(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        let quote = skipWhiteSpace(text, start)
        guard quote < text.count, text[quote] == UInt8(ascii: "\"") else {
            throw .syntax(text, at: quote, expected: "a member's name")
        }
        return quote
    }

    /// Skips a colon and white space around it.
    @inline(__always)
    static func skipColon(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        let colon = skipWhiteSpace(text, start)
        guard colon < text.count, text[colon] == UInt8(ascii: ":") else {
            throw .syntax(text, at: colon, expected: "':'")
        }
        return skipWhiteSpace(text, colon &+ 1)
    }

    /// Skips `true`, `false` or `null`, whichever its first letter says (section 3).
    static func skipLiteral(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        let literal: String
        switch text[start] {
        case UInt8(ascii: "t"): literal = "true"
        case UInt8(ascii: "f"): literal = "false"
        default: literal = "null"
        }
        let letters = literal.utf8.span
        for index in letters.indices {
            guard start + index < text.count, text[start + index] == letters[index] else {
                throw .syntax(text, at: start + index, expected: literal)
            }
        }
        return start + letters.count
    }

    /// Skips a number (section 6): no leading zero, digits on both sides of the point.
    static func skipNumber(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var index = start
        if text[index] == UInt8(ascii: "-") { index += 1 }
        if index < text.count, text[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            index = try skipDigits(text, index)
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index = try skipDigits(text, index + 1)
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < text.count,
                text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-")
            {
                index += 1
            }
            index = try skipDigits(text, index)
        }
        return index
    }

    /// Skips one digit or more.
    private static func skipDigits(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var index = start
        while index < text.count, text[index] &- UInt8(ascii: "0") <= 9 { index &+= 1 }
        guard index > start else { throw .syntax(text, at: index, expected: "a digit") }
        return index
    }
}

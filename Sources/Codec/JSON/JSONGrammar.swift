/// The grammar of RFC 8259: each function takes the index at which something begins,
/// checks every byte of it, and returns the index behind it.
enum JSONGrammar {
    /// The first index, from one on, that is not white space (section 2).
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

    @inline(__always)
    static func skipColon(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        let colon = skipWhiteSpace(text, start)
        guard colon < text.count, text[colon] == UInt8(ascii: ":") else {
            throw .syntax(text, at: colon, expected: "':'")
        }
        return skipWhiteSpace(text, colon &+ 1)
    }

    /// Skips `true`, `false` or `null`, as its first letter says (section 3).
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

    private static func skipDigits(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var index = start
        while index < text.count, text[index] &- UInt8(ascii: "0") <= 9 { index &+= 1 }
        guard index > start else { throw .syntax(text, at: index, expected: "a digit") }
        return index
    }
}

extension JSONGrammar {
    /// Skips a whole value of any kind, all of it checked.
    ///
    /// Does not recurse: the open containers are one bit each in 64 bytes on the stack.
    /// - Parameter depth: How many containers are open around the value.
    @_optimize(speed)
    static func skipValue(_ text: Span<UInt8>, _ start: Int, depth: Int) throws(JSONError) -> Int {
        var open = OpenContainers(outer: depth)
        var index = start
        while true {
            switch try kind(text, index) {
            case .string:
                index = try JSONText.skip(text, index)
                if open.isArray { index = try skipStrings(text, index) }
            case .number: index = try skipNumber(text, index)
            case .bool, .null: index = try skipLiteral(text, index)
            case .object:
                try open.push(isObject: true, text, at: index)
                index = skipWhiteSpace(text, index &+ 1)
                if index >= text.count || text[index] != UInt8(ascii: "}") {
                    index = try skipKey(text, index)
                    continue
                }
                open.pop()
                index &+= 1
            case .array:
                try open.push(isObject: false, text, at: index)
                index = skipWhiteSpace(text, index &+ 1)
                if index >= text.count || text[index] != UInt8(ascii: "]") { continue }
                open.pop()
                index &+= 1
            }
            while true {
                if open.isEmpty { return index }
                index = skipWhiteSpace(text, index)
                let byte = index < text.count ? text[index] : 0
                if byte == UInt8(ascii: ",") {
                    index &+= 1
                    index = open.isObject ? try skipKey(text, index) : skipWhiteSpace(text, index)
                    break
                }
                guard byte == (open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw .syntax(text, at: index, expected: open.expected)
                }
                open.pop()
                index &+= 1
            }
        }
    }

    /// Skips strings that follow one in an array, as long as no white space comes between:
    /// what most of a large push consists of.
    @inline(__always)
    private static func skipStrings(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var index = start
        while index &+ 1 < text.count, text[index] == UInt8(ascii: ","),
            text[index &+ 1] == UInt8(ascii: "\"")
        {
            index = try JSONText.skip(text, index &+ 1)
        }
        return index
    }
}

/// Which of the open containers are objects, innermost last.
private struct OpenContainers {
    private var bits = InlineArray<8, UInt64>(repeating: 0)
    private var count = 0
    private let outer: Int
    private(set) var isObject = false

    init(outer: Int) {
        self.outer = outer
    }

    var isEmpty: Bool { count == 0 }

    var isArray: Bool { count > 0 && !isObject }

    /// What may stand behind a value in the innermost.
    var expected: String { isObject ? "',' or '}'" : "',' or ']'" }

    @inline(__always)
    mutating func push(isObject: Bool, _ text: Span<UInt8>, at index: Int) throws(JSONError) {
        guard outer + count < JSONReader.maximumDepth else { throw .tooDeep(at: index) }
        let bit: UInt64 = 1 &<< UInt64(count & 63)
        if isObject { bits[count >> 6] |= bit } else { bits[count >> 6] &= ~bit }
        count += 1
        self.isObject = isObject
    }

    @inline(__always)
    mutating func pop() {
        count -= 1
        guard count > 0 else { return }
        let top = count - 1
        isObject = bits[top >> 6] &>> UInt64(top & 63) & 1 == 1
    }
}

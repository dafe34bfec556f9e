/// The text of strings (RFC 8259, section 7), checked and unescaped.
enum JSONText {
    /// Skips a string whose opening quote stands at an index, all of it checked.
    @_optimize(speed)
    @inline(__always)
    static func skip(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        let index = plainEnd(text, start &+ 1)
        if index < text.count, text[index] == UInt8(ascii: "\"") { return index &+ 1 }
        return try skipRest(text, index)
    }

    /// The end of the run of plain characters that begins at an index.
    @_optimize(speed)
    @inline(__always)
    static func plainEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
        var rest = text.extracting(droppingFirst: start)
        while rest.count >= Block.size {
            let plain = Block.plainJSON(rest.extracting(first: Block.size))
            if plain < Block.size { return text.count &- rest.count &+ plain }
            rest = rest.extracting(droppingFirst: Block.size)
        }
        var index = text.count &- rest.count
        while index < text.count, isPlain(text[index]) { index &+= 1 }
        return index
    }

    /// Whether a byte stands for itself and is ASCII.
    @inline(__always)
    static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Skips what is left of a string, from a byte on that is not plain.
    @_optimize(speed)
    private static func skipRest(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var index = start
        while true {
            index = plainEnd(text, index)
            guard index < text.count else { throw .syntax(text, at: index, expected: "'\"'") }
            switch text[index] {
            case UInt8(ascii: "\""): return index &+ 1
            case UInt8(ascii: "\\"): index = try skipEscape(text, index)
            default:
                repeat {
                    index = try skipSequence(text, index)
                } while index < text.count && text[index] >= 0x80
            }
        }
    }

    /// Skips a sequence of UTF-8; a control character or ill-formed text is an error.
    static func skipSequence(_ text: Span<UInt8>, _ index: Int) throws(JSONError) -> Int {
        guard text[index] >= 0x20 else {
            throw .syntax(text, at: index, expected: "no control character in a string")
        }
        let sequence = UTF8Sequence.next(in: text, at: index)
        guard sequence.isWellFormed else {
            throw .syntax(text, at: index, expected: "well-formed UTF-8")
        }
        return index &+ sequence.length
    }

    /// Skips an escape whose backslash stands at an index.
    static func skipEscape(_ text: Span<UInt8>, _ index: Int) throws(JSONError) -> Int {
        guard index + 1 < text.count else {
            throw .syntax(text, at: index + 1, expected: "an escape")
        }
        if text[index + 1] != UInt8(ascii: "u") {
            _ = try character(text, escapedAt: index)
            return index &+ 2
        }
        _ = try codeUnit(text, escapedAt: index)
        return index &+ 6
    }

    /// The character that a two-byte escape such as `\n` stands for.
    static func character(
        _ text: Span<UInt8>,
        escapedAt index: Int
    ) throws(JSONError) -> UInt8 {
        switch text[index + 1] {
        case UInt8(ascii: "\""): 0x22
        case UInt8(ascii: "\\"): 0x5C
        case UInt8(ascii: "/"): 0x2F
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: throw .syntax(text, at: index + 1, expected: "an escape")
        }
    }

    /// The UTF-16 code unit of a `\uXXXX` whose backslash stands at an index.
    static func codeUnit(
        _ text: Span<UInt8>,
        escapedAt index: Int
    ) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for digit in index + 2..<index + 6 {
            guard digit < text.count, let value = Hex.value(of: text[digit]) else {
                throw .syntax(text, at: digit, expected: "a hexadecimal digit")
            }
            unit = unit << 4 | UInt16(value)
        }
        return unit
    }
}

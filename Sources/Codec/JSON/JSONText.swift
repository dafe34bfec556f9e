/// The text of strings (RFC 8259, section 7), checked and unescaped.
enum JSONText {
    /// Skips a string whose opening quote stands at an index, all of it checked.
    @inline(__always)
    static func skip(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        let index = plainEnd(text, start &+ 1)
        if index < text.count, text[index] == UInt8(ascii: "\"") { return index &+ 1 }
        return try skipRest(text, index)
    }

    /// The end of the run of plain characters that begins at an index.
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
    static func character(_ text: Span<UInt8>, escapedAt index: Int) throws(JSONError) -> UInt8 {
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
    static func codeUnit(_ text: Span<UInt8>, escapedAt index: Int) throws(JSONError) -> UInt16 {
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

extension JSONText {
    /// Whether a text may stand between a string's quotes as it is.
    static func needsNoEscape(_ text: Span<UInt8>) -> Bool {
        plainEnd(text, 0) == text.count
    }

    /// Appends text as it stands between a string's quotes (section 7).
    ///
    /// `"`, `\` and what is below 0x20 are escaped; what is not UTF-8 becomes U+FFFD.
    static func escape(_ text: Span<UInt8>, into bytes: inout [UInt8]) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x20..<0x80: bytes.append(byte)
            case 0x00..<0x20: escapeControl(byte, into: &bytes)
            default:
                let sequence = UTF8Sequence.next(in: text, at: index)
                if sequence.isWellFormed {
                    for offset in 0..<sequence.length { bytes.append(text[index + offset]) }
                } else {
                    bytes.append(contentsOf: UTF8Sequence.replacement)
                }
                index += sequence.length
                continue
            }
            index += 1
        }
    }

    private static func escapeControl(_ byte: UInt8, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(contentsOf: Hex.lower([byte]).utf8)
        }
    }
}

extension JSONText {
    /// Appends the value of a string, as UTF-8, and returns the index behind its closing quote.
    ///
    /// - Parameter start: The index behind the opening quote.
    @_optimize(speed)
    static func unescape(
        _ text: Span<UInt8>,
        from start: Int,
        into value: inout [UInt8]
    ) throws(JSONError) -> Int {
        try unescape(text, from: start, firstPiece: 64, into: &value) { _, _ in nil }
    }

    /// Appends the values of strings that follow each other in an array, as long as no white
    /// space comes between, and the index at which each ends; returns the index behind them.
    ///
    /// - Parameter start: The index behind the first one's opening quote.
    @_optimize(speed)
    static func unescapeList(
        _ text: Span<UInt8>,
        from start: Int,
        into values: inout [UInt8],
        ends: inout [Int]
    ) throws(JSONError) -> Int {
        try unescape(text, from: start, firstPiece: 1024, into: &values) { quote, end in
            ends.append(end)
            guard quote &+ 2 < text.count, text[quote &+ 1] == UInt8(ascii: ","),
                text[quote &+ 2] == UInt8(ascii: "\"")
            else { return nil }
            return quote &+ 3
        }
    }

    /// How much text is unescaped at once: it and its value fit into the first-level cache.
    private static let maximumPiece = 16_384

    /// Unescapes from an index on.
    ///
    /// - Parameter resume: Is told where a closing quote stands and the count of the value
    ///   before it, and says from where to go on; `nil` ends it behind the quote.
    @inline(__always)
    private static func unescape(
        _ text: Span<UInt8>,
        from start: Int,
        firstPiece: Int,
        into value: inout [UInt8],
        _ resume: (_ quote: Int, _ end: Int) -> Int?
    ) throws(JSONError) -> Int {
        var index = start
        // The text is taken in pieces, first small ones: room is made, and written, for
        // no more than a piece, however much text follows a string.
        var piece = firstPiece
        while true {
            let limit = index + min(piece, text.count - index)
            if piece == maximumPiece {
                // A long string, and no telling how long: memory that is not written costs none.
                value.reserveCapacity(value.count + text.count - index + Block.size)
            }
            // Unescaping never makes text longer; a block is copied whole before it is judged.
            let room = limit - index + Block.size
            let before = value.count
            value.append(addingCapacity: room) { $0.append(repeating: 0, count: room) }
            var all = value.mutableSpan
            var target = all._mutatingExtracting(before..<before &+ room)
            var count = 0
            while true {
                try unescapeText(text, &index, to: limit, into: &target, &count)
                guard index < limit, let next = resume(index, before &+ count) else { break }
                index = next
            }
            value.removeLast(room - count)
            if index < limit { return index + 1 }
            guard index < text.count else { throw .syntax(text, at: index, expected: "'\"'") }
            piece = min(piece * 4, maximumPiece)
        }
    }

    /// Unescapes a `\"`, and more of them with one plain character between: most of JSON
    /// within JSON is `\":\"` and `\",\"`.
    @inline(__always)
    fileprivate static func unescapeQuotes(
        _ text: Span<UInt8>,
        _ index: inout Int,
        to limit: Int,
        into target: inout MutableSpan<UInt8>,
        _ count: inout Int
    ) {
        while true {
            target[count] = UInt8(ascii: "\"")
            index &+= 2
            count &+= 1
            guard index < limit, isPlain(text[index]), isEscapedQuote(text, index &+ 1)
            else { return }
            target[count] = text[index]
            index &+= 1
            count &+= 1
        }
    }

    @inline(__always)
    fileprivate static func isEscapedQuote(_ text: Span<UInt8>, _ index: Int) -> Bool {
        index &+ 1 < text.count && text[index] == UInt8(ascii: "\\")
            && text[index &+ 1] == UInt8(ascii: "\"")
    }
}

/// Unescapes up to a closing quote, or else to a limit or just behind it.
///
/// Not a member: a member's unused metatype is optimized away, and with it that this is to be fast.
@_optimize(speed)
@inline(never)
private func unescapeText(
    _ text: Span<UInt8>,
    _ index: inout Int,
    to limit: Int,
    into target: inout MutableSpan<UInt8>,
    _ count: inout Int
) throws(JSONError) {
    while index < limit {
        if index <= text.count &- Block.size {
            let block = text.extracting(index..<(index &+ Block.size))
            target.copy(block: block, to: count)
            let plain = Block.plainJSON(block)
            if plain >= Block.size {
                index &+= Block.size
                count &+= Block.size
                continue
            }
            index &+= plain
            count &+= plain
            if index >= limit { break }
        }
        if JSONText.isEscapedQuote(text, index) {
            JSONText.unescapeQuotes(text, &index, to: limit, into: &target, &count)
            continue
        }
        if text[index] == UInt8(ascii: "\"") { return }
        repeat {
            let character = try Character(text, at: index)
            for offset in 0..<character.count {
                target[count &+ offset] = UInt8(
                    truncatingIfNeeded: character.utf8 &>> UInt32(8 &* offset)
                )
            }
            count &+= character.count
            index = character.end
        } while index < limit && text[index] >= 0x80
    }
}

/// A character of a string's text, escaped or not.
private struct Character {
    /// Its one to four bytes of UTF-8, the first lowest.
    var utf8: UInt32
    var count: Int
    var end: Int

    /// The character whose text begins at an index; a control character or a quote is none.
    @inline(never)
    init(_ text: Span<UInt8>, at index: Int) throws(JSONError) {
        guard text[index] == UInt8(ascii: "\\") else {
            end = try JSONText.skipSequence(text, index)
            count = end - index
            utf8 = 0
            for offset in 0..<count { utf8 |= UInt32(text[index + offset]) << UInt32(8 * offset) }
            return
        }
        guard index + 1 < text.count else {
            throw .syntax(text, at: index + 1, expected: "an escape")
        }
        if text[index + 1] == UInt8(ascii: "u") {
            let scalar: Unicode.Scalar
            (scalar, end) = try Self.scalar(text, escapedAt: index)
            utf8 = 0
            count = 0
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                utf8 |= UInt32(byte) << UInt32(8 * count)
                count += 1
            }
        } else {
            utf8 = UInt32(try JSONText.character(text, escapedAt: index))
            count = 1
            end = index + 2
        }
    }

    /// The scalar of a `\uXXXX`, or of two that are a surrogate pair, and the index behind it.
    ///
    /// A surrogate that stands alone becomes U+FFFD: RFC 8259, section 8.2, leaves it open.
    private static func scalar(
        _ text: Span<UInt8>,
        escapedAt index: Int
    ) throws(JSONError) -> (Unicode.Scalar, end: Int) {
        let unit = try JSONText.codeUnit(text, escapedAt: index)
        if let scalar = Unicode.Scalar(unit) { return (scalar, index + 6) }
        let next = index + 6
        if UTF16.isLeadSurrogate(unit), next + 1 < text.count,
            text[next] == UInt8(ascii: "\\"), text[next + 1] == UInt8(ascii: "u")
        {
            let trail = try JSONText.codeUnit(text, escapedAt: next)
            if UTF16.isTrailSurrogate(trail) {
                let value = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF))
                return (Unicode.Scalar(value) ?? "\u{FFFD}", next + 6)
            }
        }
        return ("\u{FFFD}", next)
    }
}

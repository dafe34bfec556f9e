extension JSONText {
    /// Appends the value of a string, as UTF-8, and returns the index behind its closing quote.
    ///
    /// - Parameter start: The index behind the opening quote.
    static func unescape(
        _ text: Span<UInt8>,
        from start: Int,
        into value: inout [UInt8]
    ) throws(JSONError) -> Int {
        var index = start
        // The text is taken in pieces, first small ones: room is made, and written, for
        // no more than a piece, however much text follows a string.
        var piece = 64
        while true {
            let limit = index + min(piece, text.count - index)
            if piece == maximumPiece {
                // A long string, and no telling how long: memory that is not written costs none.
                value.reserveCapacity(value.count + text.count - index + Block.size)
            }
            var isOpen = true
            // Unescaping never makes text longer; a block is copied whole before it is judged.
            let room = limit - index + Block.size
            try value.append(addingCapacity: room) { (output) throws(JSONError) in
                output.append(repeating: 0, count: room)
                var target = output.mutableSpan
                let count = try unescape(text, &index, to: limit, into: &target, &isOpen)
                output.removeLast(room - count)
            }
            if !isOpen { return index }
            piece = min(piece * 16, maximumPiece)
        }
    }

    /// How much text is unescaped at once: it and its value fit into the first-level cache.
    private static let maximumPiece = 16_384

    /// Unescapes from an index up to a limit, or to the string's end, and returns the count.
    private static func unescape(
        _ text: Span<UInt8>,
        _ start: inout Int,
        to limit: Int,
        into target: inout MutableSpan<UInt8>,
        _ isOpen: inout Bool
    ) throws(JSONError) -> Int {
        var index = start
        var count = 0
        guard index < limit else { throw .syntax(text, at: index, expected: "'\"'") }
        while index < limit {
            let rest = text.extracting(droppingFirst: index)
            if rest.count >= Block.size {
                let block = rest.extracting(first: Block.size)
                target.copy(block: block, to: count)
                let plain = Block.plainJSON(block)
                if plain >= Block.size {
                    index &+= Block.size
                    count &+= Block.size
                    continue
                }
                index &+= plain
                count &+= plain
            }
            let byte = text[index]
            if byte == UInt8(ascii: "\\") {
                index = try unescapeOne(text, index, into: &target, &count)
                // In JSON within JSON the next escape is often near, as in `\"ref\":\"`:
                // a few bytes by themselves are done sooner than a block.
                for _ in 0..<3 {
                    guard index < limit, isPlain(text[index]) else { break }
                    target[count] = text[index]
                    index &+= 1
                    count &+= 1
                }
            } else if byte == UInt8(ascii: "\"") {
                isOpen = false
                index &+= 1
                break
            } else {
                try copySequences(text, &index, to: limit, into: &target, &count)
            }
        }
        start = index
        return count
    }

    /// Copies at least one sequence of UTF-8, and those that are not ASCII behind it.
    private static func copySequences(
        _ text: Span<UInt8>,
        _ index: inout Int,
        to limit: Int,
        into target: inout MutableSpan<UInt8>,
        _ count: inout Int
    ) throws(JSONError) {
        repeat {
            let end = try skipSequence(text, index)
            while index < end {
                target[count] = text[index]
                count &+= 1
                index &+= 1
            }
        } while index < limit && text[index] >= 0x80
    }

    /// Unescapes the escape at an index, a surrogate pair as one, and returns the index behind it.
    @inline(__always)
    private static func unescapeOne(
        _ text: Span<UInt8>,
        _ index: Int,
        into target: inout MutableSpan<UInt8>,
        _ count: inout Int
    ) throws(JSONError) -> Int {
        guard index &+ 1 < text.count else {
            throw .syntax(text, at: index + 1, expected: "an escape")
        }
        if text[index &+ 1] == UInt8(ascii: "\"") {
            target[count] = UInt8(ascii: "\"")
            count &+= 1
            return index &+ 2
        }
        if text[index &+ 1] != UInt8(ascii: "u") {
            target[count] = try character(text, escapedAt: index)
            count &+= 1
            return index &+ 2
        }
        return try unescapeUnit(text, index, into: &target, &count)
    }

    private static func unescapeUnit(
        _ text: Span<UInt8>,
        _ index: Int,
        into target: inout MutableSpan<UInt8>,
        _ count: inout Int
    ) throws(JSONError) -> Int {
        let (scalar, end) = try scalar(text, escapedAt: index)
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            target[count] = byte
            count &+= 1
        }
        return end
    }

    /// The scalar of a `\uXXXX`, or of two that are a surrogate pair, and the index behind it.
    ///
    /// A surrogate that stands alone becomes U+FFFD: RFC 8259, section 8.2, leaves it open.
    private static func scalar(
        _ text: Span<UInt8>,
        escapedAt index: Int
    ) throws(JSONError) -> (Unicode.Scalar, end: Int) {
        let unit = try codeUnit(text, escapedAt: index)
        if let scalar = Unicode.Scalar(unit) { return (scalar, index + 6) }
        let next = index + 6
        if UTF16.isLeadSurrogate(unit), next + 1 < text.count,
            text[next] == UInt8(ascii: "\\"), text[next + 1] == UInt8(ascii: "u")
        {
            let trail = try codeUnit(text, escapedAt: next)
            if UTF16.isTrailSurrogate(trail) {
                let value = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF))
                return (Unicode.Scalar(value) ?? "\u{FFFD}", next + 6)
            }
        }
        return ("\u{FFFD}", next)
    }
}

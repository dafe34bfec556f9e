extension JSONText {
    /// The value of a string as UTF-8 and the index behind its closing quote.
    ///
    /// Allocates the result once, never longer than the string's text.
    static func unescape(
        _ text: Span<UInt8>,
        quoteAt start: Int
    ) throws(JSONError) -> (value: [UInt8], end: Int) {
        let end = try skip(text, start)
        let content = start + 1..<end - 1
        var value = [UInt8](repeating: 0, count: content.count)
        var target = value.mutableSpan
        var index = content.lowerBound
        var count = 0
        while index < content.upperBound {
            while index &+ 8 <= content.upperBound, count &+ 8 <= target.count {
                target.copyWord(from: text, at: index, to: count)
                let mask = ByteMask.equal(text.word(at: index), 0x5C, 0x5C)
                let plain = mask == 0 ? 8 : ByteMask.first(mask)
                index &+= plain
                count &+= plain
                if plain < 8 { break }
            }
            guard index < content.upperBound else { break }
            if text[index] == UInt8(ascii: "\\") {
                index = try unescapeOne(text, index, into: &target, &count)
            } else {
                target[count] = text[index]
                index &+= 1
                count &+= 1
            }
        }
        value.removeLast(value.count - count)
        return (value, end)
    }

    /// Unescapes the escape at an index, a surrogate pair as one, and returns the index behind it.
    @inline(__always)
    private static func unescapeOne(
        _ text: Span<UInt8>,
        _ index: Int,
        into target: inout MutableSpan<UInt8>,
        _ count: inout Int
    ) throws(JSONError) -> Int {
        if text[index &+ 1] != UInt8(ascii: "u") {
            target[count] = try character(text, escapedAt: index)
            count &+= 1
            return index &+ 2
        }
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
    static func scalar(
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

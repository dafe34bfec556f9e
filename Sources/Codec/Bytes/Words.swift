/// Eight bytes at a time, in safe Swift: a span cut to exactly eight bytes costs one
/// bounds check, and the eight accesses behind it become one load or one store.
extension Span<UInt8> {
    /// The eight bytes from an index on, the first of them lowest.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        let bytes = extracting(index..<(index &+ 8))
        let low =
            UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16
            | UInt32(bytes[3]) << 24
        let high =
            UInt32(bytes[4]) | UInt32(bytes[5]) << 8 | UInt32(bytes[6]) << 16
            | UInt32(bytes[7]) << 24
        return UInt64(low) | UInt64(high) << 32
    }
}

extension MutableSpan<UInt8> {
    /// Copies eight bytes from another span.
    @inline(__always)
    mutating func copyWord(from source: Span<UInt8>, at from: Int, to index: Int) {
        let bytes = source.extracting(from..<(from &+ 8))
        var target = _mutatingExtracting(index..<(index &+ 8))
        // All are read before any is written: only so may they be joined.
        let (b0, b1, b2, b3) = (bytes[0], bytes[1], bytes[2], bytes[3])
        let (b4, b5, b6, b7) = (bytes[4], bytes[5], bytes[6], bytes[7])
        target[0] = b0
        target[1] = b1
        target[2] = b2
        target[3] = b3
        target[4] = b4
        target[5] = b5
        target[6] = b6
        target[7] = b7
    }
}

/// Which of a word's eight bytes are of a kind: the high bit of each one that is.
///
/// The masks are exact up to and at the first byte found; behind it they may claim
/// too much, since a subtraction borrows from the next byte. Ask for the first only.
enum ByteMask {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The bytes that end a run of plain JSON string text: `"`, `\`, below 0x20, above 0x7F.
    @inline(__always)
    static func notPlainJSON(_ word: UInt64) -> UInt64 {
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        let control = word &- ones &* 0x20
        // A byte above 0x7F counts by itself, so the usual `& ~word` is not needed.
        return (quote | backslash | control | word) & highBits
    }

    /// The bytes that equal either of two ASCII characters.
    @inline(__always)
    static func equal(_ word: UInt64, _ one: UInt8, _ other: UInt8) -> UInt64 {
        let first = word ^ (ones &* UInt64(one))
        let second = word ^ (ones &* UInt64(other))
        return (((first &- ones) & ~first) | ((second &- ones) & ~second)) & highBits
    }

    /// The index, 0 to 7, of the first byte a mask names; the mask is not 0.
    @inline(__always)
    static func first(_ mask: UInt64) -> Int {
        mask.trailingZeroBitCount &>> 3
    }
}

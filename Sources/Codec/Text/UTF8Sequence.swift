/// Well-formed UTF-8 (The Unicode Standard, table 3-7).
enum UTF8Sequence {
    /// U+FFFD REPLACEMENT CHARACTER as UTF-8.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// The sequence that begins at an index: its length, and whether it is well-formed.
    ///
    /// One that is not is as long as it could have become one, at least a byte: what one
    /// U+FFFD stands for (The Unicode Standard, section 3.9, "maximal subparts").
    static func next(in text: Span<UInt8>, at index: Int) -> (length: Int, isWellFormed: Bool) {
        let lead = text[index]
        let length: Int
        switch lead {
        case 0x00...0x7F: return (1, true)
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return (1, false)
        }
        for offset in 1..<length {
            let allowed = offset == 1 ? second(after: lead) : 0x80...0xBF
            guard index + offset < text.count, allowed.contains(text[index + offset]) else {
                return (offset, false)
            }
        }
        return (length, true)
    }

    /// What may follow a leading byte: no overlong form, no surrogate, nothing above U+10FFFF.
    private static func second(after lead: UInt8) -> ClosedRange<UInt8> {
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
    }

    static func isValid(_ text: Span<UInt8>) -> Bool {
        var index = 0
        while index < text.count {
            let sequence = next(in: text, at: index)
            guard sequence.isWellFormed else { return false }
            index += sequence.length
        }
        return true
    }
}

/// Well-formed UTF-8 (The Unicode Standard, table 3-7).
enum UTF8Sequence {
    /// U+FFFD REPLACEMENT CHARACTER as UTF-8.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// The length of the well-formed sequence that begins at an index, or `nil`.
    static func length(in text: Span<UInt8>, at index: Int) -> Int? {
        let lead = text[index]
        if lead < 0x80 { return 1 }
        var second: ClosedRange<UInt8> = 0x80...0xBF
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0:
            length = 3
            second = 0xA0...0xBF
        case 0xED:
            length = 3
            second = 0x80...0x9F
        case 0xE1...0xEF: length = 3
        case 0xF0:
            length = 4
            second = 0x90...0xBF
        case 0xF1...0xF3: length = 4
        case 0xF4:
            length = 4
            second = 0x80...0x8F
        default: return nil
        }
        guard index + length <= text.count, second.contains(text[index + 1]) else { return nil }
        for offset in 2..<max(2, length) where text[index + offset] & 0xC0 != 0x80 { return nil }
        return length
    }

    /// Whether all of a text is well-formed.
    static func isValid(_ text: Span<UInt8>) -> Bool {
        var index = 0
        while index < text.count {
            guard let length = length(in: text, at: index) else { return false }
            index += length
        }
        return true
    }
}

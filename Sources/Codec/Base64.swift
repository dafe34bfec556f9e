/// Base64 (RFC 4648): decoding is strict, so that one text alone stands for some bytes.
public enum Base64 {
    /// The text with `+` and `/` and padding (section 4).
    public static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: standard, isPadded: true)
    }

    /// The text with `-` and `_` and without padding (section 5).
    public static func encodeURLSafe(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: urlSafe, isPadded: false)
    }

    /// The bytes of a text of section 4, or `nil`.
    ///
    /// Padding is required; white space, other characters, and bits set behind the last byte
    /// are refused.
    public static func decode(_ text: [UInt8]) -> [UInt8]? {
        let text = text.span
        guard text.count.isMultiple(of: 4) else { return nil }
        guard text.count > 0 else { return [] }
        let padding = text[text.count - 1] != pad ? 0 : text[text.count - 2] != pad ? 1 : 2
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        // Every value has its top bits clear, so the digits that are none show in the sum.
        var seen: UInt8 = 0
        for index in stride(from: 0, to: text.count - (padding > 0 ? 4 : 0), by: 4) {
            let (a, b) = (value(text[index]), value(text[index + 1]))
            let (c, d) = (value(text[index + 2]), value(text[index + 3]))
            seen |= a | b | c | d
            bytes.append(a << 2 | b >> 4)
            bytes.append(b << 4 | c >> 2)
            bytes.append(c << 6 | d)
        }
        if padding > 0 {
            let last = text.count - 4
            let (a, b) = (value(text[last]), value(text[last + 1]))
            let c = padding == 1 ? value(text[last + 2]) : 0
            seen |= a | b | c
            guard (padding == 1 ? c & 0b11 : b & 0b1111) == 0 else { return nil }
            bytes.append(a << 2 | b >> 4)
            if padding == 1 { bytes.append(b << 4 | c >> 2) }
        }
        return seen & 0xC0 == 0 ? bytes : nil
    }

    private static let pad = UInt8(ascii: "=")
    private static let standard = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let urlSafe = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// The value of a digit, 0 to 63, or 255.
    @inline(__always)
    private static func value(_ digit: UInt8) -> UInt8 {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit &- UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit &- UInt8(ascii: "a") &+ 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0") &+ 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: 255
        }
    }

    private static func encode(_ bytes: [UInt8], alphabet: [UInt8], isPadded: Bool) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for index in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - index)
            var group = UInt32(bytes[index]) << 16
            if count > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if count > 2 { group |= UInt32(bytes[index + 2]) }
            for digit in 0...count {
                text.append(alphabet[Int(group >> (18 - 6 * UInt32(digit)) & 63)])
            }
            if isPadded { for _ in count..<3 { text.append(pad) } }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Base64 (RFC 4648): decoding is strict, so that one text alone stands for some bytes.
package enum Base64 {
    /// The text with `+` and `/` and padding (section 4).
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: standard, isPadded: true)
    }

    /// The text with `-` and `_` and without padding (section 5).
    package static func encodeURLSafe(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: urlSafe, isPadded: false)
    }

    /// The bytes of a text of section 4, or `nil`.
    ///
    /// Padding is required; white space, other characters, and bits set behind the last byte
    /// are refused.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        let text = text.span
        guard text.count.isMultiple(of: 4) else { return nil }
        guard text.count > 0 else { return [] }
        let padding = text[text.count - 1] != pad ? 0 : text[text.count - 2] != pad ? 1 : 2
        let whole = text.count - (padding > 0 ? 4 : 0)
        let decoder = Decoder()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        guard decoder.append(text.extracting(first: whole), to: &bytes) else { return nil }
        if padding > 0 {
            let last = text.extracting(last: 4)
            let (a, b) = (decoder.values[Int(last[0])], decoder.values[Int(last[1])])
            let c = padding == 1 ? decoder.values[Int(last[2])] : 0
            guard (a | b | c) & 0xC0 == 0 else { return nil }
            guard (padding == 1 ? c & 0b11 : b & 0b1111) == 0 else { return nil }
            bytes.append(a << 2 | b >> 4)
            if padding == 1 { bytes.append(b << 4 | c >> 2) }
        }
        return bytes
    }

    /// Decodes text of section 4 that comes in pieces.
    package struct Decoder {
        /// The value of each byte as a digit, 0 to 63, or 255.
        fileprivate let values: [UInt8]

        /// Makes one; best once for all pieces.
        package init() {
            var values = [UInt8](repeating: 255, count: 256)
            for (value, digit) in Base64.standard.enumerated() {
                values[Int(digit)] = UInt8(truncatingIfNeeded: value)
            }
            self.values = values
        }

        /// Appends the bytes of a piece of whole groups without padding; whether it is one.
        @_optimize(speed)
        package func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
            guard text.count.isMultiple(of: 4) else { return false }
            let values = values.span
            let groups = text.count / 4
            let start = bytes.count
            bytes.append(addingCapacity: groups * 3) { output in
                output.append(repeating: 0, count: groups * 3)
            }
            var target = bytes.mutableSpan
            // The values have their top bits clear: one that is none shows in all of them together.
            var seen: UInt8 = 0
            for group in 0..<groups {
                let digits = text.extracting(group &* 4..<group &* 4 &+ 4)
                let place = start &+ group &* 3
                var triple = target._mutatingExtracting(place..<place &+ 3)
                precondition(digits.count == 4 && triple.count == 3)
                let (a, b) = (values[Int(digits[0])], values[Int(digits[1])])
                let (c, d) = (values[Int(digits[2])], values[Int(digits[3])])
                seen |= a | b | c | d
                triple[0] = a << 2 | b >> 4
                triple[1] = b << 4 | c >> 2
                triple[2] = c << 6 | d
            }
            return seen & 0xC0 == 0
        }
    }

    private static let pad = UInt8(ascii: "=")
    private static let standard = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let urlSafe = [UInt8](
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

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

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
        Decoder().decode(text)
    }

    /// Decodes texts of section 4.
    package struct Decoder {
        /// What each byte gives to its group's 24 bits, for each of the four places in a group: 4 times
        /// 256 values, with `noDigit` set if the byte is none.
        fileprivate let values: [UInt32]
        /// Above the 24 bits of a group.
        fileprivate static let noDigit: UInt32 = 1 << 24

        /// Makes one; best once for all texts.
        package init() {
            var values = [UInt32](repeating: Self.noDigit, count: 4 * 256)
            for (value, digit) in Base64.standard.enumerated() {
                for place in 0..<4 {
                    values[place * 256 + Int(digit)] = UInt32(value) << (18 - 6 * UInt32(place))
                }
            }
            self.values = values
        }

        /// As `Base64.decode`.
        package func decode(_ text: [UInt8]) -> [UInt8]? {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count / 4 * 3)
            return append(padded: text.span, to: &bytes) ? bytes : nil
        }

        /// Appends the bytes of a text with the padding that it needs; whether it is one.
        package func append(padded text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
            guard text.count.isMultiple(of: 4) else { return false }
            guard text.count > 0 else { return true }
            let (beforeLast, last) = (text[text.count - 2], text[text.count - 1])
            let padding = last != Base64.pad ? 0 : beforeLast != Base64.pad ? 1 : 2
            guard padding > 0 else { return append(text, to: &bytes) }
            guard append(text.extracting(droppingLast: 4), to: &bytes) else { return false }
            let digits = text.extracting(last: 4)
            var group = values[Int(digits[0])] | values[256 + Int(digits[1])]
            if padding == 1 { group |= values[512 + Int(digits[2])] }
            // No bit may be set behind the last byte.
            guard group & (padding == 1 ? 0xFF : 0xFFFF) == 0, group < Self.noDigit else {
                return false
            }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding == 1 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            return true
        }

        /// Appends the bytes of a text of whole groups without padding; whether it is one.
        package func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
            guard text.count.isMultiple(of: 4) else { return false }
            return append(lines: text.count / 64, behindEach: 0, in: text, to: &bytes)
        }

        /// Appends the bytes of a text of lines, of 64 digits and a line feed each; whether it is one.
        ///
        /// What stands in the place of the line feed is not looked at.
        package func append(lines text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
            guard text.count.isMultiple(of: 65) else { return false }
            return append(lines: text.count / 65, behindEach: 1, in: text, to: &bytes)
        }

        /// Appends the bytes of lines, and of the whole groups behind them.
        private func append(
            lines: Int,
            behindEach gap: Int,
            in text: Span<UInt8>,
            to bytes: inout [UInt8]
        ) -> Bool {
            let rest = (text.count - lines * (64 + gap)) / 4
            let start = bytes.count
            let count = lines * 48 + rest * 3
            bytes.append(addingCapacity: count) { $0.append(repeating: 0, count: count) }
            var all = bytes.mutableSpan
            var target = all._mutatingExtracting(start..<start + count)
            let values = values.span
            var seen = Base64.decode(lines, behindEach: gap, in: text, into: &target, values)
            for group in 0..<rest {
                let place = lines * (64 + gap) + group * 4
                let output = lines * 48 + group * 3
                seen |= Base64.decode(text, at: place, into: &target, at: output, values)
            }
            return seen < Self.noDigit
        }
    }

    /// Decodes lines of 64 digits.
    ///
    /// Returns all groups, or'd, so that a byte that is no digit shows.
    ///
    /// Where spans are known to have exactly a line, no access to them costs a bounds check: a system's
    /// certificates take 0.4 ms less than group by group. And it is never inlined, since it would be
    /// compiled for size there.
    @inline(never) @_optimize(speed)
    private static func decode(
        _ lines: Int,
        behindEach gap: Int,
        in text: Span<UInt8>,
        into bytes: inout MutableSpan<UInt8>,
        _ values: Span<UInt32>
    ) -> UInt32 {
        precondition(values.count == 4 * 256)
        var seen: UInt32 = 0
        for line in 0..<lines {
            let start = line &* (64 &+ gap)
            let digits = text.extracting(start..<start &+ 64)
            var target = bytes._mutatingExtracting(line &* 48..<line &* 48 &+ 48)
            precondition(digits.count == 64 && target.count == 48)
            for group in 0..<16 {
                seen |= decode(digits, at: group &* 4, into: &target, at: group &* 3, values)
            }
        }
        return seen
    }

    /// Decodes a group of four digits into three bytes.
    @inline(__always)
    private static func decode(
        _ text: Span<UInt8>,
        at place: Int,
        into bytes: inout MutableSpan<UInt8>,
        at output: Int,
        _ values: Span<UInt32>
    ) -> UInt32 {
        let group =
            values[Int(text[place])] | values[256 &+ Int(text[place &+ 1])]
            | values[512 &+ Int(text[place &+ 2])] | values[768 &+ Int(text[place &+ 3])]
        bytes[output] = UInt8(truncatingIfNeeded: group >> 16)
        bytes[output &+ 1] = UInt8(truncatingIfNeeded: group >> 8)
        bytes[output &+ 2] = UInt8(truncatingIfNeeded: group)
        return group
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

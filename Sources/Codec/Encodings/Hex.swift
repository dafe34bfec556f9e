/// Bytes as hexadecimal digits, two a byte (RFC 4648, section 8).
package enum Hex {
    /// The digits with `a` to `f`.
    package static func lower(_ bytes: [UInt8]) -> String {
        encode(bytes, ten: UInt8(ascii: "a"))
    }

    /// The digits with `A` to `F`.
    package static func upper(_ bytes: [UInt8]) -> String {
        encode(bytes, ten: UInt8(ascii: "A"))
    }

    /// The bytes, or `nil` if the count is odd or something is no digit; case does not count.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.span
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The value of one digit in either case, or `nil`.
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func encode(_ bytes: [UInt8], ten: UInt8) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                digits.append(nibble < 10 ? UInt8(ascii: "0") + nibble : ten + nibble - 10)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

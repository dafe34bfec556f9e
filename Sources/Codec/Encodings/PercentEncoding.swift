/// Percent-encoding (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// Encodes every byte but the unreserved (section 2.3: letters, digits, `-._~`), in upper case.
    ///
    /// - Parameter keepingSlash: A `/` stays one: for a path, not for a query or one segment.
    package static func encode(_ text: String, keepingSlash: Bool = false) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) || keepingSlash && byte == UInt8(ascii: "/") {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(contentsOf: Hex.upper([byte]).utf8)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Decodes; `nil` where a `%` has no two hexadecimal digits behind it.
    ///
    /// - Parameter plusIsSpace: A `+` is a space, as in forms; else it stays one.
    package static func decode(_ text: [UInt8], plusIsSpace: Bool) -> [UInt8]? {
        decode(text.span, plusIsSpace: plusIsSpace)
    }

    static func decode(_ text: Span<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var isValid = true
        let decoded = [UInt8](capacity: text.count) { output in
            var index = 0
            while index < text.count {
                let byte = text[index]
                if byte == UInt8(ascii: "%") {
                    guard index + 2 < text.count, let high = Hex.value(of: text[index + 1]),
                        let low = Hex.value(of: text[index + 2])
                    else {
                        isValid = false
                        return
                    }
                    output.append(high << 4 | low)
                    index &+= 3
                } else {
                    let isSpace = plusIsSpace && byte == UInt8(ascii: "+")
                    output.append(isSpace ? UInt8(ascii: " ") : byte)
                    index &+= 1
                }
            }
        }
        return isValid ? decoded : nil
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

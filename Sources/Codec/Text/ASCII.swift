extension UInt8 {
    package var isASCIIDigit: Bool { self &- 0x30 < 10 }

    package var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

    package var isASCIILetterOrDigit: Bool { isASCIILetter || isASCIIDigit }

    package var isASCIIUppercase: Bool { self &- 0x41 < 26 }

    /// Whether it is a space or one of the characters from tab to carriage return.
    package var isASCIIWhiteSpace: Bool { self == 0x20 || self &- 0x09 < 5 }

    package var asciiLowercased: UInt8 { isASCIIUppercase ? self | 0x20 : self }
}

extension ArraySlice<UInt8> {
    /// The bytes without the ASCII white space around them.
    package var trimmed: ArraySlice<UInt8> {
        var bytes = drop { $0.isASCIIWhiteSpace }
        while let last = bytes.last, last.isASCIIWhiteSpace { bytes.removeLast() }
        return bytes
    }
}

extension String {
    package var asciiLowercased: String {
        String(decoding: utf8.map { $0.asciiLowercased }, as: UTF8.self)
    }

    /// The text before the first line break.
    package var firstLine: String {
        String(decoding: utf8.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }

    /// The first characters, counted as code points.
    package func cut(to maximum: Int) -> String {
        // Nearly every text is short, and has no more code points than bytes.
        guard utf8.count > maximum else { return self }
        let scalars = unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: maximum, limitedBy: scalars.endIndex)
        guard let end else { return self }
        return String(scalars[..<end])
    }
}

/// Whether two strings are the same bytes once ASCII letters are lower-cased.
package func equalsIgnoringASCIICase(_ one: String, _ other: String) -> Bool {
    let one = one.utf8.span
    let other = other.utf8.span
    guard one.count == other.count else { return false }
    for index in one.indices where one[index] != other[index] {
        guard one[index].asciiLowercased == other[index].asciiLowercased else { return false }
    }
    return true
}

extension JSONReader {
    /// Reads a string; a surrogate that stands alone in it becomes U+FFFD.
    package mutating func string() throws(JSONError) -> String {
        let (content, isPlain) = try text()
        if isPlain {
            offset = content.upperBound + 1
            return String(decoding: bytes[content], as: UTF8.self)
        }
        var value: [UInt8] = []
        let end = try unescape(content.lowerBound, into: &value)
        offset = end
        return String(decoding: value, as: UTF8.self)
    }

    /// Reads a string as UTF-8: the way to take one of any size.
    package mutating func utf8() throws(JSONError) -> [UInt8] {
        let (content, isPlain) = try text()
        if isPlain {
            offset = content.upperBound + 1
            return [UInt8](bytes[content])
        }
        var value: [UInt8] = []
        let end = try unescape(content.lowerBound, into: &value)
        offset = end
        return value
    }

    /// Reads a string and appends it as UTF-8: the way to take many without an array each.
    ///
    /// Where it throws, the array is as it was.
    package mutating func utf8(appendingTo value: inout [UInt8]) throws(JSONError) {
        let start = try begin(.string) + 1
        let end = try unescape(start, into: &value)
        offset = end
    }

    /// Reads an array of strings and appends them as UTF-8, one after the other, and the index
    /// at which each ends: the way to take very many.
    ///
    /// Where it throws, both arrays are as they were.
    package mutating func strings(
        appendingTo values: inout [UInt8],
        ends: inout [Int]
    ) throws(JSONError) {
        let before = (values.count, ends.count)
        do throws(JSONError) {
            try array { (value) throws(JSONError) in
                let start = try value.begin(.string) + 1
                let end = try JSONText.unescapeList(
                    value.bytes.span,
                    from: start,
                    into: &values,
                    ends: &ends
                )
                value.offset = end
            }
        } catch {
            values.removeLast(values.count - before.0)
            ends.removeLast(ends.count - before.1)
            throw error
        }
    }

    /// Reads `true` or `false`.
    package mutating func bool() throws(JSONError) -> Bool {
        let start = try begin(.bool)
        offset = try JSONGrammar.skipLiteral(bytes.span, start)
        return bytes[start] == UInt8(ascii: "t")
    }

    /// Reads `null`.
    package mutating func null() throws(JSONError) {
        offset = try JSONGrammar.skipLiteral(bytes.span, try begin(.null))
    }

    /// Reads a number, exactly as it is written: `1.50` stays `1.50`.
    package mutating func number() throws(JSONError) -> String {
        let start = try begin(.number)
        let end = try JSONGrammar.skipNumber(bytes.span, start)
        offset = end
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Reads a number without fraction and exponent that fits 64 bits.
    package mutating func int() throws(JSONError) -> Int {
        let start = try begin(.number)
        let end = try JSONGrammar.skipNumber(bytes.span, start)
        guard let value = Self.int(bytes.span.extracting(start..<end)) else {
            throw JSONError(
                .type,
                at: start,
                expected: "an integer of 64 bits",
                found: "another number"
            )
        }
        offset = end
        return value
    }

    /// Reads a string, or `null` as `nil`.
    package mutating func optionalString() throws(JSONError) -> String? {
        try isNull() ? nil : try string()
    }

    /// Reads an integer, or `null` as `nil`.
    package mutating func optionalInt() throws(JSONError) -> Int? {
        try isNull() ? nil : try int()
    }

    /// Reads a boolean, or `null` as `nil`.
    package mutating func optionalBool() throws(JSONError) -> Bool? {
        try isNull() ? nil : try bool()
    }

    /// Reads a `null` if one comes next; whether one did.
    private mutating func isNull() throws(JSONError) -> Bool {
        guard try kind() == .null else { return false }
        try null()
        return true
    }

    /// Where the text of the next string lies, up to its first character that is not plain;
    /// and whether that is the closing quote.
    @inline(__always)
    private func text() throws(JSONError) -> (content: Range<Int>, isPlain: Bool) {
        let start = try begin(.string) + 1
        let end = JSONText.plainEnd(bytes.span, start)
        return (start..<end, end < bytes.count && bytes[end] == UInt8(ascii: "\""))
    }

    /// Appends the string whose text begins at an index; returns the index behind it.
    private func unescape(
        _ start: Int,
        into value: inout [UInt8]
    ) throws(JSONError) -> Int {
        let count = value.count
        do throws(JSONError) {
            return try JSONText.unescape(bytes.span, from: start, into: &value)
        } catch {
            value.removeLast(value.count - count)
            throw error
        }
    }

    /// The value of a number's text, if it is an integer that fits.
    static func int(_ digits: Span<UInt8>) -> Int? {
        let isNegative = digits.count > 0 && digits[0] == UInt8(ascii: "-")
        var value = 0
        for index in (isNegative ? 1 : 0)..<digits.count {
            let digit = Int(digits[index]) - 0x30
            guard (0...9).contains(digit) else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted down from 0: the lowest integer has no positive counterpart.
            let (next, overflowToo) = tenfold.subtractingReportingOverflow(digit)
            if overflow || overflowToo { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}

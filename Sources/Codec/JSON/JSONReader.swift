/// Reads JSON (RFC 8259) where it stands: what is asked for becomes a value, what is not
/// is skipped without one, and both are checked to the letter.
///
///     var reader = JSONReader(bytes)
///     try reader.object { (key, value) throws(JSONError) in
///         switch key {
///         case "ref": ref = try value.string()
///         case "commits": try value.array { (commit) throws(JSONError) in … }
///         default: break  // skipped
///         }
///     }
///     try reader.end()
///
/// Of members with the same name each is given to the closure in turn, so that the last
/// one wins. A call that throws leaves the reader where it stood.
package struct JSONReader {
    /// How many containers may lie within each other; one more is an error.
    package static let maximumDepth = 512

    let bytes: [UInt8]
    /// The index of the next byte to read, of the text.
    package internal(set) var offset = 0
    private(set) var depth = 0

    /// Reads a text; a byte order mark is not skipped (section 8.1) and so an error.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Which kind of value comes next, told by its first byte.
    package func kind() throws(JSONError) -> JSONKind {
        try JSONGrammar.kind(bytes.span, JSONGrammar.skipWhiteSpace(bytes.span, offset))
    }

    /// Reads an object, one call of the closure a member.
    ///
    /// The closure may read the member's value; one that it leaves unread is skipped.
    package mutating func object(
        _ member: (_ key: JSONKey, _ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        let (start, outer) = (offset, depth)
        do throws(JSONError) {
            guard try enter(.object, closing: UInt8(ascii: "}")) else { return }
            repeat {
                let key = try key()
                let value = offset
                try member(key, &self)
                if offset == value { try skip() }
            } while try another(closing: UInt8(ascii: "}"), expected: "',' or '}'")
        } catch {
            (offset, depth) = (start, outer)
            throw error
        }
    }

    /// Reads an object likewise; the first of the required members that it lacks, if it lacks one.
    package mutating func object(
        requiring names: [String],
        _ member: (_ key: JSONKey, _ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) -> String? {
        var missing = names
        try object { (key, value) throws(JSONError) in
            missing.removeAll { key == $0 }
            try member(key, &value)
        }
        return missing.first
    }

    /// Reads an array, one call of the closure an element.
    ///
    /// The closure may read the element; one that it leaves unread is skipped.
    package mutating func array(
        _ element: (_ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        let (start, outer) = (offset, depth)
        do throws(JSONError) {
            guard try enter(.array, closing: UInt8(ascii: "]")) else { return }
            repeat {
                offset = JSONGrammar.skipWhiteSpace(bytes.span, offset)
                let value = offset
                try element(&self)
                if offset == value { try skip() }
            } while try another(closing: UInt8(ascii: "]"), expected: "',' or ']'")
        } catch {
            (offset, depth) = (start, outer)
            throw error
        }
    }

    /// Skips the next value, all of it checked.
    package mutating func skip() throws(JSONError) {
        let start = JSONGrammar.skipWhiteSpace(bytes.span, offset)
        let end = try JSONGrammar.skipValue(bytes.span, start, depth: depth)
        offset = end
    }

    /// Checks that only white space is left.
    package mutating func end() throws(JSONError) {
        let end = JSONGrammar.skipWhiteSpace(bytes.span, offset)
        guard end == bytes.count else {
            throw .syntax(bytes.span, at: end, expected: "the end")
        }
        offset = end
    }

    /// The index at which the next value begins, which must be of a kind.
    func begin(_ kind: JSONKind) throws(JSONError) -> Int {
        let text = bytes.span
        let index = JSONGrammar.skipWhiteSpace(text, offset)
        let found = try JSONGrammar.kind(text, index)
        guard found == kind else {
            throw JSONError(.type, at: index, expected: kind.name, found: found.name)
        }
        return index
    }

    /// Enters a container; where it is empty, leaves it and returns `false`.
    private mutating func enter(_ kind: JSONKind, closing: UInt8) throws(JSONError) -> Bool {
        let start = try begin(kind)
        guard depth < Self.maximumDepth else { throw .tooDeep(at: start) }
        offset = JSONGrammar.skipWhiteSpace(bytes.span, start + 1)
        if offset < bytes.count, bytes[offset] == closing {
            offset += 1
            return false
        }
        depth += 1
        return true
    }

    /// Skips the comma or the end of a container; whether another value follows.
    private mutating func another(closing: UInt8, expected: String) throws(JSONError) -> Bool {
        offset = JSONGrammar.skipWhiteSpace(bytes.span, offset)
        let byte = offset < bytes.count ? bytes[offset] : 0
        guard byte == UInt8(ascii: ",") || byte == closing else {
            throw .syntax(bytes.span, at: offset, expected: expected)
        }
        offset += 1
        if byte == closing { depth -= 1 }
        return byte != closing
    }

    /// Reads a member's name, the colon, and the white space around both.
    private mutating func key() throws(JSONError) -> JSONKey {
        let quote = try JSONGrammar.quoteOfKey(bytes.span, offset)
        let plain = JSONText.plainEnd(bytes.span, quote + 1)
        if plain < bytes.count, bytes[plain] == UInt8(ascii: "\"") {
            let value = try JSONGrammar.skipColon(bytes.span, plain + 1)
            offset = value
            return JSONKey(bytes: bytes, range: quote + 1..<plain)
        }
        var name: [UInt8] = []
        let end = try JSONText.unescape(bytes.span, from: quote + 1, into: &name)
        let value = try JSONGrammar.skipColon(bytes.span, end)
        offset = value
        return JSONKey(bytes: name, range: name.indices)
    }
}

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

    package mutating func bool() throws(JSONError) -> Bool {
        let start = try begin(.bool)
        offset = try JSONGrammar.skipLiteral(bytes.span, start)
        return bytes[start] == UInt8(ascii: "t")
    }

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

    package mutating func optionalString() throws(JSONError) -> String? {
        try isNull() ? nil : try string()
    }

    package mutating func optionalInt() throws(JSONError) -> Int? {
        try isNull() ? nil : try int()
    }

    package mutating func optionalBool() throws(JSONError) -> Bool? {
        try isNull() ? nil : try bool()
    }

    /// Reads an object, or `null` as one without members.
    package mutating func members(
        _ member: (_ key: JSONKey, _ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try !isNull() { try object(member) }
    }

    /// Reads an array, or `null` as one without elements.
    package mutating func elements(
        _ element: (_ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try !isNull() { try array(element) }
    }

    /// Reads an array of strings, or `null` as one without elements.
    package mutating func strings() throws(JSONError) -> [String] {
        var values: [String] = []
        try elements { (value) throws(JSONError) in values.append(try value.string()) }
        return values
    }

    /// Reads one string member of each object of an array, such as the labels' names; what lacks it is left
    /// out.
    package mutating func strings(_ name: String) throws(JSONError) -> [String] {
        var values: [String] = []
        try elements { (value) throws(JSONError) in
            if let string = try value.string(name) { values.append(string) }
        }
        return values
    }

    /// Reads one string member of an object, such as a sender's login.
    package mutating func string(_ name: String) throws(JSONError) -> String? {
        var found: String?
        try members { (key, value) throws(JSONError) in
            if key == name { found = try value.optionalString() }
        }
        return found
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
    private func unescape(_ start: Int, into value: inout [UInt8]) throws(JSONError) -> Int {
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

/// The name of an object's member: a view of the text, compared by bytes, without a copy.
package struct JSONKey {
    /// The text, or the name alone where it had to be unescaped.
    private let bytes: [UInt8]
    private let range: Range<Int>

    init(bytes: [UInt8], range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    package var utf8: [UInt8] { [UInt8](bytes[range]) }

    package var string: String { String(decoding: bytes[range], as: UTF8.self) }

    /// Whether the name has exactly those bytes.
    package static func == (key: JSONKey, name: String) -> Bool {
        let name = name.utf8.span
        guard key.range.count == name.count else { return false }
        let own = key.bytes.span.extracting(key.range)
        for index in name.indices where own[index] != name[index] { return false }
        return true
    }

    package static func != (key: JSONKey, name: String) -> Bool {
        !(key == name)
    }

    /// Lets `switch key { case "commits": … }` compare.
    package static func ~= (name: String, key: JSONKey) -> Bool {
        key == name
    }
}

/// Why a text is not JSON, or why a value is not what was asked for.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// The text breaks a rule of RFC 8259, or nests too deep to be read.
        case syntax
        /// The text is JSON so far, but the value is of another type.
        case type
    }

    /// Whether the text is wrong or only the value's type.
    package var kind: Kind
    /// Where it was found: the index of a byte of the text.
    package var offset: Int
    /// What should have stood there: `a string`, `',' or '}'`.
    package var expected: String
    /// What stood there: `a number`, `'x'`, `the end`.
    package var found: String

    /// Makes an error; a reader of JSON may throw its own from within a closure.
    package init(_ kind: Kind, at offset: Int, expected: String, found: String) {
        self.kind = kind
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// `invalid JSON at byte 17: expected ',' or '}', found 'x'`.
    package var description: String { description(at: "byte \(offset)") }

    /// The same with the line and the column of the text that it was found in: for people.
    package func description(in text: [UInt8]) -> String {
        let before = text.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let own = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last
        let column = String(decoding: own ?? [], as: UTF8.self).unicodeScalars.count + 1
        return description(at: "line \(line), column \(column)")
    }

    private func description(at place: String) -> String {
        switch kind {
        case .syntax: "invalid JSON at \(place): expected \(expected), found \(found)"
        case .type: "expected \(expected) at \(place), found \(found)"
        }
    }

    /// The error for what stands at an index of a text.
    static func syntax(_ text: Span<UInt8>, at index: Int, expected: String) -> JSONError {
        guard index < text.count else {
            return JSONError(.syntax, at: text.count, expected: expected, found: "the end")
        }
        return JSONError(.syntax, at: index, expected: expected, found: name(of: text[index]))
    }

    /// A byte as a message shows it: `'x'`, or `byte 0x0A` if it is not printable.
    private static func name(of byte: UInt8) -> String {
        if (0x20..<0x7F).contains(byte) {
            return "'" + String(decoding: CollectionOfOne(byte), as: UTF8.self) + "'"
        }
        return "byte 0x" + Hex.upper([byte])
    }
}

extension JSONError {
    /// The error for a container that lies too deep.
    static func tooDeep(at index: Int) -> JSONError {
        JSONError(
            .syntax,
            at: index,
            expected: "at most \(JSONReader.maximumDepth) containers deep",
            found: "one more"
        )
    }
}

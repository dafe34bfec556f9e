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
    private mutating func enter(
        _ kind: JSONKind,
        closing: UInt8
    ) throws(JSONError) -> Bool {
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
    private mutating func another(
        closing: UInt8,
        expected: String
    ) throws(JSONError) -> Bool {
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

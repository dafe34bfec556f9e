/// Why a text is not JSON, or why a value is not what was asked for.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which of the two it is.
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
    package var description: String {
        switch kind {
        case .syntax: "invalid JSON at byte \(offset): expected \(expected), found \(found)"
        case .type: "expected \(expected) at byte \(offset), found \(found)"
        }
    }

    /// The error for what stands at an index of a text.
    static func syntax(_ text: Span<UInt8>, at index: Int, expected: String) -> JSONError {
        guard index < text.count else {
            return JSONError(.syntax, at: text.count, expected: expected, found: "the end")
        }
        return JSONError(.syntax, at: index, expected: expected, found: name(of: text[index]))
    }

    /// A byte as a message shows it: `'x'`, or `byte 0x0A` where it is not printable.
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

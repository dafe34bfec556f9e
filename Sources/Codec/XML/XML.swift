/// An XML element as a tree: enough for what S3 and STS answer.
///
/// Elements, character data, CDATA, the five named entities and numeric ones; comments and
/// processing instructions are skipped, attributes are checked and left out, namespace
/// prefixes are cut off. A document type declaration is refused, and with it every entity
/// that a document could define.
package struct XML: Equatable, Sendable {
    /// How many elements may lie within each other; one more is an error.
    package static let maximumDepth = 64

    /// The name without its namespace prefix.
    package var name: String
    /// The character data directly in the element, all of it joined.
    package var text: String
    /// The elements directly in the element, in order.
    package var children: [XML]

    package init(name: String, text: String = "", children: [XML] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// Reads a document; the element is its root.
    package init(parsing bytes: [UInt8]) throws(XMLError) {
        var parser = XMLParser(bytes)
        self = try parser.document()
    }

    package subscript(_ name: String) -> XML? {
        children.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    package func all(_ name: String) -> [XML] {
        children.filter { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// Why a text is not XML that is read here.
package struct XMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where it was found: the index of a byte of the text.
    package var offset: Int
    /// What should have stood there, or may not: `a name`, `no document type declaration`.
    package var expected: String

    /// `invalid XML at byte 17: expected a name`.
    package var description: String { "invalid XML at byte \(offset): expected \(expected)" }
}

/// Reads one document from left to right; the open elements are a stack, nothing recurses.
struct XMLParser {
    private let bytes: [UInt8]
    private var index = 0
    private var open: [OpenElement] = []
    private var root: XML?

    private struct OpenElement {
        /// The name with its prefix, as the end tag has to repeat it.
        var tag: Range<Int>
        var text: [UInt8] = []
        var children: [XML] = []
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(XMLError) -> XML {
        guard UTF8Sequence.isValid(bytes.span) else {
            throw XMLError(offset: 0, expected: "UTF-8")
        }
        _ = skip("\u{FEFF}")
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<") { try markup() } else { try text() }
        }
        guard open.isEmpty else { throw failure("an end tag") }
        guard let root else { throw failure("an element") }
        return root
    }

    /// Reads whatever begins with `<`.
    private mutating func markup() throws(XMLError) {
        if skip("<?") { return try skipBehind("?>") }
        if skip("<!--") { return try skipBehind("-->") }
        if skip("<![CDATA[") {
            let start = index
            try skipBehind("]]>")
            guard !open.isEmpty else { throw XMLError(offset: start, expected: "an element") }
            open[open.count - 1].text.append(contentsOf: bytes[start..<index - 3])
            return
        }
        if skip("</") { return try endTag() }
        guard !skip("<!") else { throw failure("no document type declaration") }
        try startTag()
    }

    private mutating func startTag() throws(XMLError) {
        guard root == nil else { throw failure("nothing behind the root element") }
        guard open.count < XML.maximumDepth else {
            throw failure("at most \(XML.maximumDepth) elements deep")
        }
        index += 1
        open.append(OpenElement(tag: try name()))
        while true {
            let before = index
            skipWhiteSpace()
            if skip("/>") { return close() }
            if skip(">") { return }
            guard index > before else { throw failure("'>'") }
            try attribute()
        }
    }

    private mutating func endTag() throws(XMLError) {
        let start = index
        let tag = try name()
        guard let last = open.last, bytes[last.tag].elementsEqual(bytes[tag]) else {
            throw XMLError(offset: start, expected: "the end tag of the element that is open")
        }
        skipWhiteSpace()
        guard skip(">") else { throw failure("'>'") }
        close()
    }

    /// Puts the innermost open element where it belongs.
    private mutating func close() {
        guard let element = open.popLast() else { return }
        let name = bytes[element.tag]
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        let closed = XML(
            name: String(decoding: local, as: UTF8.self),
            text: String(decoding: element.text, as: UTF8.self),
            children: element.children
        )
        if open.isEmpty {
            root = closed
        } else {
            open[open.count - 1].children.append(closed)
        }
    }

    private mutating func attribute() throws(XMLError) {
        _ = try name()
        skipWhiteSpace()
        guard skip("=") else { throw failure("'='") }
        skipWhiteSpace()
        guard index < bytes.count, let quote = ["\"", "'"].first(where: { skip($0) }) else {
            throw failure("a quoted value")
        }
        try skipBehind(quote)
    }

    /// Reads character data up to the next `<`.
    private mutating func text() throws(XMLError) {
        if open.isEmpty {
            skipWhiteSpace()
            guard index == bytes.count || bytes[index] == UInt8(ascii: "<") else {
                throw failure("an element")
            }
            return
        }
        while index < bytes.count, bytes[index] != UInt8(ascii: "<") {
            if bytes[index] == UInt8(ascii: "&") {
                let character = try entity()
                open[open.count - 1].text.append(contentsOf: character)
                continue
            }
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: "<"),
                bytes[index] != UInt8(ascii: "&")
            {
                index += 1
            }
            open[open.count - 1].text.append(contentsOf: bytes[start..<index])
        }
    }

    /// Reads an entity such as `&amp;` or `&#x1F600;` as UTF-8.
    private mutating func entity() throws(XMLError) -> [UInt8] {
        let start = index
        for (name, character) in Self.entities where skip(name) { return [character] }
        if skip("&#") {
            let isHexadecimal = skip("x")
            var value: UInt32 = 0
            let digits = index
            while index < bytes.count, let digit = Hex.value(of: bytes[index]),
                isHexadecimal || digit < 10, value < 0x110000
            {
                value = value * (isHexadecimal ? 16 : 10) + UInt32(digit)
                index += 1
            }
            if index > digits, skip(";"), let scalar = Unicode.Scalar(value) {
                return [UInt8](String(scalar).utf8)
            }
        }
        throw XMLError(offset: start, expected: "an entity that is known")
    }

    private static let entities: [(String, UInt8)] = [
        ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
        ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
    ]

    /// Reads a name: what is not white space and not one of the characters of markup.
    private mutating func name() throws(XMLError) -> Range<Int> {
        let start = index
        while index < bytes.count, !Self.endsName(bytes[index]) { index += 1 }
        guard index > start else { throw failure("a name") }
        return start..<index
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="),
            UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "&"), UInt8(ascii: "!"),
            UInt8(ascii: "?"):
            true
        default: false
        }
    }

    private mutating func skipWhiteSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// Skips a text if it comes next; whether it did.
    private mutating func skip(_ text: String) -> Bool {
        let text = text.utf8.span
        guard text.count <= bytes.count - index else { return false }
        for offset in text.indices where bytes[index + offset] != text[offset] { return false }
        index += text.count
        return true
    }

    /// Skips everything up to a text and the text itself.
    private mutating func skipBehind(_ end: String) throws(XMLError) {
        while index < bytes.count {
            if skip(end) { return }
            index += 1
        }
        throw failure("'\(end)'")
    }

    private func failure(_ expected: String) -> XMLError {
        XMLError(offset: index, expected: expected)
    }
}

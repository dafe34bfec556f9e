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

    /// Makes an element.
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

    /// The first child that has a name.
    package subscript(_ name: String) -> XML? {
        children.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// All children that have a name, in order.
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
    package var description: String {
        "invalid XML at byte \(offset): expected \(expected)"
    }
}

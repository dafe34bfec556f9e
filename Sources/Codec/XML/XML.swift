/// An XML element as a tree: enough for what S3 and STS answer.
///
/// Elements, character data, CDATA, the five named entities and numeric ones; comments and
/// processing instructions are skipped, attributes are checked and left out, namespace
/// prefixes are cut off. A document type declaration is refused, and with it every entity
/// that a document could define.
public struct XML: Equatable, Sendable {
    /// How many elements may lie within each other; one more is an error.
    public static let maximumDepth = 64

    /// The name without its namespace prefix.
    public var name: String
    /// The character data directly in the element, all of it joined.
    public var text: String
    /// The elements directly in the element, in order.
    public var children: [XML]

    /// Makes an element.
    public init(name: String, text: String = "", children: [XML] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// Reads a document; the element is its root.
    public init(parsing bytes: [UInt8]) throws(XMLError) {
        var parser = XMLParser(bytes)
        self = try parser.document()
    }

    /// The first child that has a name.
    public subscript(_ name: String) -> XML? {
        children.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// All children that have a name, in order.
    public func all(_ name: String) -> [XML] {
        children.filter { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// Why a text is not XML that is read here.
public struct XMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where it was found: the index of a byte of the text.
    public var offset: Int
    /// What should have stood there, or may not: `a name`, `no document type declaration`.
    public var expected: String

    /// `invalid XML at byte 17: expected a name`.
    public var description: String {
        "invalid XML at byte \(offset): expected \(expected)"
    }
}

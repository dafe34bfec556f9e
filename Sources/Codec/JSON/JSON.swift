/// A JSON value as a tree: for what is small, or kept as it came.
package enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    /// A number as it is written: `1.50` is not `1.5`.
    case number(String)
    case string(String)
    case array([JSON])
    /// Members in their order; of two with one name the last counts.
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var key: String
        package var value: JSON

        package init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }

        /// Whether name and value are the same, by bytes.
        package static func == (one: Member, other: Member) -> Bool {
            one.key.utf8.elementsEqual(other.key.utf8) && one.value == other.value
        }
    }

    /// Whether the values are the same: strings and numbers by bytes, members in order.
    package static func == (one: JSON, other: JSON) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)), (.string(let one), .string(let other)):
            one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }

    /// An object; members without a value are left out.
    package init(_ members: KeyValuePairs<String, JSON?>) {
        self = .object(
            members.compactMap { key, value in value.map { Member(key: key, value: $0) } }
        )
    }

    package init(parsing bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes)
        self = try reader.value()
        try reader.end()
    }

    package static func int(_ value: Int) -> JSON {
        .number(String(value))
    }

    /// The value as JSON text without white space.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The value of the last member that has a name, if this is an object.
    package subscript(_ key: String) -> JSON? {
        members?.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The time that a member is, if that is text in ISO 8601.
    package func timestamp(_ key: String) -> Timestamp? {
        self[key]?.string.flatMap(Timestamp.init(iso8601:))
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number, if this is one that is an integer of 64 bits.
    package var int: Int? {
        if case .number(let text) = self { JSONReader.int(text.utf8.span) } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    package var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}

extension JSONReader {
    /// Reads the next value as a tree.
    package mutating func value() throws(JSONError) -> JSON {
        switch try kind() {
        case .null:
            try null()
            return .null
        case .bool: return .bool(try bool())
        case .number: return .number(try number())
        case .string: return .string(try string())
        case .array:
            var elements: [JSON] = []
            try array { (element) throws(JSONError) in elements.append(try element.value()) }
            return .array(elements)
        case .object:
            var members: [JSON.Member] = []
            try object { (key, value) throws(JSONError) in
                members.append(JSON.Member(key: key.string, value: try value.value()))
            }
            return .object(members)
        }
    }
}

/// The six types of a JSON value.
package enum JSONKind: Equatable, Sendable {
    case null, bool, number, string, array, object

    /// The type with its article, as messages say it: `an object`.
    package var name: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON {
    /// The value as JSON text for people: a member or an element a line, two spaces a level.
    package func indented() -> [UInt8] {
        var bytes: [UInt8] = []
        writeIndented(to: &bytes, level: 0)
        return bytes
    }

    private func writeIndented(to bytes: inout [UInt8], level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                Self.beginLine(&bytes, level: level + 1, isFirst: index == 0)
                element.writeIndented(to: &bytes, level: level + 1)
            }
            Self.beginLine(&bytes, level: level, isFirst: true)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                Self.beginLine(&bytes, level: level + 1, isFirst: index == 0)
                bytes += JSON.string(member.key).encoded()
                bytes += ": ".utf8
                member.value.writeIndented(to: &bytes, level: level + 1)
            }
            Self.beginLine(&bytes, level: level, isFirst: true)
            bytes.append(UInt8(ascii: "}"))
        default:
            bytes += encoded()
        }
    }

    private static func beginLine(_ bytes: inout [UInt8], level: Int, isFirst: Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: 2 * level)
    }
}

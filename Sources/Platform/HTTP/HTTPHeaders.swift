/// Header fields in order; names are compared without regard to ASCII case.
package struct HTTPHeaders: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    /// One header field.
    package struct Field: Equatable, Sendable {
        /// The field's name, in the case in which it was written.
        package var name: String
        /// The field's value, without surrounding white space.
        package var value: String

        /// Makes a field.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in order.
    package private(set) var fields: [Field]

    /// No fields.
    package init() {
        self.fields = []
    }

    /// Fields in the order in which they are written down.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// Adds a field after the others.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The first field of that name; setting replaces all of that name, `nil` removes them.
    package subscript(name: String) -> String? {
        get {
            for field in fields where equalsIgnoringASCIICase(field.name, name) {
                return field.value
            }
            return nil
        }
        set {
            fields.removeAll { equalsIgnoringASCIICase($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }
}

/// Whether two strings are the same bytes once ASCII letters are lower-cased.
package func equalsIgnoringASCIICase(_ one: String, _ other: String) -> Bool {
    let one = one.utf8.span
    let other = other.utf8.span
    guard one.count == other.count else { return false }
    for index in one.indices where one[index] != other[index] {
        let lowered = one[index] | 0x20
        let isLetter = lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z")
        guard isLetter, lowered == other[index] | 0x20 else { return false }
    }
    return true
}

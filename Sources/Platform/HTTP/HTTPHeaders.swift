package import Codec

/// Header fields in order; names are compared without regard to ASCII case.
package struct HTTPHeaders: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var fields: [NamedValue]

    package init() {
        self.fields = []
    }

    /// Fields in the order in which they are written down.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.fields = elements.map { NamedValue($0.0, $0.1) }
    }

    package mutating func append(_ name: String, _ value: String) {
        fields.append(NamedValue(name, value))
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

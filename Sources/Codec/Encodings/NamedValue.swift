/// A text and its name: a header field, a query's field, a variable, an entry of metadata.
package struct NamedValue: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A text and the name that it goes by: a variable, an entry of an object's metadata.
package struct NamedValue: Equatable, Sendable {
    /// The name.
    package var name: String
    /// The value.
    package var value: String

    /// Makes one.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

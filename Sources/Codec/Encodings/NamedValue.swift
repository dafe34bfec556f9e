/// A text and the name that it goes by: a variable, an entry of an object's metadata.
public struct NamedValue: Equatable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// Makes one.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// One entry of a map of templates, such as a pipeline's variable.
public struct NamedTemplate: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: Template
}

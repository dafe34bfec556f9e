/// One entry of a map of templates, such as a pipeline's variable.
public struct NamedTemplate: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: Template
}

/// The same entry for one change: all placeholders filled.
public struct NamedText: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String
}

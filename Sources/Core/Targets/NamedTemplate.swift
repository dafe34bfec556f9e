/// One entry of a map of templates, such as a pipeline's variable.
package struct NamedTemplate: Equatable, Sendable {
    /// Its name.
    package var name: String
    /// Its value.
    package var value: Template
}

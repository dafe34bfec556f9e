/// An environment variable that is missing or malformed; says which, never its value.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    package var variable: String
    /// What is wrong with it: `is missing`.
    package var reason: String

    package init(_ variable: String, _ reason: String) {
        self.variable = variable
        self.reason = reason
    }

    /// `AWS_REGION is missing`.
    package var description: String { "\(variable) \(reason)" }
}

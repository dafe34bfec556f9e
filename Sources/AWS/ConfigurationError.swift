/// An environment variable that is missing or malformed; says which, never its value.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The variable's name.
    public var variable: String
    /// What is wrong with it: `is missing`.
    public var reason: String

    /// Makes an error about a variable.
    public init(_ variable: String, _ reason: String) {
        self.variable = variable
        self.reason = reason
    }

    /// `AWS_REGION is missing`.
    public var description: String {
        "\(variable) \(reason)"
    }
}

/// The six types of a JSON value.
package enum JSONKind: Equatable, Sendable {
    case null, bool, number, string, array, object

    /// The type with its article, as messages say it: `an object`.
    package var name: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

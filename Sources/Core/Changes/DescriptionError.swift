internal import Codec

/// Why a delivery cannot be read as what it says it is.
package struct DescriptionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being read, and what is wrong with it where.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The error of reading a thing as JSON.
    static func unreadable(_ what: String, _ error: JSONError) -> DescriptionError {
        DescriptionError("reading the \(what): \(error)")
    }

    /// The error of a thing that lacks a member.
    static func lacks(_ what: String, _ member: String) -> DescriptionError {
        DescriptionError("reading the \(what): it has no \(member)")
    }
}

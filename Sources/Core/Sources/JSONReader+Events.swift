import Codec

extension JSONReader {
    /// Reads an object, or `null` as one without members.
    mutating func members(
        _ member: (_ key: JSONKey, _ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try kind() == .null { try null() } else { try object(member) }
    }

    /// Reads an array, or `null` as one without elements.
    mutating func elements(
        _ element: (_ value: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try kind() == .null { try null() } else { try array(element) }
    }

    /// Reads one string member of an object, such as a sender's login.
    mutating func string(_ name: String) throws(JSONError) -> String? {
        var found: String?
        try members { (key, value) throws(JSONError) in
            if key == name { found = try value.optionalString() }
        }
        return found
    }
}

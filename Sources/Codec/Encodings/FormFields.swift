/// The fields of an `application/x-www-form-urlencoded` body, or of a query string.
///
/// A view: a field is decoded when it is asked for, so that a body of megabytes is held
/// twice at most. Names and values are bytes, in the order in which they stand.
package struct FormFields {
    private let body: [UInt8]

    /// The fields of a body.
    package init(_ body: [UInt8]) {
        self.body = body
    }

    /// The decoded value of the first field that has a name.
    ///
    /// `nil` where there is none or its encoding is broken (a `%` without two digits).
    package func value(named name: String) -> [UInt8]? {
        let wanted = name.utf8.span
        var start = 0
        while let field = field(from: start) {
            start = field.end + 1
            guard let decoded = decode(field.name), decoded.count == wanted.count else { continue }
            if decoded.elementsEqual(name.utf8) { return decode(field.value) }
        }
        return nil
    }

    /// All fields, decoded, or `nil` where the encoding of one is broken.
    package func all() -> [(name: [UInt8], value: [UInt8])]? {
        var fields: [(name: [UInt8], value: [UInt8])] = []
        var start = 0
        while let field = field(from: start) {
            start = field.end + 1
            guard let name = decode(field.name), let value = decode(field.value) else { return nil }
            fields.append((name, value))
        }
        return fields
    }

    /// The next field that is not empty, from an index on.
    private func field(from start: Int) -> (name: Range<Int>, value: Range<Int>, end: Int)? {
        let text = body.span
        var start = start
        while start < text.count {
            let end = text.firstIndex(of: UInt8(ascii: "&"), in: start..<text.count)
            if end > start {
                let equals = text.firstIndex(of: UInt8(ascii: "="), in: start..<end)
                return (start..<equals, min(equals + 1, end)..<end, end)
            }
            start = end + 1
        }
        return nil
    }

    private func decode(_ range: Range<Int>) -> [UInt8]? {
        PercentEncoding.decode(body.span.extracting(range), plusIsSpace: true)
    }
}

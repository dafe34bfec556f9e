/// Percent-encoding (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// Encodes every byte but the unreserved (section 2.3: letters, digits, `-._~`), in upper case.
    ///
    /// - Parameter keepingSlash: A `/` stays one: for a path, not for a query or one segment.
    package static func encode(_ text: String, keepingSlash: Bool = false) -> String {
        func stays(_ byte: UInt8) -> Bool {
            isUnreserved(byte) || keepingSlash && byte == UInt8(ascii: "/")
        }
        guard !text.utf8.allSatisfy(stays) else { return text }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(3 * text.utf8.count)
        for byte in text.utf8 {
            if stays(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(contentsOf: Hex.upper([byte]).utf8)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Decodes; `nil` if a `%` has no two hexadecimal digits behind it.
    ///
    /// - Parameter plusIsSpace: A `+` is a space, as in forms; else it stays one.
    package static func decode(_ text: [UInt8], plusIsSpace: Bool) -> [UInt8]? {
        decode(text.span, plusIsSpace: plusIsSpace)
    }

    static func decode(_ text: Span<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var isValid = true
        let decoded = [UInt8](capacity: text.count) { output in
            var index = 0
            while index < text.count {
                let byte = text[index]
                if byte == UInt8(ascii: "%") {
                    guard index + 2 < text.count, let high = Hex.value(of: text[index + 1]),
                        let low = Hex.value(of: text[index + 2])
                    else {
                        isValid = false
                        return
                    }
                    output.append(high << 4 | low)
                    index &+= 3
                } else {
                    let isSpace = plusIsSpace && byte == UInt8(ascii: "+")
                    output.append(isSpace ? UInt8(ascii: " ") : byte)
                    index &+= 1
                }
            }
        }
        return isValid ? decoded : nil
    }

    /// Names and values in their order, encoded: a query or a form's body.
    ///
    /// An empty value is written as `name=`.
    package static func encode(_ fields: [NamedValue]) -> String {
        var text = ""
        for field in fields {
            if !text.utf8.isEmpty { text += "&" }
            text += encode(field.name) + "=" + encode(field.value)
        }
        return text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: byte.isASCIILetterOrDigit
        }
    }
}

/// The fields of an `application/x-www-form-urlencoded` body, or of a query string.
///
/// A view: a field is decoded when it is asked for, so that a body of megabytes is held
/// twice at most. Names and values are bytes, in the order in which they stand.
package struct FormFields {
    private let body: [UInt8]

    package init(_ body: [UInt8]) {
        self.body = body
    }

    /// The decoded value of the first field that has a name.
    ///
    /// `nil` if there is none or its encoding is broken (a `%` without two digits).
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

    /// All fields, decoded, or `nil` if the encoding of one is broken.
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

internal import Codec

/// The first 64 code points of a text, for messages.
func clipped(_ text: String) -> String {
    let start = text.cut(to: 64)
    return start.utf8.count < text.utf8.count ? start + "…" : text
}

/// `and 3 more`: what follows the first ones of many.
package func andMore(_ count: Int) -> String { "and \(count) more" }

/// A text as a record shows it: the first 256 bytes where it has more, and `…`.
///
/// Thousands of rules may be in a record.
func shortened(_ text: [UInt8]) -> [UInt8] {
    var end = 256
    guard text.count > end else { return text }
    while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
    return text[..<end] + Array("…".utf8)
}

/// Whether two texts are the same, by bytes: a string's own equality is not.
func isSame(_ one: String, _ other: String) -> Bool {
    let one = one.utf8.span
    let other = other.utf8.span
    guard one.count == other.count else { return false }
    for index in 0..<one.count where one[index] != other[index] { return false }
    return true
}

extension ArraySlice<UInt8> {
    /// Whether other bytes lie at an index, which is not before the start.
    func holds(_ other: [UInt8], at index: Int) -> Bool {
        guard other.count <= endIndex - index else { return false }
        for offset in other.indices where self[index + offset] != other[offset] { return false }
        return true
    }

    /// Whether other bytes lie anywhere in these.
    func holds(_ other: [UInt8]) -> Bool {
        let bytes = span
        let other = other.span
        guard other.count > 0 else { return true }
        guard other.count <= bytes.count else { return false }
        for start in 0...(bytes.count - other.count) where bytes[start] == other[0] {
            var offset = 1
            while offset < other.count, bytes[start + offset] == other[offset] { offset += 1 }
            if offset == other.count { return true }
        }
        return false
    }
}

/// Whether bytes sort before others.
func isBefore(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    for index in 0..<min(one.count, other.count) where one[index] != other[index] {
        return one[index] < other[index]
    }
    return one.count < other.count
}

extension JSON {
    /// What the value is, as a message shows it.
    var inWords: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): "the number \(clipped(text))"
        case .string(let text): "the string '\(clipped(text))'"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension [JSON.Member] {
    /// Of the members with one name the last, which is the one that counts, in their order.
    var lastOfEachName: [JSON.Member] {
        let byName = indicesInOrder(of: map { [UInt8]($0.key.utf8) })
        var isLast = [Bool](repeating: true, count: count)
        for (index, next) in zip(byName, byName.dropFirst()) {
            isLast[index] = !isSame(self[index].key, self[next].key)
        }
        return indices.compactMap { isLast[$0] ? self[$0] : nil }
    }
}

extension [String] {
    /// Whether a text is among these, by bytes.
    func containsText(_ text: String) -> Bool {
        contains { isSame($0, text) }
    }

    /// `a, b or c`.
    package var alternatives: String {
        guard count > 1, let last else { return joined("") }
        return "\([String](dropLast()).joined(", ")) or \(last)"
    }

    /// The texts one after the other.
    func joined(_ separator: String) -> String {
        var text = ""
        for (index, part) in enumerated() {
            if index > 0 { text += separator }
            text += part
        }
        return text
    }
}

internal import Platform

/// The first 64 code points of a text, for messages.
func clipped(_ text: String) -> String {
    let start = text.cut(to: 64)
    return start.utf8.count < text.utf8.count ? start + "…" : text
}

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
package func isSame(_ one: String, _ other: String) -> Bool {
    let one = one.utf8.span
    let other = other.utf8.span
    guard one.count == other.count else { return false }
    for index in 0..<one.count where one[index] != other[index] { return false }
    return true
}

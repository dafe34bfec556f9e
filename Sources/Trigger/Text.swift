internal import Platform

/// The first 64 code points of a text, for messages.
func clipped(_ text: String) -> String {
    let start = text.cut(to: 64)
    return start.utf8.count < text.utf8.count ? start + "…" : text
}

/// Whether two texts are the same, by bytes: a string's own equality is not.
public func isSame(_ one: String, _ other: String) -> Bool {
    let one = one.utf8.span
    let other = other.utf8.span
    guard one.count == other.count else { return false }
    for index in 0..<one.count where one[index] != other[index] { return false }
    return true
}

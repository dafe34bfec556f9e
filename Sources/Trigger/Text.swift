extension String {
    /// The first characters, counted as code points.
    func cut(to maximum: Int) -> String {
        let scalars = unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: maximum, limitedBy: scalars.endIndex)
        guard let end else { return self }
        return String(scalars[..<end])
    }

    /// The same on one line: each line break (CR, LF, both, NEL, U+2028, U+2029) is a space.
    var onOneLine: String {
        var line = ""
        var last: Unicode.Scalar = " "
        for scalar in unicodeScalars {
            switch scalar {
            case "\n" where last == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": line.unicodeScalars.append(" ")
            default: line.unicodeScalars.append(scalar)
            }
            last = scalar
        }
        return line
    }
}

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

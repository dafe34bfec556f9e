/// A character that stands for every `*` of a text.
///
/// An alias of YAML begins with one, and is plain text without it. Both are one column wide.
struct Asterisk {
    private let scalar: Unicode.Scalar

    /// One of those for private use that a text does not have; `nil` where it has all of them.
    init?(absentIn text: String) {
        let reserved: ClosedRange<UInt32> = 0xE000...0xF8FF
        let used = Set(text.unicodeScalars.lazy.map(\.value).filter { reserved.contains($0) })
        guard let free = reserved.first(where: { !used.contains($0) }).flatMap(Unicode.Scalar.init)
        else { return nil }
        scalar = free
    }

    /// The text with the character in the place of each `*`.
    func hidden(in text: String) -> String { Self.replacing("*", by: scalar, in: text) }

    /// The text as it was.
    func shown(in text: String) -> String { Self.replacing(scalar, by: "*", in: text) }

    /// By code points: with a mark behind it, `*` would be another character.
    private static func replacing(
        _ one: Unicode.Scalar,
        by other: Unicode.Scalar,
        in text: String
    ) -> String {
        var replaced = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { replaced.append(scalar == one ? other : scalar) }
        return String(replaced)
    }
}

/// How a piece of text stands out on a terminal that has colours.
enum Style: String, Sendable {
    // Select Graphic Rendition parameters (ECMA-48, 8.3.117).
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

extension Terminal {
    /// The text in that style, or as it is where there are no colours.
    func styled(_ text: String, _ style: Style) -> String {
        hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

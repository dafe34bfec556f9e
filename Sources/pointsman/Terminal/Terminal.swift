import Foundation

/// Where a command's output goes: whether it may be colored, and how wide it may be.
struct Terminal: Equatable, Sendable {
    /// Columns; `nil` where the output is no terminal, so that nothing is cut for a program.
    var width: Int?
    /// Whether escape sequences are understood.
    var hasColor: Bool

    static let none = Terminal(width: nil, hasColor: false)

    /// Standard output; `NO_COLOR` (https://no-color.org) and `TERM=dumb` take colors away.
    static func standardOutput(_ choice: ColorChoice, environment: [String: String]) -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isPlain = !environment["NO_COLOR", default: ""].isEmpty || environment["TERM"] == "dumb"
        return Terminal(
            width: isTerminal ? columns(of: STDOUT_FILENO) : nil,
            hasColor: choice == .always || (choice == .auto && isTerminal && !isPlain)
        )
    }

    private static func columns(of file: Int32) -> Int {
        var size = winsize()
        let status = unsafe ioctl(file, UInt(TIOCGWINSZ), &size)
        return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

enum ColorChoice: String, CaseIterable, Sendable {
    case auto, always, never
}

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
    func styled(_ text: String, _ style: Style) -> String {
        hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// The text in at most so many columns, cut in its middle: both ends tell keys apart.
    func cutInTheMiddle(to width: Int) -> String {
        guard count > width, width > 1 else { return self }
        let tail = width / 2
        return prefix(width - 1 - tail) + "…" + suffix(tail)
    }

    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text in lines of so many columns; a longer word has a line of its own.
    func wrapped(to width: Int?) -> [String] {
        guard let width else { return [self] }
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ", omittingEmptySubsequences: false) {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return lines + [line]
    }

    /// The text as one word of a shell; `nil` of one that a terminal would not show as it is.
    var shellWord: String? {
        guard !isEmpty, unicodeScalars.allSatisfy(\.isPrintable) else { return nil }
        if wholeMatch(of: /[A-Za-z0-9_.\/:@%+=,][A-Za-z0-9_.\/:@%+=,-]*/) != nil { return self }
        return hasPrefix("-") ? nil : "'" + replacing("'", with: #"'\''"#) + "'"
    }

    /// The text with what would move a terminal's cursor or change its colors escaped.
    var printable: String {
        guard utf8.contains(where: { !(0x20..<0x7F).contains($0) }) else { return self }
        return unicodeScalars.map { $0.isPrintable ? String($0) : $0.escaped(asASCII: true) }
            .joined()
    }

    /// JSON text whose strings have what is not printable escaped: a program reads the same, and a
    /// terminal obeys nothing.
    init(printableJSON bytes: [UInt8]) {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar.isPrintable || scalar == "\n" {
                text.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        self = text
    }
}

extension Unicode.Scalar {
    /// Not for controls, line breaks and what turns the direction of the text that follows; the
    /// joiner of emoji passes.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        case .format: value == 0x200D
        default: true
        }
    }
}

extension String {
    /// The text in so many columns at the most, cut in its middle: both ends tell keys apart.
    func cutInTheMiddle(to width: Int) -> String {
        guard count > width, width > 1 else { return self }
        let tail = width / 2
        return prefix(width - 1 - tail) + "…" + suffix(tail)
    }

    /// The text with spaces behind it, so many columns wide.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text in lines of so many columns; one line where the width is not bounded.
    ///
    /// A word that is longer than a line has a line of its own, whole.
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

    /// The text without what would move a terminal's cursor or change its colours.
    var printable: String {
        guard utf8.contains(where: { !(0x20..<0x7F).contains($0) }) else { return self }
        return unicodeScalars.map { $0.isPrintable ? String($0) : $0.escaped(asASCII: true) }
            .joined()
    }

    /// JSON text with what is not printable escaped, as only its strings can hold it: a program
    /// reads the same, and a terminal obeys nothing.
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
    /// Whether it changes nothing but its own place.
    ///
    /// No control, no break of the line, nothing that turns the direction of what follows; the
    /// joiner of emoji passes.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        case .format: value == 0x200D
        default: true
        }
    }
}

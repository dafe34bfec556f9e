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

    /// The text in lines of so many columns; one line where the width is not bounded. A word that
    /// is longer than a line has a line of its own, whole.
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
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return self
        }
        return unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? scalar.escaped(asASCII: true) : String(scalar)
        }
        .joined()
    }
}

/// A line of a file as a terminal shows it, and where in it a finding is.
struct Excerpt: Equatable {
    /// The line, or as much of it as there is room for.
    var line: String
    /// Columns of the terminal before the finding.
    var indent: Int
    /// Columns of the terminal that the finding takes, at least one.
    var length: Int

    /// - Parameters:
    ///   - column: where it begins, in code points from 1.
    ///   - length: its code points.
    ///   - width: columns of the terminal that there are.
    init(of line: String, column: Int, length: Int, width: Int) {
        let scalars = Array(line.unicodeScalars)
        let start = min(column - 1, scalars.count)
        let end = length < scalars.count - start ? start + length : scalars.count
        // As much as fits from the front, else from a little before the finding.
        var first = 0
        if scalars[..<end].columns > width {
            first = start
            while first > 0, scalars[(first - 1)..<start].columns <= width / 3 { first -= 1 }
        }
        var last = first
        var columns = first > 0 ? 1 : 0
        while last < scalars.count, columns + scalars[last].columns <= width - 1 {
            columns += scalars[last].columns
            last += 1
        }
        let before = first > 0 ? "…" : ""
        let after = last < scalars.count ? "…" : ""
        self.line = before + scalars[first..<last].map(\.shown).joined() + after
        indent = before.count + scalars[first..<start].columns
        let visible = min(max(end, start), max(last, start))
        self.length = max(scalars[start..<visible].columns, 1)
    }
}

extension Collection<Unicode.Scalar> {
    fileprivate var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Unicode.Scalar {
    /// What is printed for it.
    fileprivate var shown: String {
        switch properties.generalCategory {
        case .control: self == "\t" ? "    " : "\u{FFFD}"
        // Those that change the direction of what follows.
        case .format where value != 0x200D: "\u{FFFD}"
        case .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        default: String(self)
        }
    }

    /// How many columns of a terminal that takes (Unicode Standard Annex #11, roughly).
    fileprivate var columns: Int {
        if self == "\t" { return 4 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        case .format: return value == 0x200D ? 0 : 1
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

extension Report {
    /// For people: each finding with the line that it is about, a summary last.
    func text(for terminal: Terminal) -> String {
        var lines: [String] = []
        for finding in findings {
            lines += finding.lines(for: terminal)
            lines.append("")
        }
        lines.append(terminal.styled(summary, .bold))
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Finding {
    /// Columns of an excerpt where nobody says how wide the output may be.
    private static let usualWidth = 120

    fileprivate func lines(for terminal: Terminal) -> [String] {
        let place = "\(file.printable):\(start.line):\(start.column):"
        let subject = property.isEmpty ? "" : "\(property.printable): "
        let severity = terminal.styled("\(self.severity.rawValue):", self.severity.style)
        var lines = [
            "\(terminal.styled(place, .bold)) \(severity) \(subject)\(message.printable)"
                + terminal.styled(" [\(id.rawValue)]", .dim)
        ]
        let number = String(start.line)
        let margin = String(repeating: " ", count: max(4 - number.count, 0)) + number + " | "
        let blank = String(repeating: " ", count: max(4, number.count)) + " | "
        let length = end.line == start.line ? end.column - start.column : .max
        let excerpt = Excerpt(
            of: line,
            column: start.column - lineColumn + 1,
            length: length,
            width: max((terminal.width ?? Self.usualWidth) - blank.count, 20)
        )
        lines.append(terminal.styled(margin, .dim) + excerpt.line)
        let indent = String(repeating: " ", count: excerpt.indent)
        let caret = "^" + String(repeating: "~", count: max(excerpt.length - 1, 0))
        lines.append(
            terminal.styled(blank, .dim) + indent + terminal.styled(caret, self.severity.style)
        )
        if let suggestion {
            lines.append(
                terminal.styled(blank, .dim) + indent
                    + terminal.styled(suggestion.printable, .cyan)
            )
        }
        return lines
    }
}

extension Severity {
    fileprivate var style: Style {
        switch self {
        case .note: .cyan
        case .warning: .yellow
        case .error: .red
        }
    }
}

import Codec

extension Report {
    /// Workflow commands, which GitHub Actions shows beside the lines of a pull request
    /// (GitHub documentation, "Workflow commands for GitHub Actions"); the summary is plain.
    var github: String {
        let commands = findings.map { finding in
            var properties = [
                ("file", finding.file), ("line", "\(finding.start.line)"),
                ("endLine", "\(finding.end.line)"), ("col", "\(finding.start.column)"),
            ]
            // The last column counts; where the lines differ, columns are refused.
            if finding.end.line == finding.start.line {
                properties.append(
                    ("endColumn", "\(max(finding.end.column - 1, finding.start.column))")
                )
            } else {
                properties.removeLast()
            }
            properties.append(("title", finding.id.rawValue))
            let list = properties.map { "\($0)=\($1.escapedProperty)" }.joined(separator: ",")
            return "::\(finding.severity.command) \(list)::\(finding.sentence.escapedData)\n"
        }
        return commands.joined() + summary + "\n"
    }
}

extension Severity {
    fileprivate var command: String {
        switch self {
        case .note: "notice"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

extension String {
    fileprivate var escapedData: String { escaping("%\r\n") }

    fileprivate var escapedProperty: String { escaping("%\r\n:,") }

    /// Goes by code points: CR and LF together are one character.
    ///
    /// What else is not printable is shown as everywhere: the log may be read in a terminal.
    private func escaping(_ special: String) -> String {
        var escaped = ""
        for scalar in unicodeScalars {
            if special.unicodeScalars.contains(scalar) {
                escaped += "%" + Hex.upper([UInt8](String(scalar).utf8))
            } else {
                escaped += String(scalar).printable
            }
        }
        return escaped
    }
}

import Codec
import Foundation
import Platform

/// The findings in some files.
struct Report: Sendable {
    /// In the order of the files, and of the places in each.
    var findings: [Finding] = []
    var files = 0
    var rules = 0
    /// The files that were found, and are neither rules nor templates of any.
    var passedOver: [PassedOver] = []
    /// What `--fix` has changed before; `nil` where nothing was to be.
    var fixes: [Correction.Fix]?

    /// Notes that are told only if they are asked for.
    private(set) var untoldNotes = 0

    struct PassedOver: Equatable, Sendable {
        var file: String
        var reason: String
    }

    /// Adds the findings of one rule, in the order of their places.
    mutating func add(_ more: [Finding]) {
        findings += more.enumerated().sorted { one, other in
            let (first, second) = (one.element.start, other.element.start)
            return first == second ? one.offset < other.offset : first < second
        }.map(\.element)
    }

    /// The same without the notes that say nothing about what is written: what is known later, and
    /// what providers do not tell.
    var withoutAsides: Report {
        var report = self
        report.findings.removeAll { $0.id.isAside }
        report.untoldNotes += findings.count - report.findings.count
        return report
    }

    func count(_ severity: Severity) -> Int {
        findings.count { $0.severity == severity }
    }

    /// `3 errors, 1 warning in 12 rules of 5 files` or `No problems found (12 rules in 5 files)`.
    var summary: String {
        func counted(_ count: Int, _ word: String) -> String {
            "\(count) \(word)\(count == 1 ? "" : "s")"
        }
        let found = [Severity.error, .warning, .note].filter { count($0) > 0 }
            .map { counted(count($0), $0.rawValue) }
        let (rules, files) = (counted(rules, "rule"), counted(files, "file"))
        var more = passedOver.isEmpty ? [] : [counted(passedOver.count, "other") + " passed over"]
        if untoldNotes > 0 { more.append("\(counted(untoldNotes, "note")) with --notes") }
        guard found.isEmpty else {
            let list = found.joined(separator: ", ")
            let rest = more.isEmpty ? "" : " (\(more.joined(separator: "; ")))"
            return "\(list) in \(rules) of \(files)\(rest)"
        }
        return "No problems found (\((["\(rules) in \(files)"] + more).joined(separator: "; ")))"
    }
}

enum ReportFormat: String, CaseIterable, Sendable {
    case text, json
    /// Workflow commands of GitHub Actions.
    case github
    /// SARIF 2.1.0.
    case sarif
}

/// How much the formats for people say beside the findings.
enum ReportDetail: Sendable {
    /// Nothing.
    case findings
    case summary
    /// The summary, and the name of each file that was passed over.
    case everything
}

extension Report {
    /// The report in a format; ends with a line feed, unless it is empty.
    func written(
        _ format: ReportFormat,
        _ detail: ReportDetail = .summary,
        for terminal: Terminal
    ) -> String {
        switch format {
        case .text: text(detail, for: terminal)
        case .json: json
        case .github: github(detail)
        case .sarif: sarif
        }
    }
}

extension Report {
    /// For people: each finding with the line that it is about, a summary last.
    func text(_ detail: ReportDetail = .summary, for terminal: Terminal) -> String {
        var parts = findings.map { $0.lines(for: terminal).joined(separator: "\n") }
        if detail != .findings, let fixes, !fixes.isEmpty {
            let lines = fixes.flatMap { $0.lines(for: terminal) }
            parts.insert(lines.joined(separator: "\n"), at: 0)
        }
        if detail == .everything, !passedOver.isEmpty {
            let files = passedOver.flatMap { passed in
                "passed over: \(passed.file): \(passed.reason)".printable
                    .wrapped(to: terminal.width, indent: 4)
            }
            parts.append(files.joined(separator: "\n"))
        }
        if detail != .findings { parts.append(terminal.styled(summary, .bold)) }
        return parts.isEmpty ? "" : parts.joined(separator: "\n\n") + "\n"
    }
}

extension Correction.Fix {
    fileprivate func lines(for terminal: Terminal) -> [String] {
        let place = "\(file.printable):\(start.line):\(start.column):"
        var lines = "\(place) fixed: \(sentence.printable)".wrapped(to: terminal.width, indent: 4)
        let rest = lines[0].dropFirst(place.count + 1)
        if lines[0].hasPrefix("\(place) fixed:") {
            let word = terminal.styled("fixed:", .green)
            lines[0] = "\(terminal.styled(place, .bold)) \(word)\(rest.dropFirst(6))"
        }
        return lines
    }
}

extension Finding {
    /// Columns of an excerpt where the output is no terminal.
    private static let usualWidth = 120

    fileprivate func lines(for terminal: Terminal) -> [String] {
        let place = "\(file.printable):\(start.line):\(start.column):"
        let subject = property.isEmpty ? "" : "\(property.printable): "
        let severity = terminal.styled("\(self.severity.rawValue):", self.severity.style)
        var lines =
            "\(place) \(self.severity.rawValue): \(subject)\(message.printable) [\(id.rawValue)]"
            .wrapped(to: terminal.width, indent: 4)
        if let first = lines.first?.wholeMatch(
            of: /(?<place>.*?:\d+:\d+:) (note|warning|error):(?<rest>.*)/
        ) {
            lines[0] = "\(terminal.styled(String(first.place), .bold)) \(severity)\(first.rest)"
        }
        let name = "[\(id.rawValue)]"
        if let last = lines.last, last.hasSuffix(name) {
            lines[lines.count - 1] = last.dropLast(name.count) + terminal.styled(name, .dim)
        }
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
            // Below the finding where there is room, else further to the left.
            let text = suggestion.printable
            let room = terminal.width.map { $0 - blank.count }
            let shift = room.map { max(0, min(excerpt.indent, $0 - text.count)) } ?? excerpt.indent
            for line in text.wrapped(to: room.map { $0 - shift }) {
                lines.append(
                    terminal.styled(blank, .dim) + String(repeating: " ", count: shift)
                        + terminal.styled(line, .cyan)
                )
            }
        }
        return lines
    }
}

extension String {
    /// The text in lines of so many columns, those after the first indented.
    fileprivate func wrapped(to width: Int?, indent: Int) -> [String] {
        let lines = wrapped(to: width.map { max($0 - indent, 20) })
        let blanks = String(repeating: " ", count: indent)
        return lines.prefix(1) + lines.dropFirst().map { blanks + $0 }
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

/// A line of a file as a terminal shows it, and where in it a finding is.
struct Excerpt: Equatable {
    /// The line, or as much of it as there is room for.
    var line: String
    /// Columns of the terminal before the finding.
    var indent: Int
    /// Columns of the terminal that the finding takes, at least one.
    var length: Int

    /// - Parameters:
    ///   - column: Where the finding begins, in code points from 1.
    ///   - length: Its code points.
    ///   - width: Columns of the terminal.
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
    fileprivate var shown: String {
        self == "\t" ? "    " : isPrintable ? String(self) : "\u{FFFD}"
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

extension Report {
    /// For programs: one object, described in docs/command-line.md.
    var json: String {
        let summary = JSON([
            "errors": .int(count(.error)),
            "warnings": .int(count(.warning)),
            "notes": .int(count(.note)),
            "rules": .int(rules),
            "files": .int(files),
            "passedOver": .int(passedOver.count),
        ])
        let report = JSON([
            "version": .int(1),
            "findings": .array(findings.map(\.json)),
            "fixed": fixes.map { .array($0.map(\.json)) },
            "summary": summary,
        ])
        return String(printableJSON: report.encoded()) + "\n"
    }
}

extension Correction.Fix {
    fileprivate var json: JSON {
        JSON([
            "file": .string(file),
            "line": .int(start.line),
            "column": .int(start.column),
            "property": .string(property),
            "message": .string(message),
        ])
    }
}

extension Finding {
    fileprivate var json: JSON {
        JSON([
            "id": .string(id.rawValue),
            "severity": .string(severity.rawValue),
            "file": .string(file),
            "line": .int(start.line),
            "column": .int(start.column),
            "endLine": .int(end.line),
            "endColumn": .int(end.column),
            "property": .string(property),
            "message": .string(message),
            "suggestion": suggestion.map(JSON.string),
        ])
    }

    /// The whole finding in one line: `Paths[0]: …, did you mean …`.
    var sentence: String {
        let subject = property.isEmpty ? "" : "\(property): "
        return subject + message + (suggestion.map { ", \($0)" } ?? "")
    }
}

extension Report {
    /// The Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
    var sarif: String {
        let driver = JSON([
            "name": .string("pointsman"),
            "version": .string(Version.number),
            "semanticVersion": .string(Version.withCommit),
            "rules": .array(FindingID.allCases.map(\.sarif)),
        ])
        let run = JSON([
            "tool": JSON(["driver": driver]),
            "columnKind": .string("unicodeCodePoints"),
            "results": .array(findings.map(\.sarif)),
        ])
        let log = JSON([
            "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"),
            "version": .string("2.1.0"),
            "runs": .array([run]),
        ])
        return String(printableJSON: log.encoded()) + "\n"
    }
}

extension FindingID {
    /// A `reportingDescriptor`.
    fileprivate var sarif: JSON {
        let page = "\(help) See docs/command-line.md, \"pointsman check\"."
        return JSON([
            "id": .string(rawValue),
            "shortDescription": JSON(["text": .string(help)]),
            "help": JSON(["text": .string(page)]),
            "defaultConfiguration": JSON(["level": .string(severity.rawValue)]),
        ])
    }
}

extension Finding {
    /// A `result`.
    fileprivate var sarif: JSON {
        let region = JSON([
            "startLine": .int(start.line),
            "startColumn": .int(start.column),
            "endLine": .int(end.line),
            "endColumn": .int(end.column),
        ])
        let location = JSON(["artifactLocation": JSON(["uri": .string(uri)]), "region": region])
        return JSON([
            "ruleId": .string(id.rawValue),
            "ruleIndex": FindingID.allCases.firstIndex(of: id).map(JSON.int),
            "level": .string(severity.rawValue),
            "message": JSON(["text": .string(sentence)]),
            "locations": .array([JSON(["physicalLocation": location])]),
        ])
    }

    /// The file as a reference: relative as it was named, or absolute.
    private var uri: String {
        if file.hasPrefix("/") { return URL(filePath: file).absoluteString }
        // A first segment with a colon would be a scheme, were the colon not escaped.
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(":")
        return file.addingPercentEncoding(withAllowedCharacters: allowed) ?? file
    }
}

extension Report {
    /// Workflow commands, which GitHub Actions shows beside the lines of a pull request
    /// (GitHub documentation, "Workflow commands for GitHub Actions"); the summary is plain.
    func github(_ detail: ReportDetail = .summary) -> String {
        let fixed = detail == .findings ? [] : fixes ?? []
        let notices = fixed.map { fix in
            Self.command(
                "notice",
                [("file", fix.file), ("line", "\(fix.start.line)"), ("title", "fixed")],
                fix.sentence
            )
        }
        let commands = findings.map { finding in
            var properties = [
                ("file", finding.file), ("line", "\(finding.start.line)"),
                ("endLine", "\(finding.end.line)"),
            ]
            // Where the lines differ, columns are refused.
            if finding.end.line == finding.start.line {
                let last = max(finding.end.column - 1, finding.start.column)
                properties += [("col", "\(finding.start.column)"), ("endColumn", "\(last)")]
            }
            properties.append(("title", finding.id.rawValue))
            let command = finding.severity == .note ? "notice" : finding.severity.rawValue
            return Self.command(command, properties, finding.sentence)
        }
        return (notices + commands).joined() + (detail == .findings ? "" : summary + "\n")
    }

    private static func command(
        _ name: String,
        _ properties: [(String, String)],
        _ message: String
    ) -> String {
        let list = properties.map { "\($0)=\($1.escaping("%\r\n:,"))" }.joined(separator: ",")
        return "::\(name) \(list)::\(message.escaping("%\r\n"))\n"
    }
}

extension String {
    /// Goes by code points, since CR and LF together are one character.
    ///
    /// What else is not printable is escaped as everywhere: the log may be read in a terminal.
    fileprivate func escaping(_ special: String) -> String {
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

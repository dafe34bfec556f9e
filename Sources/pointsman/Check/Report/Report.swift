/// What was found in some files.
struct Report: Sendable {
    /// In the order of the files, and of the places in each.
    var findings: [Finding] = []
    /// The files that were checked.
    var files = 0
    /// The rules in them.
    var rules = 0
    /// The files that were found, and are neither rules nor templates of any.
    var passedOver = 0

    /// Adds the findings of one rule, in the order of their places.
    mutating func add(_ more: [Finding]) {
        findings += more.enumerated().sorted { one, other in
            let (first, second) = (one.element.start, other.element.start)
            return first == second ? one.offset < other.offset : first < second
        }.map(\.element)
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
        let passed = passedOver == 0 ? nil : "\(passedOver) other passed over"
        guard found.isEmpty else {
            let list = found.joined(separator: ", ")
            return "\(list) in \(rules) of \(files)" + (passed.map { " (\($0))" } ?? "")
        }
        return "No problems found (\(rules) in \(files)\(passed.map { "; \($0)" } ?? ""))"
    }
}

/// How a report is written.
enum ReportFormat: String, CaseIterable, Sendable {
    /// For people.
    case text
    /// For programs.
    case json
    /// Workflow commands of GitHub Actions.
    case github
    /// SARIF 2.1.0.
    case sarif
}

extension Report {
    /// The report in a format; ends with a line feed.
    func written(_ format: ReportFormat, for terminal: Terminal) -> String {
        switch format {
        case .text: text(for: terminal)
        case .json: json
        case .github: github
        case .sarif: sarif
        }
    }
}

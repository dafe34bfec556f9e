struct RuleTable {
    struct Row: Equatable {
        /// One word.
        var outcome: String
        var style: Style
        var rule: String
        var clause: String
        /// A sentence; never cut.
        var reason: String
        var notes: [String] = []
    }

    var rows: [Row]

    /// The reason stands beside the clause where there is room for it, else below.
    ///
    /// Names are cut in the middle where they would take more than two fifths of the terminal.
    func lines(_ terminal: Terminal) -> [String] {
        guard !rows.isEmpty else { return [] }
        let widest = max(4, rows.map(\.rule.printable.count).max() ?? 0)
        let name = min(widest, terminal.width.map { max(16, $0 * 2 / 5) } ?? widest)
        let outcome = max(7, rows.map(\.outcome.count).max() ?? 0)
        let clause = max(6, rows.map(\.clause.printable.count).max() ?? 0)
        let beside = outcome + name + clause + 6
        let hasRoom = terminal.width.map { $0 - beside >= 50 } ?? true
        let indent = hasRoom ? beside : outcome + 2
        let heading =
            "outcome".padded(to: outcome) + "  " + "rule".padded(to: name) + "  "
            + (hasRoom ? "clause".padded(to: clause) + "  why" : "clause")
        var lines = [terminal.styled(heading, .dim)]
        for row in rows {
            let head =
                terminal.styled(row.outcome.padded(to: outcome), row.style) + "  "
                + row.rule.printable.cutInTheMiddle(to: name).padded(to: name) + "  "
            let text = ([row.reason] + row.notes).flatMap { note in
                note.printable.wrapped(to: terminal.width.map { $0 - indent })
            }
            if hasRoom {
                lines.append(head + row.clause.printable.padded(to: clause) + "  " + text[0])
            } else {
                lines.append(head + row.clause.printable)
            }
            for line in text.dropFirst(hasRoom ? 1 : 0) {
                lines.append(String(repeating: " ", count: indent) + line)
            }
        }
        return lines
    }
}

import Codec

extension Coverage {
    /// The report for people.
    func lines(_ terminal: Terminal) -> [String] {
        var lines = [terminal.styled(subject.printable, .bold), ""]
        let never = rules.filter { $0.starts == 0 }
        lines.append(terminal.styled("starts  last        rule", .dim))
        for rule in rules {
            let name = rule.name.printable.cutInTheMiddle(
                to: terminal.width.map { $0 - 20 } ?? .max
            )
            let starts = leading("\(rule.starts)", 6)
            let day = (rule.last ?? "never").printable.padded(to: 10)
            let style: Style = rule.starts == 0 ? .red : .green
            lines.append(terminal.styled("\(starts)  \(day)", style) + "  \(name)")
            if rule.starts == 0 { lines.append("                    \(rule.obstacle.printable)") }
        }
        if rules.isEmpty { lines.append("there is no rule") }
        if let gaps { lines += [""] + self.lines(gaps, terminal) }
        lines.append("")
        lines.append(
            terminal.styled(
                "\(rules.count - never.count) of \(rules.count) rules start"
                    + (gaps.map { ", \($0.count) places are covered by none" } ?? ""),
                .bold
            )
        )
        for note in notes { lines += "note: \(note)".printable.wrapped(to: terminal.width) }
        return lines
    }

    private func lines(_ gaps: [Gap], _ terminal: Terminal) -> [String] {
        var lines = [terminal.styled(" files  changes  in no rule's paths", .dim)]
        if gaps.isEmpty { lines.append("every file is in some rule's paths") }
        for gap in gaps {
            let name = gap.folder.isEmpty ? "(the root)" : gap.folder
            let text = (gap.isPartly ? "\(name), directly in it" : name).printable
            lines.append(
                leading("\(gap.files)", 6) + leading("\(gap.changes)", 9) + "  "
                    + text.cutInTheMiddle(to: terminal.width.map { $0 - 17 } ?? .max)
            )
        }
        return lines
    }

    private func leading(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The report for programs.
    var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("subject", subject)
            json.member("changes", changes)
            json.key("rules")
            json.array { json in
                for rule in rules {
                    json.object { json in
                        json.member("rule", rule.name)
                        json.member("starts", rule.starts)
                        json.member("last", rule.last)
                        json.member("failures", rule.failures)
                        json.member("mostlySkippedBy", rule.mostlyMissedBy)
                        json.member("coversAll", rule.coversAll)
                    }
                }
            }
            if let gaps {
                json.key("notCovered")
                json.array { json in
                    for gap in gaps {
                        json.object { json in
                            json.member("folder", gap.folder)
                            json.member("files", gap.files)
                            json.member("directly", gap.isPartly)
                            json.member("changes", gap.changes)
                        }
                    }
                }
            }
            json.key("notes")
            json.array { json in for note in notes { json.string(note) } }
        }
        return json.bytes
    }
}

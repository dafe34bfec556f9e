import Codec
import Core

/// How often each rule starts, and what no rule covers.
struct Coverage {
    struct RuleUse: Equatable {
        var name: String
        var starts = 0
        /// The day of the last start.
        var last: String?
        /// How often each clause kept it from starting.
        var misses: [String: Int] = [:]
        /// How often its target could not be started.
        var failures = 0
        /// Whether it looks at no path, so that it covers all of them.
        var coversAll = false
        /// Why the pushes that were looked at cannot tell whether it starts; `nil` where they can.
        var untold: String?

        /// Whether nothing is known of its starts.
        var isUntold: Bool { untold != nil && starts == 0 }

        /// Whether it is known that it never starts.
        var isIdle: Bool { starts == 0 && !isUntold }

        var obstacle: String {
            if let untold { return untold }
            if failures > 0 {
                return failures == 1 ? "it failed once" : "it failed \(failures) times"
            }
            switch mostlyMissedBy {
            case nil: return "it was never looked at"
            case Clause.rule.rawValue: return "it is invalid"
            case let clause?: return "mostly skipped by \(clause)"
            }
        }

        /// The clause that mostly kept it from starting.
        var mostlyMissedBy: String? { misses.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key }
    }

    /// A folder in which no file is covered, or the files directly in one that are not.
    struct Gap: Equatable {
        /// The folder with a `/` at its end; empty for the root.
        var folder: String
        var files: Int
        /// Whether files in folders below it are covered.
        var isPartly: Bool
        var changes: Int
    }

    /// `120 commits of main of octo-org/monorepo`.
    var subject: String
    var changes: Int
    /// The rules, those that start most often first.
    var rules: [RuleUse]
    /// What no rule covers; `nil` where paths are not known.
    var gaps: [Gap]?
    /// Remarks on the figures.
    var notes: [String] = []
}

extension Coverage {
    /// Decides all rules about each commit of a branch as if it had been pushed by itself.
    ///
    /// - Parameter listed: The rules that are looked at for such a push.
    init(
        _ listed: ListedRules,
        _ pushes: [CommitPush],
        sample: Change,
        files: [String]
    ) throws(Failure) {
        let history = CommitHistory(listed.entries.map(\.rule), sample, pushes, files: files)
        var uses: [ByteKey: RuleUse] = [:]
        for entry in listed.entries {
            var use = RuleUse(name: entry.name(prefix: listed.prefix))
            use.coversAll = entry.rule.coversAll
            use.untold = entry.rule.untold(history.fixedDecision(entry.rule.key))
            uses[ByteKey(entry.rule.key)] = use
        }
        try history.count(&uses)
        let name = "\(sample.branch ?? "") of \(sample.repository)"
        subject = pushes.count == 1 ? "1 commit of \(name)" : "\(pushes.count) commits of \(name)"
        changes = pushes.count
        rules = RuleUse.sorted(uses.values)
        gaps = Self.gaps(history, files, pushes)
        notes = ["each commit counts as one push of its own"]
        let all = rules.filter(\.coversAll).count
        if all > 0 {
            notes.append(
                all == 1
                    ? "1 of the rules looks at no path and covers every folder"
                    : "\(all) of the rules look at no path and cover every folder"
            )
        }
    }

    /// That rules are about other branches than the one whose commits were looked at; `nil` if none is.
    func noteOnBranch(_ branch: String) -> String? {
        let others = rules.count { $0.isIdle && $0.mostlyMissedBy == Clause.branches.rawValue }
        guard others > 0 else { return nil }
        let what = others == 1 ? "1 rule is" : "\(others) rules are"
        return "\(what) about other branches than '\(branch)', the one checked out: "
            + "--branch NAME counts its commits as pushes to another one"
    }

    /// The folders that no rule's patterns reach; rules that look at no path do not count.
    private static func gaps(
        _ history: CommitHistory,
        _ files: [String],
        _ pushes: [CommitPush]
    ) -> [Gap] {
        let covered = history.covered()
        var tree = FolderTree()
        for file in files {
            tree.add(file, isCovered: history.place(file).map { covered[$0] } ?? false)
        }
        var gaps = tree.gaps
        var folders: [ByteKey: Int] = [:]
        for (number, gap) in gaps.enumerated() { folders[ByteKey(gap.folder)] = number }
        // Of each path the gap that it lies in.
        let places = history.paths.enumerated().map { place, path -> Int? in
            guard !covered[place] else { return nil }
            var folder = path.text[...]
            var isOwn = true
            while !folder.isEmpty {
                let slash = folder.dropLast().lastIndex(of: "/")
                folder = slash.map { folder[...$0] } ?? ""
                if let gap = folders[ByteKey(String(folder))], isOwn || !gaps[gap].isPartly {
                    return gap
                }
                isOwn = false
            }
            return nil
        }
        for push in pushes {
            var touched: Set<Int> = []
            for path in push.commit.paths {
                if let gap = history.place(path).flatMap({ places[$0] }) { touched.insert(gap) }
            }
            for gap in touched { gaps[gap].changes += 1 }
        }
        return gaps
    }
}

extension Coverage.RuleUse {
    mutating func count(_ decision: Decision, on day: String) {
        let isStart = decision.outcome == .start
        add(
            starts: isStart ? 1 : 0,
            last: isStart ? day : nil,
            misses: [(decision.clause, isStart ? 0 : 1)]
        )
    }

    /// Counts what became of the rule in several pushes.
    mutating func add(starts: Int, last: String?, misses: [(clause: Clause, count: Int)]) {
        self.starts += starts
        if let last { self.last = Swift.max(self.last ?? last, last) }
        for (clause, count) in misses where count > 0 {
            self.misses[clause.rawValue, default: 0] += count
        }
    }

    /// Those that start most often first; last those of which nothing is known.
    static func sorted(_ uses: some Sequence<Self>) -> [Self] {
        func rank(_ use: Self) -> Int { use.isUntold ? 1 : 0 }
        return uses.sorted { (rank($0), $1.starts, $0.name) < (rank($1), $0.starts, $1.name) }
    }
}

extension Rule {
    /// Whether a push may start it no matter which paths it changed.
    fileprivate var coversAll: Bool {
        guard let definition else { return false }
        return definition.events.contains(.push) && !RuleSet([self]).hasPathPatterns
    }

    /// Why a history cannot tell whether the rule starts; `nil` where it can.
    ///
    /// - Parameter decision: What is decided about it whatever a commit changed.
    fileprivate func untold(_ decision: Decision?) -> String? {
        switch decision?.clause {
        case .events:
            let kinds = (definition?.events ?? []).map(\.rawValue)
            return "it is about \(kinds.joined(separator: " or ")), which no history holds"
        case .actors, .excludeActors: return "it asks who pushed, which no history holds"
        default: return nil
        }
    }
}

/// The folders of a repository, with how many of their files some rule covers.
struct FolderTree {
    private struct Count {
        var files = 0
        var covered = 0
        /// Files that lie directly in the folder and are not covered.
        var own = 0
    }

    private var counts: [ByteKey: Count] = [:]

    /// Adds a file to all folders that it lies in; the root's name is empty.
    mutating func add(_ path: String, isCovered: Bool) {
        var folder = Substring(path)
        var isOwn = true
        while !folder.isEmpty {
            let slash = folder.lastIndex(of: "/")
            folder = slash.map { folder[..<$0] } ?? ""
            let name = ByteKey(folder.isEmpty ? "" : "\(folder)/")
            counts[name, default: Count()].files += 1
            if isCovered { counts[name, default: Count()].covered += 1 }
            if !isCovered, isOwn { counts[name, default: Count()].own += 1 }
            isOwn = false
        }
    }

    /// The topmost folders in which nothing is covered, and the uncovered files that lie directly
    /// in a folder of which other parts are covered.
    var gaps: [Coverage.Gap] {
        var gaps: [Coverage.Gap] = []
        var within: String?
        for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
            let folder = key.text
            if let within, folder.utf8.starts(with: within.utf8) { continue }
            if count.covered == 0 {
                within = folder
                gaps.append(
                    Coverage.Gap(folder: folder, files: count.files, isPartly: false, changes: 0)
                )
            } else if count.own > 0 {
                gaps.append(
                    Coverage.Gap(folder: folder, files: count.own, isPartly: true, changes: 0)
                )
            }
        }
        return gaps
    }
}

extension Coverage {
    /// Counts what became of each rule by decision records.
    ///
    /// - Parameter names: The rules as they are now; those that no record names have never been
    ///   looked at.
    init(_ records: [SavedRecord], names: [String], prefix: String, place: String) {
        var uses: [ByteKey: RuleUse] = [:]
        for name in names { uses[ByteKey(name)] = RuleUse(name: name) }
        for record in records {
            let day = String(record.receivedAt.prefix(10))
            for rule in record.record.rules {
                let name = RuleName.short(rule.ruleKey, prefix: prefix)
                uses[ByteKey(name), default: RuleUse(name: name)].count(rule, on: day)
            }
        }
        let count = records.count
        subject = (count == 1 ? "1 delivery" : "\(count) deliveries") + " in \(place)"
        changes = count
        rules = RuleUse.sorted(uses.values)
        gaps = nil
        notes = [
            "decision records hold how many paths changed, not which: what no rule covers cannot "
                + "be known from them (--git can tell)"
        ]
    }
}

extension Coverage.RuleUse {
    fileprivate mutating func count(_ rule: RuleOutcome, on day: String) {
        switch rule.outcome {
        case .started, .alreadyStarted, .unchanged:
            starts += 1
            last = Swift.max(last ?? day, day)
        case .failed:
            failures += 1
        case .invalid, .skipped:
            misses[rule.clause, default: 0] += 1
        }
    }
}

extension Coverage {
    func lines(_ terminal: Terminal) -> [String] {
        var lines = [terminal.styled(subject.printable, .bold), ""]
        lines.append(terminal.styled("starts  last        rule", .dim))
        for rule in rules {
            let name = rule.name.printable.cutInTheMiddle(
                to: terminal.width.map { $0 - 20 } ?? .max
            )
            let starts = leading(rule.isUntold ? "?" : "\(rule.starts)", 6)
            let day = (rule.last ?? (rule.isUntold ? "unknown" : "never")).printable.padded(to: 10)
            let style: Style = rule.isUntold ? .yellow : rule.starts == 0 ? .red : .green
            lines.append(terminal.styled("\(starts)  \(day)", style) + "  \(name)")
            if rule.starts == 0 { lines.append("                    \(rule.obstacle.printable)") }
        }
        if rules.isEmpty { lines.append("there is no rule") }
        if let gaps { lines += [""] + self.lines(gaps, terminal) }
        lines.append("")
        let untold = rules.count(where: \.isUntold)
        let rest = untold > 0 ? ", of \(untold) a history cannot tell" : ""
        let starting =
            "\(rules.count { $0.starts > 0 }) of \(rules.count - untold) rules start\(rest)"
        let notCovered =
            gaps.map {
                $0.count == 1
                    ? ", 1 place is covered by none" : ", \($0.count) places are covered by none"
            } ?? ""
        lines.append(terminal.styled(starting + notCovered, .bold))
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

    var json: JSON {
        let rules = rules.map { rule in
            JSON([
                "rule": .string(rule.name),
                "starts": .int(rule.starts),
                "last": rule.last.map(JSON.string),
                "failures": .int(rule.failures),
                "mostlySkippedBy": rule.mostlyMissedBy.map(JSON.string),
                "coversAll": .bool(rule.coversAll),
                "unknown": rule.isUntold ? rule.untold.map(JSON.string) : nil,
            ])
        }
        let gaps = gaps?.map { gap in
            JSON([
                "folder": .string(gap.folder),
                "files": .int(gap.files),
                "directly": .bool(gap.isPartly),
                "changes": .int(gap.changes),
            ])
        }
        return JSON([
            "subject": .string(subject),
            "changes": .int(changes),
            "rules": .array(rules),
            "notCovered": gaps.map(JSON.array),
            "notes": .array(notes.map(JSON.string)),
        ])
    }
}

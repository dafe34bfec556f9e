import AWS
import Codec
import Core

/// A decision record that was read, and where it was found.
struct SavedRecord {
    /// Its key, or the name of the file.
    let place: String
    let record: DecisionRecord
    /// The record as it came.
    let json: JSON
    /// What has become of its rules' runs and statuses, if that was looked up.
    var results: RunResults?

    /// Reads an object of the bucket; `nil` where it is no decision record.
    init?(place: String, bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return nil }
        self.init(place: place, json: json)
    }

    /// Takes the record itself, or the log line that has it as its member `decision`.
    private init?(place: String, json: JSON) {
        let json = json["decision"] ?? json
        guard let record = DecisionRecord(parsing: json.encoded()) else { return nil }
        self.place = place
        self.record = record
        self.json = json
    }

    /// The records in a file: one as `evaluate` returns it or the bucket has it, or log lines,
    /// of which those with a decision count.
    static func all(in file: InputFile) throws(Failure) -> [SavedRecord] {
        let records = all(in: file.bytes, place: file.name)
        guard !records.isEmpty else {
            throw Failure(
                "reading \(file.name): it is no decision record and holds no log line with one"
            )
        }
        return records
    }

    private static func all(in text: [UInt8], place: String) -> [SavedRecord] {
        guard let json = try? JSON(parsing: text) else {
            return LogObjects(text).compactMap { SavedRecord(place: place, bytes: $0) }
        }
        if let one = SavedRecord(place: place, json: json) { return [one] }
        // `aws logs filter-log-events` prints its events, or of each the message alone.
        let events = json["events"]?.array ?? json.array ?? []
        return events.flatMap { event in
            let message = event["message"]?.string ?? event.string ?? ""
            return LogObjects(Array(message.utf8)).compactMap {
                SavedRecord(place: place, bytes: $0)
            }
        }
    }

    func change(_ name: String) -> String? { json["change"]?[name]?.string }

    /// When the change was received, as it is written: these sort by time.
    var receivedAt: String { change("receivedAt") ?? "" }

    var delivery: String { change("delivery") ?? "" }

    /// `push to main of octo-org/monorepo, 3 paths`.
    var summary: String { Change.summary(ofRecorded: json["change"] ?? .null) }

    /// `1 started, 3 skipped`: of all rules, also where a log line names only some; `nil` if there
    /// was none.
    var counts: String? {
        let counts = RuleOutcome.Outcome.allCases.compactMap { outcome in
            json["counts"]?[outcome.rawValue]?.int.map { "\($0) \(outcome.rawValue)" }
        }
        return counts.isEmpty ? nil : counts.joined(separator: ", ")
    }
}

extension SavedRecord {
    func lines(_ terminal: Terminal, prefix: String) -> [String] {
        var lines = [terminal.styled(summary.printable, .bold)]
        var details: [String] = []
        if let after = change("after") { details.append(after.abbreviated) }
        if let actor = change("actor") { details.append("by \(actor)") }
        details.append("received \(receivedAt), delivery \(delivery)")
        lines += details.joined(separator: " ").printable.wrapped(to: terminal.width)
            .map { terminal.styled($0, .dim) }
        if let compared = change("comparedWith") {
            lines.append("compared with \(compared)".printable)
        }
        let counts = counts
        guard !record.rules.isEmpty || counts != nil else {
            return lines + ["no rule is about this repository"]
        }
        lines.append(record.rules.isEmpty ? "no rule is named" : "")
        lines += table(prefix: prefix).lines(terminal)
        lines += ["", terminal.styled(counts ?? "", .bold)]
        for attempt in record.attempts.suffix(record.attempts.count > 1 ? 20 : 0) {
            lines.append(
                "attempt \(attempt.at.iso8601Milliseconds): \(attempt.started) started, "
                    + "\(attempt.failed) failed"
            )
        }
        return lines
    }

    func table(prefix: String) -> RuleTable {
        RuleTable(rows: ordered.map { row($0, prefix) })
    }

    /// Those that did something first, in the order of their keys.
    private var ordered: [RuleOutcome] {
        let order: [RuleOutcome.Outcome] = [
            .started, .alreadyStarted, .unchanged, .failed, .invalid, .skipped,
        ]
        return order.flatMap { outcome in record.rules.filter { $0.outcome == outcome } }
    }

    private func row(_ rule: RuleOutcome, _ prefix: String) -> RuleTable.Row {
        var notes: [String] = []
        if let answer = rule.answer { notes.append("answer: \(answer)") }
        if rule.outcome == .unchanged, change("kind") == "image" {
            notes.append("an image that has the same name as before replaces no pod")
        }
        if rule.willBeRetried { notes.append("it is tried again") }
        for run in rule.superseded {
            let commit = run.after.isEmpty ? "" : " (\(run.after.abbreviated))"
            notes.append("earlier run \(run.id)\(commit): \(run.words)")
        }
        if let context = rule.status {
            notes += results?.words(of: rule) ?? ["its status is \(context)"]
        }
        let repository = "\(change("source") ?? "")/\(change("repository") ?? "")"
        return RuleTable.Row(
            outcome: rule.outcome.rawValue,
            style: rule.outcome.style,
            rule: RuleName.short(rule.ruleKey, prefix: prefix, in: repository),
            clause: rule.clause,
            reason: rule.reason,
            notes: notes
        )
    }
}

extension RuleOutcome.Outcome {
    var style: Style {
        switch self {
        case .started, .alreadyStarted, .unchanged: .green
        case .skipped: .yellow
        case .failed, .invalid: .red
        }
    }
}

import Codec
import Trigger

/// What `explain` shows: for each change of an event all rules, or one of them.
struct ExplainReport {
    private enum Part {
        case all(ExplainedChange)
        case one(ExplainedRule)
    }

    private let event: EventFile
    private var parts: [Part] = []
    private let unplaced: [RuleFolder.Unplaced]

    /// Explains an event by the rules of a folder or of a bucket.
    ///
    /// - Parameters:
    ///   - paths: What has changed, instead of what the event lists.
    ///   - rule: The one rule that is asked about.
    init(
        _ event: EventFile,
        paths: [String],
        rule: String?,
        folder: RuleFolder?,
        bucket: Bucket?
    ) throws(Failure) {
        self.event = event
        unplaced = folder?.unplaced ?? []
        for change in event.changes {
            var change = change
            if !paths.isEmpty {
                change.paths.paths = PathList(paths.map { Path(utf8: [UInt8]($0.utf8)) })
                change.paths.incomplete = nil
            }
            var concerned: ConcernedRules?
            if let bucket { concerned = try ConcernedRules(bucket, for: change) }
            if let rule {
                let entries = concerned?.entries ?? folder?.entries ?? []
                let entry = try RuleChoice(entries).entry(named: rule)
                parts.append(.one(ExplainedRule(change, entry)))
            } else if let concerned = concerned ?? folder.map({ ConcernedRules($0, for: change) }) {
                parts.append(.all(ExplainedChange(change, concerned)))
            }
        }
    }

    /// A rule could not be read, so that nothing is known of it.
    var hasUnread: Bool {
        parts.contains { part in
            switch part {
            case .all(let change): change.count(.unread) > 0
            case .one(let rule): rule.decision?.outcome == .unread
            }
        }
    }

    /// Something is wrong with the rules that were looked at.
    var hasProblems: Bool {
        !unplaced.isEmpty
            || parts.contains { part in
                switch part {
                case .all(let change): change.count(.invalid) > 0
                case .one(let rule): rule.decision?.outcome == .invalid
                }
            }
    }

    /// The report for people.
    func lines(_ terminal: Terminal, all: Bool) -> [String] {
        var lines: [String] = []
        if parts.isEmpty { lines.append("starts nothing: \(event.description.reason.printable)") }
        for (index, part) in parts.enumerated() {
            if index > 0 { lines.append("") }
            switch part {
            case .all(let change): lines += change.lines(terminal, all: all)
            case .one(let rule): lines += rule.lines(terminal)
            }
        }
        for file in unplaced {
            lines.append(
                terminal.styled("no rule", .red) + " \(file.file): \(file.reason)".printable
            )
        }
        return lines
    }

    /// The report for programs.
    var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("event", event.name)
            json.member("outcome", event.description.outcome.rawValue)
            json.member("reason", event.description.reason)
            json.key("changes")
            json.array { json in
                for part in parts {
                    switch part {
                    case .all(let change): change.write(to: &json)
                    case .one(let rule): rule.write(to: &json)
                    }
                }
            }
            json.key("notRules")
            json.array { json in
                for file in unplaced {
                    json.object { json in
                        json.member("file", file.file)
                        json.member("reason", file.reason)
                    }
                }
            }
        }
        return json.bytes
    }
}

import ArgumentParser
import Codec
import Platform
import Trigger

/// `pointsman explain`: what the rules say about an event.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says which rules an event starts, and what the others lack.",
        discussion: """
            An event is a file, or - for standard input: a recorded request as in events/, an event \
            of API Gateway, a Function URL, CodeCommit or EventBridge, a payload of GitHub's or \
            Docker Hub's alone, or a hand-over. Who sent it is not checked. Nothing is sent or \
            started. Rules are a folder of JSON files, laid out as in the bucket or in any way, one \
            file, or the bucket itself.

            Which rules does this push start, and what do the others lack?
              pointsman explain push.json --rules rules

            Why does this one not start? Clause by clause:
              pointsman explain push.json --rules rules --rule services-api

            Would it, if these had changed?
              pointsman explain push.json --rules rules --path services/api/main.go

            What does the deployed stack say?
              pointsman explain push.json --bucket acme-pointsman --prefix mono-repo/config

            Exit status 1: a rule of the repository is invalid, or a file is no rule.
            """
    )

    @Argument(help: "The event: a file, or - for standard input.")
    var event: String

    @Option(help: "The rules: a folder or a file.")
    var rules: String?

    @OptionGroup var stack: BucketOptions

    @Option(help: "Only this rule, clause by clause: its name, key or file.")
    var rule: String?

    @Option(help: "A changed path, instead of those that the event lists; may be repeated.")
    var path: [String] = []

    @Flag(help: "Show every rule that is skipped.")
    var all = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if (rules == nil) == (stack.bucket == nil) {
            throw ValidationError("say where the rules are: either --rules or --bucket")
        }
    }

    func run() throws {
        let event = try EventFile(event, receivedAt: WallClock.system.now())
        let folder = try rules.map { path throws(Failure) in try RuleFolder(path) }
        let bucket = try stack.open()
        let report = try ExplainReport(
            event,
            paths: path,
            rule: rule,
            folder: folder,
            bucket: bucket
        )
        print(
            output.json
                ? String(printableJSON: report.json)
                : report.lines(output.terminal, all: all).joined(separator: "\n")
        )
        if report.hasUnread { throw ExitCode.undone }
        if report.hasProblems { throw ExitCode.found }
    }
}

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

import ArgumentParser
import Codec
import Core
import Platform

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

    @OptionGroup var rules: RuleSourceOptions

    @Option(help: "Only this rule, clause by clause: its name, key or file.")
    var rule: String?

    @Option(help: "A changed path, instead of those that the event lists; may be repeated.")
    var path: [String] = []

    @Flag(help: "Show every rule that is skipped.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let event = try EventFile(InputFile(event), receivedAt: WallClock.system.now())
        let report = try ExplainReport(event, paths: path, rule: rule, rules: rules.open())
        try output.show(report.json) { report.lines($0, all: all) }
        if report.count(.unread) > 0 { throw ExitCode.undone }
        if report.count(.invalid) > 0 || !report.unplaced.isEmpty { throw ExitCode.found }
    }
}

/// What `explain` shows: for each change of an event all rules, or one of them.
struct ExplainReport {
    private enum Part {
        case all(ChangeReport)
        case one(RuleReport)
    }

    private let event: EventFile
    private var parts: [Part] = []
    /// The files that are no rules.
    let unplaced: [RuleFolder.Unplaced]

    /// - Parameters:
    ///   - paths: What has changed, instead of what the event lists.
    ///   - rule: The one rule that is asked about.
    init(_ event: EventFile, paths: [String], rule: String?, rules: RuleSource) throws(Failure) {
        self.event = event
        unplaced = rules.unplaced
        for change in event.changes {
            var change = change
            if !paths.isEmpty {
                change.paths.paths = PathList(paths.map { Path(utf8: [UInt8]($0.utf8)) })
                change.paths.incomplete = nil
            }
            if let rule {
                parts.append(.one(RuleReport(change, try rules.rule(named: rule, for: change))))
            } else {
                parts.append(.all(ChangeReport(change, try rules.rules(for: change))))
            }
        }
    }

    func count(_ outcome: Decision.Outcome) -> Int {
        parts.reduce(0) { count, part in
            switch part {
            case .all(let change): count + change.count(outcome)
            case .one(let rule): count + (rule.decision?.outcome == outcome ? 1 : 0)
            }
        }
    }

    func lines(_ terminal: Terminal, all: Bool) -> [String] {
        var lines: [String] = []
        if parts.isEmpty { lines.append("starts nothing: \(event.parsed.reason.printable)") }
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

    var json: JSON {
        let changes = parts.map { part in
            switch part {
            case .all(let change): change.json
            case .one(let rule): rule.json
            }
        }
        return JSON([
            "event": .string(event.name),
            "outcome": .string(event.parsed.outcome.rawValue),
            "reason": .string(event.parsed.reason),
            "changes": .array(changes),
            "notRules": .array(
                unplaced.map { JSON(["file": .string($0.file), "reason": .string($0.reason)]) }
            ),
        ])
    }
}

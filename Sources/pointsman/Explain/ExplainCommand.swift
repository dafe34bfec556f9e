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
            started. Rules are a folder of JSON files and templates, laid out as in the bucket or in any \
            way, one file, or the bucket itself.

            Which rules does this push start, and what do the others lack?
              pointsman explain push.json --rules rules

            Why does this one not start? Clause by clause:
              pointsman explain push.json --rules rules --rule services-api

            What would this branch start once it is merged? For a comment:
              pointsman explain --git origin/main..HEAD --branch main \\
                --rules rules --format markdown

            And if these had changed?
              pointsman explain push.json --rules rules --path services/api/main.go
              git diff -z --name-only main | pointsman explain --paths-from - \\
                --repository octo-org/monorepo --branch main --rules rules

            What does the deployed stack say?
              pointsman explain push.json --stack pointsman

            Exit status 1: a rule of the repository is invalid, or a file is no rule.
            """
    )

    @Argument(help: "The event: a file, or - for standard input.")
    var event: String?

    @Option(
        help: ArgumentHelp(
            "Instead of an event: what the clone in this folder has between two commits.",
            valueName: "a..b"
        )
    )
    var git: String?

    @Option(help: "The repository, as rules name it (default: that of the remote origin).")
    var repository: String?

    @Option(help: "The branch that is pushed to (default: the one checked out).")
    var branch: String?

    @OptionGroup var rules: RuleSourceOptions

    @Option(help: "Only this rule, clause by clause: its name, key or file.")
    var rule: String?

    @Option(help: "A changed path, instead of those that the event lists; may be repeated.")
    var path: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with such paths, each ended by a zero or a line feed; - is standard input.",
            valueName: "file"
        )
    )
    var pathsFrom: String?

    @Flag(help: "Show every rule that is skipped, and every file that is no rule.")
    var all = false

    @Option(help: "The format of the output: text, json or markdown.")
    var format: ExplainFormat?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        let isByHand = event == nil && git == nil
        if isByHand, repository == nil || branch == nil || path.isEmpty && pathsFrom == nil {
            throw ValidationError(
                "name an event, or --git, or --repository and --branch with --path or --paths-from"
            )
        }
        if event != nil, git != nil || repository != nil || branch != nil {
            throw ValidationError(
                "an event says itself what it is: --git, --repository and --branch "
                    + "stand in its place"
            )
        }
        if event == "-", pathsFrom == "-" {
            throw ValidationError("standard input is either the event or --paths-from")
        }
        if output.json, format ?? .json != .json {
            throw ValidationError("--json says another format than --format")
        }
    }

    func run() throws {
        let source = try rules.open()
        var paths = path.map { Path(utf8: [UInt8]($0.utf8)) }
        if let pathsFrom { paths += try PathFile(InputFile(pathsFrom)).paths }
        let isReplaced = !path.isEmpty || pathsFrom != nil
        let report = try ExplainReport(
            asked(source),
            paths: isReplaced ? paths : nil,
            rule: rule,
            rules: source
        )
        switch output.json ? .json : format ?? .text {
        case .markdown: try StandardOutput.write(lines: report.markdown(all: all))
        case .json: try StandardOutput.write(lines: [String(printableJSON: report.json.encoded())])
        case .text: try StandardOutput.write(lines: report.lines(output.terminal, all: all))
        }
        if report.count(.unread) > 0 { throw ExitCode.undone }
        if report.count(.invalid) > 0 || !report.unplaced.isEmpty { throw ExitCode.found }
    }

    private func asked(_ source: RuleSource) throws(Failure) -> EventFile {
        let now = WallClock.system.now()
        if let event { return try EventFile(InputFile(event), receivedAt: now) }
        let local = LocalPush(repository: repository, branch: branch)
        guard let git else {
            var byHand = try local.push(source.known, at: now).event(named: pathsFrom ?? "--path")
            // There is no commit.
            for index in byHand.changes.indices { byHand.changes[index].after = nil }
            return byHand
        }
        return try local.push(git, in: GitRepository(path: "."), source.known).event(named: git)
    }
}

/// How `explain` shows what it found.
enum ExplainFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown
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
    /// The rules of templates of which too little is known.
    private let undecided: [RuleFolder.Unplaced]

    /// - Parameters:
    ///   - paths: What has changed; `nil` for what the event lists.
    ///   - rule: The one rule that is asked about.
    init(
        _ event: EventFile,
        paths: [Path]? = nil,
        rule: String? = nil,
        rules: RuleSource
    ) throws(Failure) {
        self.event = event
        unplaced = rules.unplaced
        undecided = rules.undecided
        for change in event.changes {
            var change = change
            if let paths {
                change.paths.paths = PathList(paths)
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
        for line in RuleFolder.lines(undecided: undecided) {
            lines.append(terminal.styled(line.printable, .yellow))
        }
        for line in RuleFolder.lines(unplaced, all: all) {
            lines.append(terminal.styled(line.printable, .red))
        }
        return lines
    }

    /// The same for a comment on a pull request.
    func markdown(all: Bool) -> [String] {
        var lines: [String] = []
        if parts.isEmpty { lines.append("starts nothing: \(Markdown.code(event.parsed.reason))") }
        for (index, part) in parts.enumerated() {
            if index > 0 { lines.append("") }
            switch part {
            case .all(let change): lines += change.markdown(all: all)
            case .one(let rule): lines += Markdown.block(rule.lines(.none))
            }
        }
        let unplaced =
            RuleFolder.lines(undecided: undecided) + RuleFolder.lines(unplaced, all: all)
        return lines + (unplaced.isEmpty ? [] : [""]) + unplaced.map { "- \(Markdown.code($0))" }
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
            "notRules": .array(unplaced.map(\.json)),
            "undecided": undecided.isEmpty ? nil : .array(undecided.map(\.json)),
        ])
    }
}

extension RuleFolder.Unplaced {
    fileprivate var json: JSON { JSON(["file": .string(file), "reason": .string(reason)]) }
}

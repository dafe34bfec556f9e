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

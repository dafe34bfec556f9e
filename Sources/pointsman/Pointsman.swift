import ArgumentParser
import Platform

/// The command-line tool: explains decisions, checks rules, and runs all of it on one machine.
@main
struct Pointsman: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pointsman",
        abstract: "Says why a pipeline did or did not start, before and after it happened.",
        discussion: """
            Why would this push start nothing?
              pointsman explain push.json --rules rules

            What is wrong with these rules, or this template?
              pointsman check rules template.yaml

            What was decided about a delivery of GitHub's?
              pointsman why 72d3162e-cc78-11e3-81ab-4c9367dc0958 --stack pointsman

            All of it on this machine:
              pointsman local --rules rules --dry-run

            Exit status: 0, done; 1, done, and something is wrong with what was looked at \
            (a rule that is invalid, a delivery that is not found or was refused); \
            2, it could not be done (a file, a bucket, a connection); 64, wrong usage.
            """,
        version: Version.line(of: "pointsman"),
        subcommands: [
            CheckCommand.self,
            ConsoleCommand.self,
            CoverageCommand.self,
            ExplainCommand.self,
            LocalCommand.self,
            RecoverCommand.self,
            ReplayCommand.self,
            SendCommand.self,
            WhyCommand.self,
        ]
    )

    static func main() async {
        do {
            try await run()
        } catch let failure as Failure {
            StandardError.tell(failure.description)
            exit(withError: ExitCode.undone)
        } catch {
            exit(withError: error)
        }
    }

    private static func run() async throws {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            // What is asked for, such as help, is output as any other.
            let text =
                exitCode(for: error).isSuccess ? fullMessage(for: error, columns: columns) : ""
            guard !text.isEmpty else { throw error }
            try StandardOutput.write(lines: [text])
        }
    }

    /// Examples in help are at most 80 columns wide: a terminal that has fewer wraps them itself, so
    /// that they can be copied.
    private static var columns: Int {
        max(80, Terminal.standardOutput(.never, environment: [:]).width ?? 80)
    }
}

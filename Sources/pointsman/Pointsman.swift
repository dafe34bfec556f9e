import ArgumentParser
import Core
import Platform

/// The command-line tool: explains decisions, checks rules, and runs all of it on one machine.
@main
struct Pointsman: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pointsman",
        abstract: "Says why a pipeline did or did not start, before and after it happened.",
        discussion: """
            A first rule:
              pointsman init

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
            InitCommand.self,
            LocalCommand.self,
            RecoverCommand.self,
            ReplayCommand.self,
            SchemaCommand.self,
            SendCommand.self,
            WhyCommand.self,
        ]
    )

    static func main() async {
        defer { StatusLine.clear() }
        do {
            try await run()
        } catch let failure as Failure {
            StandardError.tell(failure.description)
            exit(withError: ExitCode.undone)
        } catch {
            StatusLine.clear()
            guard let text = wrongUsage(error, CommandLine.arguments.dropFirst().first) else {
                exit(withError: error)
            }
            StandardError.write(Array("\(text)\n".utf8))
            exit(withError: exitCode(for: error))
        }
    }

    /// What is said of a command line that is wrong, with the usage of the command that was asked for.
    ///
    /// It begins as every message of the tool does; `nil` for an error that has said itself what it is.
    static func wrongUsage(_ error: any Error, _ command: String?) -> String? {
        let text = fullMessage(for: error, columns: columns)
        guard text.hasPrefix("Error: ") else { return nil }
        var message = "pointsman: " + text.dropFirst("Error: ".count)
        let asked = configuration.subcommands.first { $0.configuration.commandName == command }
        let general = "Usage: pointsman <subcommand>"
        if let asked, let command, let range = message.firstRange(of: general) {
            let usage = usageString(for: asked)
            message =
                message[..<range.lowerBound]
                + (usage.hasPrefix("Usage: ") ? usage : "Usage: \(usage)")
                + "\n  See 'pointsman \(command) --help' for more information."
        }
        return message
    }

    private static func run() async throws {
        do {
            var command = try parsed(Array(CommandLine.arguments.dropFirst()))
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

    /// The command that arguments ask for; a name that is misspelled is named before anything else.
    static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        do {
            return try parseAsRoot(arguments)
        } catch {
            guard exitCode(for: error) == .validationFailure, let slip = slip(in: arguments) else {
                throw error
            }
            throw ValidationError(slip)
        }
    }

    /// The first word that is no command, or no option of the command.
    private static func slip(in arguments: [String]) -> String? {
        func words(_ what: String, _ word: String, _ known: [String]) -> String {
            let hint = suggestion(for: word, among: known).map { ", did you mean '\($0)'?" } ?? ""
            return "there is no \(what) '\(word)'\(hint)"
        }
        let commands = configuration.subcommands
        let names = commands.map { $0.configuration.commandName ?? "" }
        guard let first = arguments.first, !first.hasPrefix("-") else { return nil }
        guard let command = commands.first(where: { $0.configuration.commandName == first }) else {
            return first == "help" ? nil : words("command", first, names)
        }
        let help = helpMessage(for: command, columns: .max)
        let options = help.matches(of: #/--[a-z][a-z-]*/#).map { String($0.output) }
        for argument in arguments.dropFirst() where argument.hasPrefix("--") {
            guard argument != "--" else { break }
            let option = String(argument.prefix { $0 != "=" })
            if !options.contains(option) { return words("option", option, options) }
        }
        return nil
    }

    /// Examples in help are at most 80 columns wide: a terminal that has fewer wraps them itself, so
    /// that they can be copied.
    private static var columns: Int {
        max(80, Terminal.standardOutput(.never, environment: [:]).width ?? 80)
    }
}

import ArgumentParser

/// The command-line tool: explains decisions, checks rules, and runs all of it on one machine.
@main
struct Pointsman: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pointsman",
        abstract: "Says why a pipeline did or did not start, before and after it happened.",
        discussion: """
            Exit status: 0, done; 1, done, and something is wrong with what was looked at \
            (a rule that is invalid, a delivery that is not found or was refused); \
            2, it could not be done (a file, a bucket, a connection); 64, wrong usage.
            """,
        subcommands: [
            LocalCommand.self,
            SendCommand.self,
        ]
    )
}

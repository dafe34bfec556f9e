import ArgumentParser
import Testing

@testable import pointsman

/// The examples in every command's help.
struct HelpTests {
    private static let commands: [any ParsableCommand.Type] =
        [Pointsman.self] + Pointsman.configuration.subcommands

    /// The lines of examples, which are those that are indented.
    private static func examples(_ command: any ParsableCommand.Type) -> [String] {
        command.configuration.discussion.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("  ") }
    }

    @Test(arguments: commands.indices)
    func `examples fit into 80 columns, so that none is wrapped`(index: Int) {
        let command = Self.commands[index]
        let help =
            index == 0
            ? Pointsman.helpMessage(columns: 80) : Pointsman.helpMessage(for: command, columns: 80)
        let lines = help.split(separator: "\n").map(String.init)
        let examples = Self.examples(command)
        #expect(!examples.isEmpty)
        for example in examples { #expect(lines.contains(example)) }
    }

    @Test(arguments: commands.indices)
    func `examples can be typed as they stand`(index: Int) throws {
        let text = Self.examples(Self.commands[index]).joined(separator: "\n")
            .replacing(#/\\\n */#, with: "")
        var count = 0
        for line in text.split(separator: "\n") {
            let bare = line.replacing(#/ # .*| >\S+| <\S+/#, with: "")
            for part in bare.split(separator: #/&&|\|/#) {
                var words = part.split(separator: " ").map(String.init)
                words.removeAll { $0.contains(#/^[A-Z_]+=/#) }
                guard words.first == "pointsman" else { continue }
                _ = try Pointsman.parseAsRoot(Array(words.dropFirst()))
                count += 1
            }
        }
        #expect(count > 0)
    }

    @Test(arguments: [
        (
            ["explian", "a", "--rules", "b"],
            "there is no command 'explian', did you mean 'explain'?"
        ),
        (["zzz"], "there is no command 'zzz'"),
        (["explain", "a", "--ruls", "b"], "there is no option '--ruls', did you mean '--rules'?"),
        (["coverage", "--gti=."], "there is no option '--gti', did you mean '--git'?"),
        (["check", "a", "--wrong"], "there is no option '--wrong'"),
        (
            ["why", "--last", "0", "--bucket", "b"],
            "--days and --last: expected a number of at least 1"
        ),
    ])
    func `a misspelled name is named`(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try Pointsman.parsed(arguments) }
        #expect(error.map { Pointsman.message(for: $0) } == message)
    }

    @Test(arguments: [
        (
            ["explain", "a", "--ruls", "b"],
            "pointsman: there is no option '--ruls', did you mean '--rules'?"
        ),
        (["coverage", "--last", "x"], "pointsman: The value 'x' is invalid for '--last <last>'"),
        (
            ["coverage", "--git", ".", "--rules", "r", "--last=-5"],
            "pointsman: --last: expected a number of at least 1, found -5"
        ),
    ])
    func `what is wrong is said as everything is, with the command's own usage`(
        arguments: [String],
        message: String
    ) throws {
        let error = try #require(throws: (any Error).self) { try Pointsman.parsed(arguments) }
        let text = try #require(Pointsman.wrongUsage(error, arguments[0]))
        #expect(text.hasPrefix(message + "\n"))
        #expect(text.contains("\nUsage: pointsman \(arguments[0]) "))
        #expect(text.hasSuffix("See 'pointsman \(arguments[0]) --help' for more information."))
    }
}

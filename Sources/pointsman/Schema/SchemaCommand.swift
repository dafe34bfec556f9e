import ArgumentParser
import Codec
import Foundation

/// `pointsman schema`: what an editor needs to know of a rule.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of a rule, for editors.",
        discussion: """
            An editor that knows it offers the properties and their values while a rule is written, and \
            underlines what cannot be. A rule may name it in the member "$schema". What a schema cannot \
            say, such as whether a text is a glob, `pointsman check` does.

              pointsman schema >rule.schema.json
            """
    )

    func run() throws {
        try StandardOutput.write(lines: [String(printableJSON: RuleSchema.schema.encoded())])
    }
}

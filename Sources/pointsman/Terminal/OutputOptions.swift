import ArgumentParser
import Foundation

/// What every command that shows something takes.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, for programs.")
    var json = false

    @Option(help: "Colour the output: auto (on a terminal), always or never.")
    var color = ColorChoice.auto

    /// Where the output goes.
    var terminal: Terminal {
        .standardOutput(color, environment: ProcessInfo.processInfo.environment)
    }
}

extension ColorChoice: ExpressibleByArgument {}

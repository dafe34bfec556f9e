import ArgumentParser
import Codec
import Core
import Foundation
import Platform

/// `pointsman console`: the decision records as a web page.
struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Shows deliveries, decisions, rules and coverage as a web page on this machine.",
        discussion: """
            A web page on 127.0.0.1 for the decision records of a stack's bucket, or of a folder laid \
            out as the bucket is below its prefix. It only reads. Ctrl-C ends it, with status 130.

            What has come, and what was decided?
              pointsman console --stack pointsman

            Which folders of this repository does no rule cover?
              pointsman console --stack pointsman --git .

            The same as files, for any web server:
              pointsman console --stack pointsman --export site
            """
    )

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("Read this folder instead of a bucket.", valueName: "dir"))
    var folder: String?

    @Option(help: "How many days to look back.")
    var days = 90

    @Option(
        help: ArgumentHelp("A clone, whose files are held against the rules.", valueName: "clone")
    )
    var git: String?

    @Option(
        help: "With --git: the repository as rules name it (default: that of the remote origin)."
    )
    var repository: String?

    @Option(help: "The port to listen on; any free one with 0.")
    var port: UInt16 = 8090

    @Option(
        help: ArgumentHelp("Write the page and all it shows as files, and end.", valueName: "dir")
    )
    var export: String?

    @Flag(help: "Let the page run a delivery again, as pointsman replay does.")
    var allowReplay = false

    @Option(
        help: ArgumentHelp(
            "With --allow-replay and --bucket: the stack's output EvaluateFunctionArn.",
            valueName: "arn or name"
        )
    )
    var function: String?

    func validate() throws {
        if folder != nil, stack.isGiven {
            throw ValidationError("either --folder, or --stack or --bucket")
        }
        guard folder != nil || stack.isKnown else {
            throw ValidationError("say where the records are: --stack, --bucket or --folder")
        }
        guard (1...36_500).contains(days) else {
            throw ValidationError("--days: expected a number from 1 to 36500")
        }
        if repository != nil, git == nil { throw ValidationError("--repository goes with --git") }
        guard allowReplay else {
            if function != nil { throw ValidationError("--function goes with --allow-replay") }
            return
        }
        if folder != nil {
            throw ValidationError(
                "--allow-replay needs a stack: a folder has no function to invoke"
            )
        }
        if export != nil { throw ValidationError("--allow-replay does not go with --export") }
        if case .bucket? = stack.place(), function == nil {
            throw ValidationError("with --bucket name the --function, or name the --stack")
        }
    }

    func run() async throws {
        let reader = reader
        if let export {
            let files = StaticConsole(folder: export, clone: clone)
            let count = try await reader.read { (library) throws(Failure) in
                try files.write(&library)
            }
            let what = count == 1 ? "delivery" : "deliveries"
            try StandardOutput.write(lines: ["\(count) \(what) in \(export)/index.html".printable])
            return
        }
        // What is wrong with the bucket is said here, before any browser asks.
        let place = try await reader.read { (library) throws(Failure) in
            try library.begin()
            return library.source.place
        }
        var site = ConsoleSite(reader)
        site.clone = clone
        if folder != nil { site.interval = 2_000 }
        if allowReplay {
            let (stack, function) = (stack, function)
            site.replay = { (key) throws(Failure) in
                let bucket = try stack.open(attemptLimit: ReplayCommand.patience)
                let recorded = try RecordedDelivery(recordedAt: key, in: bucket)
                return try ReplayCommand.evaluate(
                    recorded.change(in: bucket),
                    bucket,
                    function ?? bucket.evaluateFunction ?? ""
                )
            }
        }
        try await serve(site, place)
    }

    private var clone: ClonedFiles? { git.map { ClonedFiles(path: $0, repository: repository) } }

    private var reader: RecordReader {
        let (stack, folder, days, isExport) = (stack, folder, days, export != nil)
        return RecordReader { () throws(Failure) in
            let source =
                if let folder {
                    try ObjectSource.folder(folder, prefix: stack.keyPrefix)
                } else {
                    try ObjectSource.bucket(stack) { () throws(Failure) in try stack.open() }
                }
            var limits = RecordLibrary.Limits()
            if folder != nil { limits.interval = 1_500 }
            if isExport { limits.interval = .max }
            return RecordLibrary(source, days: days, limits: limits)
        }
    }

    private func serve(_ site: ConsoleSite, _ place: String) async throws {
        let signals = Signals()
        defer { withExtendedLifetime(signals) {} }
        let received = signals.received
        var limits = LocalServer.Limits()
        limits.body = { _ in ConsoleSite.largestBody }
        let server = try await LocalServer(port: port, hosts: .browser, limits: limits) { request in
            await site.respond(to: request)
        }
        let lines = [
            "showing \(place)".printable,
            "console: \(site.address(on: server))",
            site.replay != nil ? "who opens this address may run deliveries again" : nil,
            "Ctrl-C ends it",
        ]
        // Not buffered: a program that reads a pipe waits for the address. If it has gone, that is no error.
        let text = lines.compactMap(\.self).map { $0 + "\n" }.joined()
        try StandardOutput.write(text, ignoring: EPIPE)
        for await number in received {
            await server.stop()
            throw ExitCode(128 + number)
        }
    }
}

import AWS
import ArgumentParser
import Codec
import Foundation
import Platform

/// `pointsman local`.
struct LocalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "Runs all of it on this machine: deliveries in, decisions out.",
        discussion: """
            The real functions run as processes of their own, with the rules of a folder. S3 and \
            Lambda are answered by the tool itself; other AWS services are called with your keys, \
            or, with --dry-run, not at all. It listens on 127.0.0.1 alone. Ctrl-C ends it, with status 130.

            Try rules without AWS; send events from another terminal:
              pointsman local --rules rules --dry-run

            One event, its decisions, and the end:
              pointsman local --rules rules --dry-run \\
                --event events/github-push-services-api.json

            Start real pipelines from here:
              pointsman local --rules rules --secret-file secret --profile dev
            """
    )

    @Option(
        help: ArgumentHelp(
            "The folder of the rules; read anew for every delivery.",
            valueName: "dir"
        )
    )
    var rules: String

    @Option(help: "The port to listen on; any free one with 0.")
    var port: UInt16 = 8080

    @Option(
        help: ArgumentHelp(
            "Another name that deliveries may come by, such as a tunnel's; may be given again.",
            valueName: "name"
        )
    )
    var host: [String] = []

    @Option(
        help: ArgumentHelp(
            "The bootstrap to run (default: the one beside this tool).",
            valueName: "path"
        )
    )
    var bootstrap: String?

    @Option(
        help: ArgumentHelp(
            "A file with the secret that providers sign with (default: one is made up and printed).",
            valueName: "file"
        )
    )
    var secretFile: String?

    @Flag(help: "Start nothing: print the calls that would start targets.")
    var dryRun = false

    @Option(help: "Deliver this event file, print the decisions and end.")
    var event: String?

    @Flag(help: "Start again what an event that has come before has started already.")
    var again = false

    @OptionGroup var aws: AWSOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console(output.json ? .none : output.terminal, json: output.json)
        let settings = try settings(environment)
        let event = try event.map { try LocalEvent(file: InputFile($0)) }
        let signals = Signals()
        defer { withExtendedLifetime(signals) {} }
        let received = signals.received
        let site = try await LocalSite(settings, console: console)
        if event == nil { console.write(welcome(site, settings), or: greeting(site, settings)) }
        await site.showRules()
        let ending = await withTaskGroup(of: Ending.self) { group in
            group.addTask { .failure(await site.run()) }
            group.addTask {
                for await number in received { return .signal(number) }
                return .failure(nil)
            }
            group.addTask {
                for await failure in console.failed { return .failure(failure) }
                return .failure(nil)
            }
            if let event {
                group.addTask {
                    .delivered(isFine: await event.deliver(to: site, settings, console))
                }
            }
            let first = await group.next() ?? .failure(nil)
            await site.stop()
            group.cancelAll()
            return first
        }
        if let failure = console.failure { throw failure }
        switch ending {
        case .delivered(let isFine): throw isFine ? ExitCode.success : .found
        case .signal(let number): throw ExitCode(128 + number)
        case .failure(let failure): throw failure ?? Failure("the functions have ended")
        }
    }

    private enum Ending: Sendable {
        case failure(Failure?)
        case signal(Int32)
        case delivered(isFine: Bool)
    }

    private func settings(_ environment: [String: String]) throws(Failure) -> LocalSite.Settings {
        let (region, credentials) = try access(environment)
        return LocalSite.Settings(
            rules: rules,
            bootstrap: try Self.bootstrap(bootstrap),
            port: event == nil ? port : 0,
            hosts: host,
            secret: try secretFile.map { (file) throws(Failure) in
                try SecretSource.file(file).read()
            }
                ?? .madeUp(),
            dockerHubToken: environment["DOCKERHUB_TOKEN"].map { Secret($0) } ?? .madeUp(),
            isDryRun: dryRun,
            isForgetful: again,
            isForOneEvent: event != nil,
            credentials: credentials,
            region: region,
            environment: environment
        )
    }

    /// The bootstrap that was named, or the one that lies beside the tool.
    private static func bootstrap(_ named: String?) throws(Failure) -> String {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = own.map { URL(filePath: $0).deletingLastPathComponent() }
        let path = named ?? beside?.appending(path: "bootstrap").path ?? "bootstrap"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            let hint = named == nil ? ": name one with --bootstrap (dist/bootstrap of a build)" : ""
            throw Failure("there is no program '\(path)'\(hint)")
        }
        return path
    }

    /// The region that the functions are in, and the keys that they sign with.
    private func access(
        _ environment: [String: String]
    ) throws(Failure) -> (region: String, Credentials) {
        guard dryRun else {
            do throws(Failure) {
                let (region, found) = try aws.find(.process, HTTPClient.ofTool().transport)
                if let end = found.expires {
                    StandardError.tell("the keys end at \(end.iso8601): start it anew then")
                }
                return (region, found.credentials)
            } catch {
                throw Failure("\(error); with --dry-run none are needed")
            }
        }
        let keys = Credentials(accessKeyID: "dry-run", secretAccessKey: .madeUp())
        let region = aws.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
        return (region ?? "us-east-1", keys)
    }

    /// Where other providers than GitHub send to.
    ///
    /// A token of Docker Hub that was not made up here is nobody's but theirs who have set it.
    private func otherURLs(_ site: LocalSite, _ settings: LocalSite.Settings) -> [String] {
        let isOwn = settings.environment["DOCKERHUB_TOKEN"] != nil
        let token = isOwn ? "TOKEN" : settings.dockerHubToken.text
        return FrontDoor.paths(dockerHubToken: token).dropFirst().map { site.url + $0 }
    }

    private func greeting(_ site: LocalSite, _ settings: LocalSite.Settings) -> JSON {
        let secret = settings.secret.text
        return JSON([
            "listening": .string("\(site.url)/github"),
            "also": .array(otherURLs(site, settings).map(JSON.string)),
            "console": .string(site.consoleURL),
            "secret": secretFile == nil ? .string(secret) : nil,
        ])
    }

    private func welcome(_ site: LocalSite, _ settings: LocalSite.Settings) -> [String] {
        var lines = ["listening: \(site.url)/github"]
        lines += otherURLs(site, settings).map { "also: \($0)" }
        lines.append("console: \(site.consoleURL)")
        if secretFile == nil {
            let secret = settings.secret.text
            lines += [
                "secret, made up for this run: \(secret)",
                "to send an event, in another terminal:",
                "  export POINTSMAN_SECRET=\(secret)",
                "  pointsman send EVENT --url \(site.url) --secret-env POINTSMAN_SECRET",
            ]
        } else {
            lines.append(
                "to send an event: pointsman send EVENT --url \(site.url) --secret-file FILE"
            )
        }
        if dryRun { lines.append("dry run: nothing is started") }
        lines.append("Ctrl-C ends it")
        return lines
    }
}

/// The one event that `local --event` delivers.
struct LocalEvent: Sendable {
    let file: InputFile

    /// Delivers it, signed anew if it is a recorded request, and waits for the decisions; returns
    /// whether nothing was refused or failed.
    func deliver(
        to site: LocalSite,
        _ settings: LocalSite.Settings,
        _ console: Console
    ) async -> Bool {
        let isTaken: Bool
        if let delivery = delivery(settings) {
            let response = await site.door.respond(
                to: LocalRequest(
                    method: "POST",
                    path: delivery.path,
                    headers: delivery.headers,
                    body: delivery.body
                )
            )
            isTaken = (200..<300).contains(response.status)
        } else {
            isTaken = show(await site.webhook.invoke(file.bytes), console)
        }
        await site.evaluations.settle()
        let hasFailed = await site.evaluations.hasFailed
        return isTaken && !hasFailed
    }

    /// The request that its provider would make; `nil` of an event that AWS gives to the function.
    private func delivery(_ settings: LocalSite.Settings) -> OutgoingDelivery? {
        let recorded = try? OutgoingDelivery(
            recorded: file.bytes,
            secret: settings.secret,
            dockerHubToken: settings.dockerHubToken
        )
        if let recorded { return recorded }
        let names = Set(((try? JSON(parsing: file.bytes))?.members ?? []).map(\.key))
        guard !names.contains("requestContext") else { return nil }
        return try? OutgoingDelivery(
            payload: file.bytes,
            event: nil,
            secret: settings.secret,
            dockerHubToken: settings.dockerHubToken
        )
    }

    /// Shows the result of an event that is as Lambda gives it to the function.
    private func show(_ result: FunctionResult, _ console: Console) -> Bool {
        switch result {
        case .returned(let bytes):
            let json = String(decoding: bytes, as: UTF8.self)
            console.write("\(file.name): \(json)".printable)
            let status = (try? JSON(parsing: bytes))?["statusCode"]?.int ?? 200
            return status < 300
        case .failed(let type, let message):
            console.write("\(file.name): webhook failed: \(type): \(message)".printable)
        case .timedOut: console.write("\(file.name): webhook did not answer in time".printable)
        case .exited: console.write("\(file.name): the process of webhook ended".printable)
        }
        return false
    }
}

import AWS
import Codec
import Foundation
import Platform

/// An installation on this machine: the real functions, everything around them by the tool.
final class LocalSite: Sendable {
    /// What an installation is made of.
    struct Settings: Sendable {
        var rules: String
        var bootstrap: String
        /// The front door's port; any free one where it is 0.
        var port: UInt16
        /// Names besides this machine's own that the front door is asked by: a tunnel's.
        var hosts: [String] = []
        var secret: Secret
        var dockerHubToken: Secret
        var isDryRun: Bool
        /// What the functions sign with: made up in a dry run, else the user's own.
        var credentials: Credentials
        /// The environment of the tool.
        var environment: [String: String]
    }

    /// The URL of the front door, without a slash at the end.
    var url: String { "http://\(frontDoor.address)" }
    let evaluations: Evaluations
    let webhook: FunctionQueue
    private let watch: RulesWatch
    private let console: Console
    private let frontDoor: LocalServer
    private let processes: [(process: FunctionProcess, queue: FunctionQueue)]
    private let (failures, failing) = AsyncStream.makeStream(of: Failure.self)

    /// Seconds that the functions may take, as `template.yaml` has it.
    private static let timeouts = (webhook: 15.0, evaluate: 60.0)

    /// Listens on all ports; no process runs yet.
    init(_ settings: Settings, console: Console) async throws(Failure) {
        self.console = console
        let bucket = LocalBucket()
        let watch = RulesWatch(settings.rules, bucket: bucket, console: console)
        try await watch.begin()
        let webhook = FunctionQueue(timeout: Self.timeouts.webhook)
        let evaluate = FunctionQueue(timeout: Self.timeouts.evaluate)
        let evaluations = Evaluations(evaluate, console: console)
        let aws = LocalAWS(
            signature: SignatureCheck(credentials: settings.credentials),
            bucket: bucket,
            evaluations: evaluations,
            willList: { await watch.refresh() },
            show: { console.write("  would call \($0.call) \($0.input)".printable) }
        )
        let cloud = try await LocalServer { await aws.respond(to: $0) }
        let failing = self.failing
        var processes: [(process: FunctionProcess, queue: FunctionQueue)] = []
        for (name, queue) in [("webhook", webhook), ("evaluate", evaluate)] {
            let token = Secret.madeUp()
            let api = RuntimeAPIServer(
                token: token,
                functionARN: "arn:aws:lambda:local:000000000000:function:\(name)",
                queue: queue,
                initFailed: { failing.yield(Failure("\(name) cannot start: \($0)")) }
            )
            let server = try await LocalServer { await api.respond(to: $0) }
            let process = FunctionProcess(
                name: name,
                executable: settings.bootstrap,
                environment: FunctionEnvironment(settings, cloud: cloud.address)
                    .variables(of: name, runtimeAPI: server.address, token: token),
                tell: { event in Self.show(event, of: name, on: console) }
            )
            await queue.whenTimedOut { process.end() }
            processes.append((process, queue))
        }
        let door = FrontDoor(webhook: webhook, console: console)
        self.frontDoor = try await LocalServer(
            port: settings.port,
            hosts: .frontDoor(settings.hosts),
            refused: { door.show($0, $1) }
        ) { request in
            await door.respond(to: request)
        }
        (self.watch, self.webhook, self.evaluations) = (watch, webhook, evaluations)
        self.processes = processes
    }

    /// Runs the processes and watches the rules; returns what is wrong where it cannot go on.
    func run() async -> Failure? {
        await withTaskGroup(of: Failure?.self) { group in
            group.addTask { [watch] in
                await watch.watch()
                return nil
            }
            for (process, queue) in processes {
                group.addTask {
                    do throws(Failure) {
                        try await process.run(ended: { await queue.processEnded() })
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            group.addTask { [failures] in
                for await failure in failures { return failure }
                return nil
            }
            let first = await group.next() ?? nil
            for (process, _) in processes { process.stop() }
            group.cancelAll()
            return first
        }
    }

    /// Ends the processes and waits until they are gone; what still waits for one is told.
    func stop() async {
        for (process, _) in processes { process.stop() }
        for (_, queue) in processes { await queue.close() }
        while processes.contains(where: { $0.process.isRunning }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func show(
        _ event: FunctionProcess.Event,
        of name: String,
        on console: Console
    ) {
        switch event {
        // Metrics, which CloudWatch takes out of the log, are for nobody who reads it.
        case .log(let line) where line.contains(#""_aws":{"#): break
        case .log(let line):
            console.write(console.terminal.styled("  \(name) | \(line)".printable, .dim))
        case .ended(let how, let pause):
            let text = "\(name) \(how); it is started again in \(pause) s"
            console.write(console.terminal.styled(text, .yellow))
        }
    }
}

extension Secret {
    /// 128 random bits in hexadecimal digits.
    static func madeUp() -> Secret {
        let random = Randomness.system
        return Secret(String(random.next(), radix: 16) + String(random.next(), radix: 16))
    }
}

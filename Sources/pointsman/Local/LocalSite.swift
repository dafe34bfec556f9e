import AWS
import Codec
import Core
import Foundation
import Platform
import Synchronization

/// An installation on this machine: the real functions, and all that is around them.
final class LocalSite: Sendable {
    struct Settings: Sendable {
        var rules: String
        var bootstrap: String
        /// The front door's port; any free one where it is 0.
        var port: UInt16
        /// Further names that requests may be for: a tunnel's.
        var hosts: [String] = []
        var secret: Secret
        var dockerHubToken: Secret
        var isDryRun: Bool
        /// Whether an event that has come before starts everything again.
        var isForgetful = false
        /// Whether it is for one event: a function that cannot take it is not started again.
        var isForOneEvent = false
        /// What the functions sign with: made up in a dry run, else the user's own.
        var credentials: Credentials
        /// The region that the functions are in.
        var region: String
        var environment: [String: String]
    }

    /// The URL of the front door, without a slash at the end.
    var url: String { "http://\(frontDoor.address)" }
    /// The address of the page that shows what was decided.
    let consoleURL: String
    let evaluations: Evaluations
    let door: FrontDoor
    let webhook: FunctionQueue
    private let watch: RulesWatch
    private let console: Console
    private let frontDoor: LocalServer
    private let processes: [(process: FunctionProcess, queue: FunctionQueue)]
    private let isForOneEvent: Bool
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
        let evaluations = Evaluations(
            evaluate,
            console: console,
            willRun: { if settings.isForgetful { await bucket.forgetStarts() } }
        )
        let aws = LocalAWS(
            signature: SignatureCheck(credentials: settings.credentials),
            bucket: bucket,
            evaluations: evaluations,
            willList: { await watch.refresh() },
            show: { console.write("  would call \($0)".printable) }
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
        let pages = Self.pages(of: bucket, settings)
        self.door = door
        var limits = LocalServer.Limits()
        limits.body = { request in
            ConsoleSite.serves(request.path) ? ConsoleSite.largestBody : FrontDoor.largestBody
        }
        let frontDoor = try await LocalServer(
            port: settings.port,
            hosts: .frontDoor(settings.hosts),
            limits: limits,
            refused: { door.show($0, $1) }
        ) { request in
            ConsoleSite.serves(request.path)
                ? await pages.respond(to: request) : await door.respond(to: request)
        }
        self.frontDoor = frontDoor
        consoleURL = pages.address(on: frontDoor)
        isForOneEvent = settings.isForOneEvent
        (self.watch, self.webhook, self.evaluations) = (watch, webhook, evaluations)
        self.processes = processes
    }

    /// The page that shows what lies in the bucket.
    private static func pages(of bucket: LocalBucket, _ settings: Settings) -> ConsoleSite {
        let objects = MemoryObjects()
        let reader = RecordReader {
            var limits = RecordLibrary.Limits()
            limits.interval = 200
            let source = ObjectSource.memory(
                objects,
                prefix: RuleFolder.prefix,
                region: settings.region,
                isDryRun: settings.isDryRun
            )
            return RecordLibrary(source, days: 2, limits: limits)
        }
        var pages = ConsoleSite(reader)
        pages.interval = 1_000
        pages.willAnswer = { objects.replace(await bucket.objects) }
        return pages
    }

    /// Shows how many rules there are, and what is wrong with them.
    func showRules() async {
        await watch.show()
    }

    /// Runs the processes and watches the rules; returns what is wrong where it cannot go on.
    func run() async -> Failure? {
        await withTaskGroup(of: Failure?.self) { group in
            group.addTask { [watch] in
                await watch.watch()
                return nil
            }
            for (process, queue) in processes {
                group.addTask { [isForOneEvent] in
                    do throws(Failure) {
                        try await process.run { (end) async throws(Failure) in
                            await queue.processEnded()
                            guard isForOneEvent, await queue.polls == 0 else { return }
                            throw Failure("\(process.name) cannot start: it \(end.inWords)")
                        }
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

    /// Ends the processes, and the invocations that wait for them.
    func stop() async {
        for (process, _) in processes { process.stop() }
        for (_, queue) in processes { await queue.close() }
        while processes.contains(where: { $0.process.isRunning }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func show(_ event: FunctionProcess.Event, of name: String, on console: Console) {
        switch event {
        // Metrics, which CloudWatch takes out of the log, are not for readers.
        case .log(let line) where line.contains(#""_aws":{"#): break
        case .log(let line):
            console.write(console.terminal.styled("  \(name) | \(line)".printable, .dim))
        case .ended(let end, let pause):
            let text = "\(name) \(end.how); it is started again in \(pause) s"
            console.write(console.terminal.styled(text, .yellow))
        }
    }
}

/// The environment variables of the functions' processes.
struct FunctionEnvironment {
    private let common: [String: String]

    /// - Parameter cloud: Host and port of the server in the place of AWS.
    init(_ settings: LocalSite.Settings, cloud: String) {
        var variables = settings.environment
        for name in ["GITHUB_SECRET", "GITEA_SECRET", "GITLAB_SECRET", "DOCKERHUB_TOKEN"] {
            variables["\(name)_ARN"] = nil
        }
        variables["AWS_REGION"] = settings.region
        variables["AWS_LAMBDA_LOG_FORMAT"] = "Text"
        variables["AWS_LAMBDA_LOG_LEVEL"] = variables["AWS_LAMBDA_LOG_LEVEL"] ?? "WARN"
        if settings.isDryRun {
            for name in variables.keys where name.hasPrefix("AWS_ENDPOINT_URL") {
                variables[name] = nil
            }
            // A dry run has no Secrets Manager to read it from.
            for name in [
                "GITHUB_TOKEN_ARN", "GITEA_TOKEN_ARN", "GITLAB_TOKEN_ARN",
            ] { variables[name] = nil }
            variables["AWS_ENDPOINT_URL"] = "http://\(cloud)"
        }
        variables["AWS_ACCESS_KEY_ID"] = settings.credentials.accessKeyID
        variables["AWS_SECRET_ACCESS_KEY"] = settings.credentials.secretAccessKey.text
        variables["AWS_SESSION_TOKEN"] = settings.credentials.sessionToken?.text
        // Saved events are mostly old.
        variables["MAX_EVENT_AGE_DAYS"] = variables["MAX_EVENT_AGE_DAYS"] ?? "0"
        variables["AWS_ENDPOINT_URL_S3"] = "http://\(cloud)"
        variables["AWS_ENDPOINT_URL_LAMBDA"] = "http://\(cloud)"
        variables["S3_BUCKET"] = LocalAWS.bucketName
        variables["S3_PREFIX"] = RuleFolder.prefix
        variables["EVAL_FUNCTION_ARN"] = LocalAWS.evaluateARN
        for name in ["GITHUB_SECRET", "GITEA_SECRET", "GITLAB_SECRET"] {
            variables[name] = settings.secret.text
        }
        variables["DOCKERHUB_TOKEN"] = settings.dockerHubToken.text
        common = variables
    }

    /// - Parameters:
    ///   - runtimeAPI: Host and port.
    ///   - token: What its paths begin with.
    func variables(of function: String, runtimeAPI: String, token: Secret) -> [String: String] {
        common.merging([
            "_HANDLER": function,
            "AWS_LAMBDA_RUNTIME_API": "\(runtimeAPI)/\(token.text)",
            "AWS_LAMBDA_FUNCTION_NAME": function,
        ]) { $1 }
    }
}

/// The runs of `evaluate`: shows the result of each, and knows when all are done.
actor Evaluations {
    private let queue: FunctionQueue
    private let console: Console
    /// Called before each run, once the run before has ended.
    private let willRun: @Sendable () async -> Void
    private var last: Task<FunctionResult, Never>?
    private var underWay = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Whether one of them failed, or a target did.
    private(set) var hasFailed = false

    init(
        _ queue: FunctionQueue,
        console: Console,
        willRun: @escaping @Sendable () async -> Void = {}
    ) {
        self.queue = queue
        self.console = console
        self.willRun = willRun
    }

    /// Counts a run that will come, so that `settle` waits for it too.
    func expect() {
        underWay += 1
    }

    /// Makes a run that was counted.
    func run(_ payload: [UInt8]) async -> FunctionResult {
        let before = last
        let run = Task { [queue, willRun] in
            _ = await before?.value
            await willRun()
            return await queue.invoke(payload)
        }
        last = run
        let result = await run.value
        show(result)
        underWay -= 1
        if underWay == 0 {
            for caller in waiting { caller.resume() }
            waiting = []
        }
        return result
    }

    func settle() async {
        guard underWay > 0 else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func show(_ result: FunctionResult) {
        switch result {
        case .returned(let bytes):
            guard let saved = SavedRecord(place: "", bytes: bytes) else {
                console.write("  " + String(decoding: bytes, as: UTF8.self).printable)
                return
            }
            if saved.record.rules.contains(where: { $0.outcome == .failed }) { hasFailed = true }
            show(saved)
        case .failed(let type, let message): fail("\(type): \(message)")
        case .timedOut: fail("it did not answer in time")
        case .exited: fail("its process ended")
        }
    }

    private func show(_ saved: SavedRecord) {
        var lines = [""] + saved.lines(console.terminal, prefix: RuleFolder.prefix)
        if saved.record.rules.contains(where: { $0.outcome == .alreadyStarted }) {
            lines.append("to have an event that has come before start again, give --again")
        }
        console.write(lines + [""], or: JSON(["decision": saved.json]))
    }

    private func fail(_ why: String) {
        hasFailed = true
        let text = "evaluate failed: \(why); Lambda would try again, here it is to be sent again"
        console.write("  " + console.terminal.styled(text.printable, .red))
    }
}

/// Standard output, a whole block of lines at a time, whichever thread writes.
///
/// For programs each block is JSON, an object on each line: its own, or a `message` for each line.
final class Console: Sendable {
    let terminal: Terminal
    /// Tells when something could not be written, such as on a full disk.
    let failed: AsyncStream<Failure>
    private let failing: AsyncStream<Failure>.Continuation
    private let isForPrograms: Bool
    private let first = Mutex<Failure?>(nil)

    init(_ terminal: Terminal, json: Bool) {
        self.terminal = terminal
        self.isForPrograms = json
        (failed, failing) = AsyncStream.makeStream(of: Failure.self)
    }

    /// Why the output is not whole; `nil` if it is.
    var failure: Failure? { first.withLock { $0 } }

    /// A reader that has gone away is no error.
    func write(_ lines: String...) {
        write(lines)
    }

    /// Writes lines that stay together; for programs an object that says the same.
    func write(_ lines: [String], or object: JSON? = nil) {
        let lines =
            isForPrograms
            ? (object.map { [$0] } ?? lines.map(Self.message)).map {
                String(printableJSON: $0.encoded())
            } : lines
        let text = lines.map { $0 + "\n" }.joined()
        first.withLock { first in
            guard first == nil else { return }
            do throws(Failure) {
                try StandardOutput.write(text, ignoring: EPIPE)
            } catch {
                first = error
                failing.yield(error)
            }
        }
    }

    private static func message(_ line: String) -> JSON {
        JSON(["message": .string(line)])
    }
}

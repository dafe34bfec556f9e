import Foundation
import Synchronization

/// The process of one function: `bootstrap` under a Runtime API of its own.
///
/// A process that ends is started again, after a pause that grows.
final class FunctionProcess: Sendable {
    enum Event: Sendable {
        case log(String)
        /// It has ended by itself and starts again after those seconds.
        case ended(End, restartAfter: Double)
    }

    /// How it has ended, and what it said last.
    struct End: Sendable {
        var how: String
        var lastLines: [String]

        var inWords: String {
            lastLines.isEmpty
                ? "\(how), and said nothing"
                : "\(how), and said last: " + lastLines.joined(separator: "; ")
        }
    }

    let name: String
    private let executable: String
    private let environment: [String: String]
    private let tell: @Sendable (Event) -> Void
    private let state = Mutex(State())

    private struct State {
        var process: Process?
        var isStopping = false
        /// What it has written last, and whether that is all.
        var lastLines: [String] = []
        var hasSaidAll = true
    }

    /// Seconds before the first, second… restart of a process that ends soon; then always the last.
    static let pauses: [Double] = [0.2, 0.5, 1, 2, 5]
    /// Seconds after which a process counts as stable.
    static let settled: Double = 10
    /// Lines that are kept of what it writes.
    static let keptLines = 5
    /// Seconds that a process has between SIGTERM and SIGKILL.
    static let grace: Double = 2

    /// - Parameter tell: Takes what is to be shown, on any thread.
    init(
        name: String,
        executable: String,
        environment: [String: String],
        tell: @escaping @Sendable (Event) -> Void
    ) {
        self.name = name
        self.executable = executable
        self.environment = environment
        self.tell = tell
    }

    /// Runs the process, again and again, until `stop`; throws where it cannot be executed.
    ///
    /// - Parameter ended: Called each time before the process starts again; what it throws ends that.
    func run(ended: (End) async throws(Failure) -> Void) async throws(Failure) {
        var failures = 0
        while !state.withLock({ $0.isStopping }) {
            let began = Date()
            let how = try await runOnce()
            let end = End(how: how, lastLines: await lastLines())
            try await ended(end)
            if state.withLock({ $0.isStopping }) { return }
            failures = began.timeIntervalSinceNow < -Self.settled ? 0 : failures
            let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
            failures += 1
            tell(.ended(end, restartAfter: pause))
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    /// What the process that has ended wrote last; a child of its own may keep its output open.
    private func lastLines() async -> [String] {
        for _ in 0..<50 where !state.withLock(\.hasSaidAll) {
            try? await Task.sleep(for: .milliseconds(10))
        }
        return state.withLock(\.lastLines)
    }

    /// Ends the process and starts no other.
    func stop() {
        state.withLock { $0.isStopping = true }
        end()
    }

    /// Ends the process with SIGTERM; one that does not end by that, with SIGKILL.
    func end() {
        guard let process = state.withLock({ $0.process }), process.isRunning else { return }
        process.terminate()
        let identifier = process.processIdentifier
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.grace) {
            if process.isRunning { kill(identifier, SIGKILL) }
        }
    }

    var isRunning: Bool { state.withLock { $0.process?.isRunning ?? false } }

    /// Starts the process and returns how it ended.
    private func runOnce() async throws(Failure) -> String {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        do {
            return try await withCheckedThrowingContinuation { ended in
                process.terminationHandler = { ended.resume(returning: Self.end(of: $0)) }
                do {
                    try SignalMask.cleared { try process.run() }
                } catch {
                    ended.resume(throwing: error)
                    return
                }
                passOn(output.fileHandleForReading)
                let isLate = state.withLock { state in
                    state.process = process
                    return state.isStopping
                }
                if isLate { end() }
            }
        } catch {
            throw Failure("starting \(executable): \(error.reason)")
        }
    }

    /// Passes the lines of the log on as they come; on a thread of its own, since reading waits.
    private func passOn(_ output: FileHandle) {
        state.withLock { state in
            (state.lastLines, state.hasSaidAll) = ([], false)
        }
        Thread.detachNewThread { [self] in
            defer { state.withLock { $0.hasSaidAll = true } }
            var unfinished = Data()
            while true {
                let data = output.availableData
                unfinished += data
                while let newline = unfinished.firstIndex(of: UInt8(ascii: "\n")) {
                    log(unfinished[..<newline])
                    unfinished = Data(unfinished[(newline + 1)...])
                }
                guard data.isEmpty else { continue }
                if !unfinished.isEmpty { log(unfinished) }
                return
            }
        }
    }

    private func log(_ bytes: Data) {
        let line = String(decoding: bytes, as: UTF8.self)
        state.withLock { state in
            state.lastLines = state.lastLines.suffix(Self.keptLines - 1) + [line]
        }
        tell(.log(line))
    }

    private static func end(of process: Process) -> String {
        process.terminationReason == .uncaughtSignal
            ? "was ended by signal \(process.terminationStatus)"
            : "ended with status \(process.terminationStatus)"
    }
}

import Foundation
import Synchronization

/// A program that was run for what it prints, and has ended.
struct ProgramRun {
    let status: Int32
    let output: [UInt8]
    /// What it wrote beside its output.
    let errors: String

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - executable: Its path.
    ///   - input: What it reads from its standard input.
    ///   - environment: `nil` for this process's own.
    ///   - seconds: It is ended after that long; `nil` for one that may take as long as it does.
    init(
        _ executable: String,
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String]? = nil,
        seconds: Int? = nil
    ) throws(Failure) {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.environment = environment
        process.standardInput =
            input.isEmpty ? .nullDevice : try Self.file(holding: input, for: executable)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        let signals = EndWithProgram()
        defer { signals.cancel() }
        do {
            try SignalMask.cleared { try process.run() }
            signals.program.withLock { $0 = process.processIdentifier }
        } catch {
            throw Failure("\(executable): \(error.reason)")
        }
        let isLate = Mutex(false)
        let limit = DispatchWorkItem {
            isLate.withLock { $0 = true }
            kill(process.processIdentifier, SIGKILL)
        }
        if let seconds {
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: limit)
        }
        // Both at once: it would wait for ever once a pipe that nobody reads is full.
        let words = Mutex(Data())
        let reading = DispatchGroup()
        let reader = errors.fileHandleForReading
        DispatchQueue.global().async(group: reading) {
            let read = try? reader.readToEnd()
            words.withLock { $0 = read ?? Data() }
        }
        let read = try? output.fileHandleForReading.readToEnd()
        reading.wait()
        process.waitUntilExit()
        limit.cancel()
        if let seconds, isLate.withLock({ $0 }) {
            throw Failure("\(executable) did not end in \(seconds) s")
        }
        status = process.terminationStatus
        self.output = [UInt8](read ?? Data())
        self.errors = String(decoding: words.withLock { $0 }, as: UTF8.self)
    }

    /// A file without a name that holds some bytes: a pipe would need somebody who fills it, and whom
    /// a program that ends early would end as well.
    private static func file(
        holding bytes: [UInt8],
        for executable: String
    ) throws(Failure) -> FileHandle {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "pointsman-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        do {
            try Data(bytes).write(to: url, options: .withoutOverwriting)
            return try FileHandle(forReadingFrom: url)
        } catch {
            throw Failure("\(executable): writing what it is to read: \(error.reason)")
        }
    }

    /// The last line of what it wrote beside its output, where programs say why they failed.
    var reason: String {
        let lines = errors.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let last = lines.last { !$0.isEmpty } ?? "status \(status)"
        return last.count > 300 ? last.prefix(300) + "…" : last
    }

    /// Where a program is that is called by its name alone.
    static func path(of name: String, in searchPath: String?) -> String? {
        (searchPath ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// While a program runs, a signal that asks the tool to end ends the program first, which has a process
/// group of its own and would go on.
private final class EndWithProgram {
    /// 0 until it is there.
    let program = Mutex<pid_t>(0)
    private var sources: [any DispatchSourceSignal] = []

    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    /// How many programs run, and what the signals did before the first of them: several may run at once.
    private static let running = Mutex(
        (count: 0, before: [(@convention(c) (Int32) -> Void)?]())
    )

    init() {
        Self.running.withLock { running in
            running.count += 1
            if running.count == 1 { running.before = Self.numbers.map { signal($0, SIG_IGN) } }
        }
        sources = Self.numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                let program = program.withLock { $0 }
                if program > 0 {
                    // Neither can fail but where the program has ended.
                    _ = kill(-program, SIGKILL)
                    _ = kill(program, SIGKILL)
                }
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
        Self.running.withLock { running in
            running.count -= 1
            guard running.count == 0 else { return }
            for (number, handler) in zip(Self.numbers, running.before) {
                _ = signal(number, handler)
            }
        }
    }
}

enum SignalMask {
    /// Runs a closure with no signal blocked.
    ///
    /// Dispatch's own threads block nearly all signals, and a process that they start inherits that.
    static func cleared<Result>(_ body: () throws -> Result) rethrows -> Result {
        var none = sigset_t()
        var before = sigset_t()
        // Neither can fail with valid pointers (sigsetops(3), pthread_sigmask(3)).
        _ = unsafe sigemptyset(&none)
        _ = unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
}

import Codec
import Foundation
import Synchronization

/// Standard output, a whole block of lines at a time, whichever thread writes.
///
/// For programs each block is JSON, an object on each line: its own, or a `message` for each line.
final class Console: Sendable {
    let terminal: Terminal
    private let isForPrograms: Bool
    private let lock = Mutex(())

    init(_ terminal: Terminal, json: Bool) {
        self.terminal = terminal
        self.isForPrograms = json
    }

    /// Writes lines; nothing is said where nobody reads any more.
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
        lock.withLock { _ in
            try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        }
    }

    private static func message(_ line: String) -> JSON {
        .object([JSON.Member(key: "message", value: .string(line))])
    }
}

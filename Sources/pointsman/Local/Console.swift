import Foundation
import Synchronization

/// Standard output, a whole block of lines at a time, whichever thread writes.
final class Console: Sendable {
    let terminal: Terminal
    private let lock = Mutex(())

    init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    /// Writes lines; nothing is said where nobody reads any more.
    func write(_ lines: String...) {
        write(lines)
    }

    /// Writes lines that stay together.
    func write(_ lines: [String]) {
        let text = lines.map { $0 + "\n" }.joined()
        lock.withLock { _ in
            try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        }
    }
}

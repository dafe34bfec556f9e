import Foundation
import Platform
import Synchronization

/// What a command that takes long is doing, in one line of standard error that disappears.
///
/// Only on a terminal: in a file or in a log of CI nothing is written.
enum StatusLine {
    /// Whether a line stands there now.
    private static let isShown = Mutex(false)

    private static let isOnTerminal: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    }()

    /// Shows a text in the place of the one before it.
    static func show(_ text: String) {
        guard isOnTerminal else { return }
        isShown.withLock { isShown in
            isShown = true
            // Back to the first column, and what is behind the text goes (ECMA-48, 8.3.41).
            StandardError.write(Array("\r\(text.printable)\u{1B}[K".utf8))
        }
    }

    /// Takes the line away, before anything else is written.
    static func clear() {
        isShown.withLock { isShown in
            guard isShown else { return }
            isShown = false
            StandardError.write(Array("\r\u{1B}[K".utf8))
        }
    }
}

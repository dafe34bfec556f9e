import Foundation

/// Where a command's output goes: whether it may be coloured, and how wide it may be.
struct Terminal: Equatable, Sendable {
    /// Columns; `nil` where the output is no terminal, so that nothing is cut for a program.
    var width: Int?
    /// Whether escape sequences are understood.
    var hasColor: Bool

    /// A file or a pipe.
    static let none = Terminal(width: nil, hasColor: false)

    /// What standard output is, as the environment says: `NO_COLOR` (https://no-color.org) and
    /// `TERM=dumb` take colours away.
    static func standardOutput(_ choice: ColorChoice, environment: [String: String]) -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isPlain = !environment["NO_COLOR", default: ""].isEmpty || environment["TERM"] == "dumb"
        return Terminal(
            width: isTerminal ? columns(of: STDOUT_FILENO) : nil,
            hasColor: choice == .always || (choice == .auto && isTerminal && !isPlain)
        )
    }

    private static func columns(of file: Int32) -> Int {
        var size = winsize()
        let status = unsafe ioctl(file, UInt(TIOCGWINSZ), &size)
        return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

/// When output is coloured.
enum ColorChoice: String, CaseIterable, Sendable {
    /// On a terminal.
    case auto
    case always
    case never
}

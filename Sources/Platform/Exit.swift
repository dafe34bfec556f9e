internal import CLibraries

/// The ways in which the process ends.
public enum Exit {
    /// Ends the process at once with a status, 0 for success.
    public static func now(status: Int) -> Never {
        exit(Int32(truncatingIfNeeded: status))
    }

    /// From now on SIGTERM ends the process at once with status 0, whatever it is doing.
    ///
    /// - Returns: Whether the handler could be installed.
    public static func atOnceOnSIGTERM() -> Bool {
        pointsman_exit_on_sigterm() == 0
    }
}

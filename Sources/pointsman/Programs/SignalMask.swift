import Foundation

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

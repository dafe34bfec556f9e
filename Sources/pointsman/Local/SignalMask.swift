import Foundation

/// Which signals this thread holds back.
enum SignalMask {
    /// Does something with no signal held back, as a process that it starts is to begin.
    ///
    /// Dispatch's own threads hold back nearly all, and a process inherits that.
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

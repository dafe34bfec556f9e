internal import Platform

/// Why a delivery can be neither taken nor refused now.
///
/// Answered 503, so that GitHub shows it as failed and it can be redelivered.
struct Unavailable: Error, Equatable {
    /// What the sender may know.
    let reason: String
    /// What the log says besides.
    let cause: CallError?

    init(_ reason: String, because cause: CallError? = nil) {
        self.reason = reason
        self.cause = cause
    }
}

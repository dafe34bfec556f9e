internal import Platform

/// What came of one start.
enum StartOutcome: Equatable {
    /// The target has it; what it answered.
    case started(String)
    /// What it would have done was done already; what was found.
    case unchanged(String)
    /// The target's server declined it and would decline it again; its words.
    case skipped(String)
    /// The target refused and would refuse again; its words, and whether an attempt before
    /// that one may have started it.
    case refused(String, mayHaveStarted: Bool = false)
    /// It has not been started: worth another try; why.
    case unavailable(String)
    /// Whether it was started could not be told: worth another try; why.
    case lost(String)
}

extension StartOutcome {
    /// The same with as much of a server's words as is kept.
    var cut: Self {
        switch self {
        case .started(let answer): .started(answer.cutAsServerText)
        case .unchanged(let found): .unchanged(found.cutAsServerText)
        case .skipped(let words): .skipped(words.cutAsServerText)
        case .refused(let words, let mayHaveStarted):
            .refused(words.cutAsServerText, mayHaveStarted: mayHaveStarted)
        case .unavailable(let why): .unavailable(why.cutAsServerText)
        case .lost(let why): .lost(why.cutAsServerText)
        }
    }

    /// What a start that failed has come to.
    init(_ error: CallError) {
        let why = error.description
        self =
            if !error.isRetryable {
                .refused(why, mayHaveStarted: error.mayHaveActed)
            } else if error.mayHaveActed {
                .lost(why)
            } else {
                .unavailable(why)
            }
    }
}

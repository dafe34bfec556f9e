internal import Platform

/// What became of one start: what a target says of it, what the ledger keeps and what the decision
/// record shows are made of this.
enum StartResult: Equatable, Sendable {
    /// The target has it now; what it answered, and the run whose end its status is to say.
    case started(String, run: RunName? = nil)
    /// An earlier attempt started it; what the target answered then.
    case alreadyStarted(String, run: RunName? = nil)
    /// What it would have done was done already; what was found.
    case unchanged(String)
    /// The target's server declined it and would decline it again; its words.
    case skipped(String)
    /// It was not sent, since a newer change was started; the reason, and what else is to be said.
    case heldBack(String, note: String?)
    /// The target refused it and would refuse it again; its words, and whether an earlier request
    /// may have started it.
    case refused(String, outcomeUnknown: Bool = false)
    /// This attempt has not started it, and it is worth another try; why. Another attempt may be starting it.
    case pending(String)
    /// Whether it was started is unknown, and it is worth another try; why.
    case lost(String)
}

extension StartResult {
    /// What a start has come to whose call failed.
    init(_ error: CallError) {
        let why = error.description
        self =
            if !error.isRetryable {
                .refused(why, outcomeUnknown: error.mayHaveActed)
            } else if error.mayHaveActed {
                .lost(why)
            } else {
                .pending(why)
            }
    }

    /// The same with as much of a server's words as is kept.
    var cut: Self {
        switch self {
        case .started(let answer, let run): .started(answer.cutAsServerText, run: run)
        case .alreadyStarted(let answer, let run):
            .alreadyStarted(answer.cutAsServerText, run: run)
        case .unchanged(let found): .unchanged(found.cutAsServerText)
        case .skipped(let words): .skipped(words.cutAsServerText)
        case .heldBack: self
        case .refused(let words, let outcomeUnknown):
            .refused(words.cutAsServerText, outcomeUnknown: outcomeUnknown)
        case .pending(let why): .pending(why.cutAsServerText)
        case .lost(let why): .lost(why.cutAsServerText)
        }
    }

    /// The run that was started, now or before, if its rule has a `Status` or `Supersede`.
    var run: RunName? {
        switch self {
        case .started(_, let run), .alreadyStarted(_, let run): run
        default: nil
        }
    }

    /// Whether another run may start it.
    var isPending: Bool {
        switch self {
        case .pending, .lost: true
        case .started, .alreadyStarted, .unchanged, .skipped, .heldBack, .refused: false
        }
    }

    /// Whether the request may have started the target and does not tell.
    var outcomeUnknown: Bool {
        switch self {
        case .lost, .refused(_, outcomeUnknown: true): true
        default: false
        }
    }
}

extension StartResult {
    /// Said if no further request may go out.
    static let mayHaveStartedTwice = "may have been started twice; redeliver to start it again"
    /// Said of a pull request that is closed while nothing runs for it.
    static let noRun = "there is no run to stop"
    /// Added to a result if an earlier request may have started the target.
    static let mayHaveStartedBefore =
        "an attempt whose end is unknown may have started it before"
}

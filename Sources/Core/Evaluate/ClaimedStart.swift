internal import AWS
internal import Codec

/// A start that waits to be claimed.
struct UnclaimedStart {
    /// Its number among the starts of the run.
    var index: Int
    var start: Start
    /// The number of the server that it calls; `nil` for AWS.
    var server: Int?
    /// The decision record of an earlier attempt says that it was started.
    var isInRecord = false
}

/// A start that this run holds the claim on: whether it may be sent, and what is written down of
/// how it ended.
struct ClaimedStart {
    let index: Int
    let start: Start
    let server: Int?
    private(set) var entry: LedgerEntry
    let etag: String
    /// See ``StartFacts/tokenLifetime``.
    private let tokenLifetime: Int?
    /// The entry that an earlier run left, which the claim has taken over.
    let earlier: LedgerEntry?
    /// The newest start of the rule, which it is held against.
    var head: HeadStore.Known
    /// A request of this run may have started it.
    private var ownOutcomeUnknown = false
    /// When it was sent last.
    private(set) var sentAt = Timestamp(milliseconds: 0)
    /// Milliseconds that the next pause is made of.
    private var pause = Self.firstPause
    /// When the last pause ends.
    private(set) var resumes = Timestamp(milliseconds: 0)

    /// Milliseconds until a start is tried again; twice as many after each further try.
    static let firstPause = 1_000
    /// Milliseconds between two tries at most.
    static let longestPause = 8_000

    init(
        _ waiting: UnclaimedStart,
        _ entry: LedgerEntry,
        etag: String,
        after earlier: LedgerEntry?,
        head: HeadStore.Known
    ) {
        self.index = waiting.index
        self.start = waiting.start
        self.server = waiting.server
        self.tokenLifetime = waiting.start.action.facts.tokenLifetime
        self.entry = entry
        self.etag = etag
        self.earlier = earlier
        self.head = head
    }
}

extension ClaimedStart {
    /// What keeps it from being sent: its head or a newer change was started, or that cannot be told.
    var obstacle: StartResult? {
        guard let order = start.order else { return nil }
        if let answer = head.answer(onceFor: order) { return .alreadyStarted(answer) }
        if let reason = head.reason(toHoldBack: order) {
            return .heldBack(reason, note: outcomeUnknown ? StartResult.mayHaveStartedBefore : nil)
        }
        guard case .unknown(let why) = head else { return nil }
        if !order.isIgnored || start.endsRuns {
            return .pending("it could not be told whether a newer change was started: \(why)")
        }
        return order.onceFor.map {
            .pending("it could not be told whether \($0) was started: \(why)")
        }
    }

    /// Whether a request whose outcome is unknown, of this run or an earlier one, may have
    /// started it.
    var outcomeUnknown: Bool { ownOutcomeUnknown || (earlier?.outcomeUnknown ?? false) }

    /// Whether the service knows the client token of the requests before, so that it starts nothing
    /// twice.
    ///
    /// CodeBuild, which forgets its token, is told so.
    func isProtected(at now: Timestamp) -> Bool {
        !entry.tokenIsForgotten(at: now, tokenLifetime: tokenLifetime)
    }

    /// Whether another request may go out.
    ///
    /// Always, if no request before it can have arrived, or the service still knows its token. Else only the one
    /// that the claim has counted in ``LedgerEntry/requests``.
    func maySend(at now: Timestamp) -> Bool {
        guard outcomeUnknown, !isProtected(at: now) else { return true }
        return !ownOutcomeUnknown && entry.requests > requestsBefore
    }

    /// How many requests without protection came before this run's.
    private var requestsBefore: Int {
        guard let earlier, entry.receivedAt <= earlier.receivedAt else { return 0 }
        return earlier.requests
    }
}

extension ClaimedStart {
    mutating func markSent(at now: Timestamp) {
        sentAt = now
    }

    /// Takes what came of the request that was sent last, and says what it comes to.
    mutating func take(_ result: StartResult) -> StartResult {
        let wasUnknown = outcomeUnknown
        let isSecond = wasUnknown && mayHaveBeenForgotten
        if result.outcomeUnknown { ownOutcomeUnknown = true }
        switch result {
        case .started(let answer, let run) where isSecond:
            return .started("\(answer); \(StartResult.mayHaveStartedBefore)", run: run)
        case .unchanged(let found) where wasUnknown && !start.endsRuns:
            return .unchanged("\(found); \(StartResult.mayHaveStartedBefore)")
        case .skipped(let words) where wasUnknown:
            return .skipped("\(words); \(StartResult.mayHaveStartedBefore)")
        case .refused(let words, let outcomeUnknown) where wasUnknown || outcomeUnknown:
            return .refused("\(words); \(StartResult.mayHaveStartedBefore)")
        default:
            return result
        }
    }

    /// Whether the service no longer knew an earlier request when the last one was sent, so that it
    /// may have started it again.
    private var mayHaveBeenForgotten: Bool {
        let since = earlier.flatMap { $0.outcomeUnknown ? $0 : nil } ?? entry
        return since.tokenIsForgotten(at: sentAt, tokenLifetime: tokenLifetime)
    }

    /// Pauses until it may be tried again.
    ///
    /// - Parameter chance: up to half of the first pause.
    mutating func rest(from now: Timestamp, chance: Int) {
        resumes = now.adding(milliseconds: pause / 2 + chance * (pause / Self.firstPause))
        pause = min(pause * 2, Self.longestPause)
    }

    /// What a result comes to if nothing more may be sent.
    func final(_ result: StartResult, at now: Timestamp) -> StartResult {
        let isExhausted = entry.isExhausted(at: max(now, resumes), tokenLifetime: tokenLifetime)
        switch result {
        case .pending(let why), .lost(let why):
            if ownOutcomeUnknown, isExhausted {
                return .refused("\(why); \(StartResult.mayHaveStartedTwice)")
            }
            return outcomeUnknown ? .lost(why) : .pending(why)
        default:
            return result
        }
    }

    /// What the ledger is told of a final result.
    func concluded(_ result: StartResult) -> LedgerEntry {
        var entry = entry.ended(result)
        if !ownOutcomeUnknown, entry.state != .started { entry.requests = requestsBefore }
        if case .alreadyStarted = result, let target = earlier?.target { entry.target = target }
        return entry
    }

    /// The target's answer if it has what the change calls for: started, or found to be so after a
    /// request whose outcome was unknown; or that nothing ran for a pull request that is closed.
    func startedAnswer(_ result: StartResult) -> String? {
        switch result {
        case .started(let answer, _), .alreadyStarted(let answer, _): answer
        case .unchanged(let found) where outcomeUnknown || start.endsRuns: found
        default: nil
        }
    }
}

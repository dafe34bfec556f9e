internal import Codec
internal import Platform

/// A start that one attempt holds the claim on.
struct HeldStart {
    var index: Int
    var start: Start
    var record: LedgerRecord
    /// The ETag of the claim.
    var etag: String
    /// What an earlier run has left.
    var earlier: LedgerRecord?
    /// What is known of the head that it is held against.
    var head: HeadStore.Known
    /// The number of the server that it calls; `nil` for AWS.
    var server: Int?
    /// A request of this attempt may have started it.
    var isLost = false
    /// What the next pause is made of, in milliseconds, and when the last one ends.
    var pause = StartRun.firstPause
    var resumes = Timestamp(milliseconds: 0)
    /// When it was sent last.
    var begun = Timestamp(milliseconds: 0)

    /// Whether it may have been started already, by a request whose end is unknown.
    var isOpen: Bool { isLost || (earlier?.isOpen ?? false) }

    /// Whether the service knows the client token of the requests before.
    func isProtected(at now: Timestamp) -> Bool {
        !record.mayBeRepeated(at: now, memory: start.action.tokenMemory)
    }

    /// Whether the service no longer knows of an earlier request, so that it may start it
    /// again.
    func mayBeSecond(at now: Timestamp) -> Bool {
        guard isOpen else { return false }
        let since = earlier.flatMap { $0.isOpen ? $0 : nil } ?? record
        return since.mayBeRepeated(at: now, memory: start.action.tokenMemory)
    }

    /// Whether this attempt may send another request: one that no token protects is sent once,
    /// and only where the claim has counted it.
    func maySend(at now: Timestamp) -> Bool {
        guard isOpen, !isProtected(at: now) else { return true }
        return !isLost && record.attempts > countBefore
    }

    /// How many requests without protection came before this attempt's.
    private var countBefore: Int {
        guard let earlier, record.receivedAt <= earlier.receivedAt else { return 0 }
        return earlier.attempts
    }

    /// The record of an end.
    func concluded(_ ending: StartRun.Ending) -> LedgerRecord {
        let (state, answer) = ending.conclusion(isOpen: isOpen)
        var record = record.ended(state, answer: answer)
        if !isLost, state != .started { record.attempts = countBefore }
        return record
    }

    /// What an end comes to where nothing more may be sent.
    func settled(_ ending: StartRun.Ending, at now: Timestamp) -> StartRun.Ending {
        guard isLost, case .pending(let why) = ending,
            record.isExhausted(at: now, memory: start.action.tokenMemory)
        else { return ending }
        return .refused("\(why); \(StartRun.Ending.startedTwice)")
    }

    /// What keeps the start from being sent: a newer one was started, or that cannot be told.
    var hindrance: StartRun.Ending? {
        guard let order = start.order else { return nil }
        if let reason = head.reason(toHoldBack: order) {
            let mayHave = "an attempt whose end is unknown may have started it before"
            return .heldBack(reason, isOpen ? mayHave : nil)
        }
        if case .unknown(let why) = head, !order.isIgnored {
            return .pending("it could not be told whether a newer change was started: \(why)")
        }
        return nil
    }
}

internal import AWS
internal import Codec
internal import Platform

/// The newest change that each rule has started for a scope, kept in S3 by compare-and-swap.
///
/// It is read and written beside the ledger, so that it costs no round trip of its own.
struct HeadStore {
    let services: Services
    let change: Change

    /// What is known of a head.
    enum Known {
        /// There is none.
        case absent
        /// What it says; `nil` where it says nothing that can be and is overwritten.
        case stored(StartHead?, etag: String)
        /// It could not be asked for; why.
        case unknown(String)
    }

    /// Reads the head that a start is held against.
    func reading(_ start: Start, _ order: StartOrder) -> AWSCall {
        services.s3.getObject(key(start, order))
    }

    func known(_ call: AWSCall, _ answer: Result<HTTPResponse, CallError>) -> Known {
        do throws(CallError) {
            return known(try S3.object(ofGet: call, answer.get()), at: call.resource)
        } catch {
            return .unknown(error.description)
        }
    }

    private func known(_ object: S3.StoredObject?, at place: String) -> Known {
        guard let object else { return .absent }
        guard let head = StartHead(parsing: object.body) else {
            services.log.warning("\(place) tells of no start, is overwritten")
            return .stored(nil, etag: object.etag)
        }
        guard !head.eventTime.isMadeUp(at: services.clock.now()) else {
            services.log.warning("\(place) tells of the future, is overwritten")
            return .stored(nil, etag: object.etag)
        }
        return .stored(head, etag: object.etag)
    }

    /// Makes a start the head of its scope; `nil` where the head is as new, or it has no order.
    func raising(_ start: Start, answer: String, over known: Known) -> S3Update? {
        guard let order = start.order, !known.isAsNew(as: order) else { return nil }
        let head = StartHead(start, at: order.eventTime, of: change, answer: answer)
        let content = S3Update.Content(head.encoded())
        let key = key(start, order)
        return S3Update(of: key, in: services.s3, writing: content, if: known.condition) { found in
            let known = self.known(found, at: "\(services.s3.bucket)/\(key)")
            return known.isAsNew(as: order) ? nil : content
        }
    }

    private func key(_ start: Start, _ order: StartOrder) -> String {
        services.keys.head(ofRule: start.ruleKey, scope: order.scope)
    }
}

extension HeadStore.Known {
    /// Whether a start of that order would not move the head.
    fileprivate func isAsNew(as order: StartOrder) -> Bool {
        guard case .stored(let head?, _) = self else { return false }
        return head.eventTime >= order.eventTime
    }

    /// What must hold for the head to be overwritten.
    fileprivate var condition: S3.Condition {
        switch self {
        // What could not be read is not overwritten: the write fails, and it is read again.
        case .absent, .unknown: .absent
        case .stored(_, let etag): .unchanged(etag: etag)
        }
    }

    /// Why a start is held back, where a newer change was started.
    func reason(toHoldBack order: StartOrder) -> String? {
        guard !order.isIgnored, case .stored(let head?, _) = self,
            head.eventTime > order.eventTime
        else { return nil }
        return head.reason
    }
}

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
        if case .alreadyStarted = ending { record.target = earlier?.target ?? record.target }
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

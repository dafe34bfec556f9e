internal import AWS
internal import Codec
internal import Platform
internal import Trigger

/// One attempt at all starts that a change calls for: claims them, performs those that
/// are its own until time is up, and writes down how each ended.
struct StartRun {
    private let services: Services
    private let ledger: Ledger
    private let starter: TargetStarter

    /// How one start stands after the attempt.
    enum Ending: Equatable {
        /// Started now; what the target answered.
        case started(String)
        /// Started by an earlier attempt; what the target answered then.
        case alreadyStarted(String)
        /// There was nothing to do, now or before in this same delivery; what was found.
        case unchanged(String)
        /// Declined by the target's server, now or before in this same delivery; its words.
        case skipped(String)
        /// Held back, since a newer change was started; the reason, and what else is to be said.
        case heldBack(String, String?)
        /// Refused by the target, now or before in this same delivery; its words.
        case refused(String)
        /// Not started yet, and worth another attempt; why.
        case pending(String)
    }

    /// Milliseconds kept from starting, so that what was started can be written down: no more
    /// than a quarter of what there is.
    static let recordingReserve = 5_000
    /// Milliseconds until a start is tried again; twice as many after each further try.
    static let firstPause = 1_000
    /// Milliseconds between two tries at the most.
    static let longestPause = 8_000

    init(services: Services, starter: TargetStarter) {
        self.services = services
        self.ledger = Ledger(services: services)
        self.starter = starter
    }

    /// Performs the starts in parallel: how each stands, in their order, and what the
    /// ledger could not be told.
    ///
    /// The claims' lease ends with the deadline.
    func perform(
        _ starts: [Start],
        of change: Change,
        holder: String,
        deadline: Deadline
    ) -> (endings: [Ending], unrecorded: [CallError]) {
        let left = deadline.remaining(at: services.clock.now())
        let startBy = deadline.reserving(milliseconds: min(Self.recordingReserve, left / 4))
        let headStore = HeadStore(services: services, change: change)
        let readings = starts.map { start in
            start.order.map { headStore.reading(start, $0) }
        }
        let (claims, answers) = ledger.claim(
            starts,
            of: change,
            holder: holder,
            lease: deadline,
            along: readings.compactMap { $0 },
            deadline: startBy
        )
        var heads = Self.known(headStore, readings, answers)
        var endings = claims.map(Ending.init)
        var unrecorded: [CallError] = []
        var held: [HeldStart] = []
        var overdue: [HeadStore.Raise] = []
        for (index, claim) in claims.enumerated() {
            switch claim {
            case .mine(let record, let etag, let earlier):
                held.append(
                    HeldStart(
                        index: index,
                        start: starts[index],
                        record: record,
                        etag: etag,
                        earlier: earlier,
                        head: heads[index]
                    )
                )
            case .taken(.skippedBefore):
                // The same delivery may have been held back before.
                if let reason = starts[index].order.flatMap({ heads[index].reason(toHoldBack: $0) })
                {
                    endings[index] = .heldBack(reason, nil)
                }
            case .taken(.alreadyStarted(let answer)):
                // The run that started it may not have been able to write the head.
                if case .unknown = heads[index] { continue }
                overdue += headStore.raising(starts[index], answer: answer, over: heads[index])
            default: break
            }
        }
        unrecorded += headStore.settle(
            overdue,
            services.client.send(overdue.map { $0.call }, deadline: deadline),
            deadline: deadline
        )
        var pause = Self.firstPause
        while !held.isEmpty {
            let now = services.clock.now()
            var going: [Int] = []
            for (position, entry) in held.enumerated() {
                if let ending = entry.hindrance {
                    endings[entry.index] = ending
                } else {
                    going.append(position)
                }
            }
            let outcomes = starter.perform(
                going.map { held[$0].start },
                isProtected: going.map { held[$0].isProtected(at: now) },
                deadline: startBy
            )
            for (position, outcome) in zip(going, outcomes) {
                let entry = held[position]
                endings[entry.index] = Ending(
                    outcome,
                    isOpen: entry.isOpen,
                    mayBeRepeated: entry.mayBeSecond(at: now)
                )
                if outcome.mayHaveStarted { held[position].isLost = true }
            }
            let wait = pause / 2 + services.random.next(upTo: pause / 2)
            let next = services.clock.now().adding(milliseconds: wait)
            let isLast = startBy.expires <= next
            var open: [HeldStart] = []
            var ended: [HeldStart] = []
            for entry in held {
                let isOver = isLast || !endings[entry.index].isPending || !entry.maySend(at: next)
                if isOver {
                    endings[entry.index] = entry.settled(endings[entry.index], at: next)
                    ended.append(entry)
                } else {
                    open.append(entry)
                }
            }
            unrecorded += conclude(ended, endings, headStore, deadline: deadline)
            held = open
            guard !held.isEmpty else { break }
            services.clock.sleep(wait)
            pause = min(pause * 2, Self.longestPause)
            // Something newer may have been started since.
            let readings = held.map { entry in
                entry.start.order.map { headStore.reading(entry.start, $0) }
            }
            let answers = services.client.send(readings.compactMap { $0 }, deadline: startBy)
            heads = Self.known(headStore, readings, answers)
            for position in held.indices { held[position].head = heads[position] }
        }
        return (endings, unrecorded)
    }

    /// What is known of the heads, in the order of the starts; those without an order have none.
    private static func known(
        _ store: HeadStore,
        _ readings: [AWSCall?],
        _ answers: [Result<HTTPResponse, CallError>]
    ) -> [HeadStore.Known] {
        var answers = answers[...]
        return readings.map { reading in
            guard let reading, let answer = answers.popFirst() else { return .absent }
            return store.known(reading, answer)
        }
    }

    private func conclude(
        _ ended: [HeldStart],
        _ endings: [Ending],
        _ headStore: HeadStore,
        deadline: Deadline
    ) -> [CallError] {
        guard !ended.isEmpty else { return [] }
        let conclusions = ended.map { entry in
            Ledger.Conclusion(
                identity: entry.start.identity,
                record: entry.concluded(endings[entry.index]),
                etag: entry.etag
            )
        }
        let raises = ended.flatMap { entry -> [HeadStore.Raise] in
            guard let answer = endings[entry.index].startedAnswer(isOpen: entry.isOpen) else {
                return []
            }
            return headStore.raising(entry.start, answer: answer, over: entry.head)
        }
        let (faults, answers) = ledger.conclude(
            conclusions,
            along: raises.map { $0.call },
            deadline: deadline
        )
        // Of a claim that is given up, the lease's end tells the next attempt as well.
        var unrecorded: [CallError] = []
        for (entry, fault) in zip(ended, faults) where !endings[entry.index].isPending {
            if let fault { unrecorded.append(fault) }
        }
        return unrecorded + headStore.settle(raises, answers, deadline: deadline)
    }
}

extension StartRun.Ending {
    init(_ claim: Ledger.Claim) {
        switch claim {
        case .mine:
            self = .pending("there was no time left to start it")
        case .taken(.alreadyStarted(let answer)):
            self = .alreadyStarted(answer)
        case .taken(.unchangedBefore(let found)):
            self = .unchanged(found)
        case .taken(.skippedBefore(let words)):
            self = .skipped(words)
        case .taken(.refusedBefore(let words)):
            self = .refused(words)
        case .taken(.exhausted):
            self = .refused("the end of what was sent is unknown; \(Self.startedTwice)")
        case .taken(.heldByAnother(let until)):
            self = .pending("another run is starting it, until \(until.iso8601) at the latest")
        case .taken(.own), .taken(.free):
            self = .pending("its claim changed hands")
        case .unknown(let why):
            self = .pending("it could not be claimed: \(why)")
        }
    }

    /// - Parameters:
    ///   - isOpen: an attempt before this one may have started it.
    ///   - mayBeRepeated: and this one may have started it again.
    init(_ outcome: TargetStarter.Outcome, isOpen: Bool, mayBeRepeated: Bool) {
        func told(_ answer: String, mayHaveStarted: Bool) -> String {
            mayHaveStarted
                ? "\(answer); an attempt whose end is unknown may have started it before" : answer
        }
        switch outcome {
        case .started(let answer): self = .started(told(answer, mayHaveStarted: mayBeRepeated))
        case .unchanged(let found): self = .unchanged(told(found, mayHaveStarted: isOpen))
        case .skipped(let words): self = .skipped(told(words, mayHaveStarted: isOpen))
        case .refused(let words, let mayHave):
            self = .refused(told(words, mayHaveStarted: isOpen || mayHave))
        case .unavailable(let why), .lost(let why): self = .pending(why)
        }
    }

    /// What is said where no further request may go out.
    static let startedTwice = "may have been started twice; redeliver to start it again"

    /// The target's answer where it has what the change calls for: started now, or found to be so
    /// after a request whose end was unknown.
    fileprivate func startedAnswer(isOpen: Bool) -> String? {
        switch self {
        case .started(let answer): answer
        case .unchanged(let found) where isOpen: found
        default: nil
        }
    }

    var isPending: Bool {
        if case .pending = self { true } else { false }
    }

    /// What the ledger is told.
    func conclusion(isOpen: Bool) -> (LedgerRecord.State, String) {
        switch self {
        case .started(let answer), .alreadyStarted(let answer): (.started, answer)
        case .unchanged(let found): (.unchanged, found)
        case .skipped(let words): (.skipped, words)
        case .heldBack(let reason, _): (.skipped, reason)
        case .refused(let words): (.failed, words)
        case .pending(let why): (isOpen ? .lost : .released, why)
        }
    }
}

extension TargetStarter.Outcome {
    /// Whether the request may have started the target and does not tell.
    fileprivate var mayHaveStarted: Bool {
        switch self {
        case .lost, .refused(_, mayHaveStarted: true): true
        default: false
        }
    }
}

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

    /// A start that this attempt holds the claim on.
    private struct Held {
        var index: Int
        var start: Start
        var record: LedgerRecord
        /// Whether it may have been started already, by an attempt whose end is unknown.
        var isOpen: Bool

        /// Whether the service no longer knows of that attempt, so that it may start it again.
        func mayBeRepeated(at now: Timestamp) -> Bool {
            isOpen && record.mayBeRepeated(at: now, memory: start.action.tokenMemory)
        }
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
        let claims = ledger.claim(
            starts,
            of: change,
            holder: holder,
            lease: deadline,
            deadline: startBy
        )
        var endings = claims.map(Ending.init)
        var held: [Held] = []
        for (index, claim) in claims.enumerated() {
            guard case .mine(let record, let earlier) = claim else { continue }
            let isOpen = earlier?.isOpen ?? false
            held.append(Held(index: index, start: starts[index], record: record, isOpen: isOpen))
        }
        var unrecorded: [CallError] = []
        var pause = Self.firstPause
        while !held.isEmpty {
            let now = services.clock.now()
            let outcomes = starter.perform(held.map { $0.start }, deadline: startBy)
            for (position, outcome) in outcomes.enumerated() {
                let entry = held[position]
                endings[entry.index] = Ending(
                    outcome,
                    isOpen: entry.isOpen,
                    mayBeRepeated: entry.mayBeRepeated(at: now)
                )
                if case .lost = outcome { held[position].isOpen = true }
            }
            let wait = pause / 2 + services.random.next(upTo: pause / 2)
            let isLast = startBy.remaining(at: services.clock.now()) <= wait
            let open = isLast ? [] : held.filter { endings[$0.index].isPending }
            let ended = held.filter { isLast || !endings[$0.index].isPending }
            unrecorded += conclude(ended, endings, deadline: deadline)
            held = open
            guard !held.isEmpty else { break }
            services.clock.sleep(wait)
            pause = min(pause * 2, Self.longestPause)
        }
        return (endings, unrecorded)
    }

    private func conclude(
        _ ended: [Held],
        _ endings: [Ending],
        deadline: Deadline
    ) -> [CallError] {
        let records = ended.map { entry in
            let (state, answer) = endings[entry.index].conclusion(isOpen: entry.isOpen)
            return (
                identity: entry.start.identity, record: entry.record.ended(state, answer: answer)
            )
        }
        let faults = ledger.conclude(records, deadline: deadline)
        // Of a claim that is given up, the lease's end tells the next attempt as well.
        var unrecorded: [CallError] = []
        for (entry, fault) in zip(ended, faults) where !endings[entry.index].isPending {
            if let fault { unrecorded.append(fault) }
        }
        return unrecorded
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

    var isPending: Bool {
        if case .pending = self { true } else { false }
    }

    /// What the ledger is told.
    fileprivate func conclusion(isOpen: Bool) -> (LedgerRecord.State, String) {
        switch self {
        case .started(let answer), .alreadyStarted(let answer): (.started, answer)
        case .unchanged(let found): (.unchanged, found)
        case .skipped(let words): (.skipped, words)
        case .refused(let words): (.failed, words)
        case .pending(let why): (isOpen ? .lost : .released, why)
        }
    }
}

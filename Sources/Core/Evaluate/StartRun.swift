internal import AWS
internal import Codec
internal import Platform

/// One attempt at all starts that a change calls for: claims them, performs those that
/// are its own until time is up, and writes down how each ended.
///
/// How the last ones ended is written beside the decision record: see ``writeDown(along:)``.
///
/// It goes through them in portions, so that time that runs out leaves the rest untouched, and begins
/// where chance has it, so that over the attempts each has its turn.
final class StartRun {
    private let services: Services
    private let change: Change
    private let holder: String
    private let deadline: Deadline
    /// When the last request goes out.
    private let startBy: Deadline
    private let ledger: Ledger
    private let headStore: HeadStore
    private let startedBefore: [ByteKey: String]
    private let underWay: StartsUnderWay

    /// How each start stands, in the order in which they were added.
    private(set) var endings: [Ending] = []
    /// What the ledger could not be told.
    private(set) var unrecorded: [CallError] = []
    /// Ended, and not written down yet.
    private var unwritten: [HeldStart] = []
    /// No more starts are added.
    private var isFinishing = false
    private var unclaimed: [Unclaimed] = []
    /// Claimed, and begun as soon as there is a place.
    private var ready: [HeldStart] = []
    private var running: [Int: HeldStart] = [:]
    /// Claimed, and tried again after a pause.
    private var resting: [HeldStart] = []
    private var places = ServerPlaces()

    private struct Unclaimed {
        var index: Int
        var start: Start
        /// The number of the server that it calls; `nil` for AWS.
        var server: Int?
    }

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

    /// How many starts are claimed, performed and concluded together.
    static let portion = 256
    /// How many bytes of requests are held at the same time.
    static let mostBytes = 4 << 20
    /// How many starts are claimed that wait for a place at a server.
    static let mostWaiting = 96
    /// How many starts are left for the end while more are still to come.
    static let mostLeft = 256
    /// Up to how many starts the order is that of the keys: they are all sent at the same time.
    static let fewStarts = 32

    /// The claims' lease ends with the deadline.
    ///
    /// - Parameter earlier: The record of the attempts before; what they have started comes last.
    init(
        services: Services,
        starter: TargetStarter,
        change: Change,
        holder: String,
        deadline: Deadline,
        after earlier: DecisionRecord?
    ) {
        self.services = services
        self.change = change
        self.holder = holder
        self.deadline = deadline
        let left = deadline.remaining(at: services.clock.now())
        startBy = deadline.reserving(milliseconds: min(Self.recordingReserve, left / 4))
        ledger = Ledger(services: services)
        headStore = HeadStore(services: services, change: change)
        underWay = starter.startsUnderWay(until: startBy)
        var startedBefore: [ByteKey: String] = [:]
        for rule in earlier?.rules ?? [] where rule.outcome == .started {
            startedBefore[ByteKey(rule.ruleKey)] = rule.answer ?? ""
        }
        self.startedBefore = startedBefore
    }

    /// Adds starts, to be performed with those before.
    func add(_ starts: [Start]) {
        var first: [Unclaimed] = []
        var last: [Unclaimed] = []
        for start in starts {
            let entry = Unclaimed(
                index: endings.count,
                start: start,
                server: start.action.server.map { places.number(of: $0) }
            )
            if let answer = startedBefore[ByteKey(start.ruleKey)] {
                endings.append(.alreadyStarted(answer))
                last.append(entry)
            } else {
                endings.append(.pending("there was no time left to start it"))
                first.append(entry)
            }
        }
        if first.count > Self.fewStarts {
            let place = services.random.next(upTo: first.count - 1)
            first = Array(first[place...] + first[..<place])
        }
        unclaimed += first + last
    }

    /// Performs what goes to AWS, and leaves what waits for other servers until later.
    func carryOn() {
        carryOn(toTheEnd: false)
        unclaimed.removeFirst(max(0, unclaimed.count - Self.mostLeft))
        guard resting.count > Self.mostLeft else { return }
        conclude(Array(resting[Self.mostLeft...]))
        resting.removeSubrange(Self.mostLeft...)
    }

    /// Performs all starts, until each has ended or time is up.
    ///
    /// After it `endings` are final, and ``writeDown(along:)`` is to follow.
    func finish() {
        isFinishing = true
        carryOn(toTheEnd: true)
    }

    /// Writes down how the last starts ended, in one round trip with another call; its answer.
    func writeDown(along call: AWSCall) -> Result<HTTPResponse, CallError> {
        let ended = unwritten
        unwritten = []
        return record(ended, along: [call])[0]
    }

    private func carryOn(toTheEnd: Bool) {
        while true {
            let now = services.clock.now()
            if startBy.remaining(at: now) == 0 { giveUp() }
            resume(at: now)
            begin(at: now)
            let hasClaimed = claim(at: now)
            if hasClaimed { begin(at: now) }
            if !underWay.isEmpty {
                let ended = underWay.carryOn(until: toTheEnd ? wake(after: now) : now)
                settle(ended)
                // What is left waits for servers that are not AWS's.
                if !toTheEnd, ended.isEmpty, !hasClaimed { return }
            } else if !hasClaimed {
                guard toTheEnd, let next = resting.map({ $0.resumes }).min() else { return }
                services.clock.sleep(max(0, next.milliseconds - now.milliseconds))
            }
        }
    }

    /// When to look at what is not under way.
    private func wake(after now: Timestamp) -> Timestamp {
        // Requests end with the deadline: then it is a matter of moments.
        guard now < startBy.expires else { return now.adding(milliseconds: 100) }
        return resting.reduce(startBy.expires) { min($0, $1.resumes) }
    }

    /// Claims the next of the starts for which there is a place; false where there is none.
    private func claim(at now: Timestamp) -> Bool {
        guard startBy.remaining(at: now) > 0, ready.allSatisfy({ $0.server != nil }) else {
            return false
        }
        let chosen = choose()
        guard !chosen.isEmpty else { return false }
        let readings = chosen.map { entry in
            entry.start.order.map { headStore.reading(entry.start, $0) }
        }
        let (claims, answers) = ledger.claim(
            chosen.map { $0.start },
            of: change,
            holder: holder,
            lease: deadline,
            along: readings.compactMap { $0 },
            deadline: startBy
        )
        let heads = Self.known(headStore, readings, answers)
        var overdue: [S3Update] = []
        var proven: [HeldStart] = []
        for (position, entry) in chosen.enumerated() {
            let (start, head) = (entry.start, heads[position])
            let before = endings[entry.index]
            if case .unknown = claims[position], case .alreadyStarted = before { continue }
            endings[entry.index] = Ending(claims[position])
            switch claims[position] {
            case .mine(let record, let etag, let earlier):
                let held = HeldStart(
                    index: entry.index,
                    start: start,
                    record: record,
                    etag: etag,
                    earlier: earlier,
                    head: head,
                    server: entry.server
                )
                if earlier != nil, case .alreadyStarted = before {
                    // The run that started it wrote the decision record and not the ledger.
                    endings[entry.index] = before
                    proven.append(held)
                } else {
                    ready.append(held)
                }
            case .taken(.skippedBefore):
                // The same delivery may have been held back before.
                if let reason = start.order.flatMap({ head.reason(toHoldBack: $0) }) {
                    endings[entry.index] = .heldBack(reason, nil)
                }
            case .taken(.alreadyStarted(let answer)):
                // The run that started it may not have been able to write the head.
                if case .unknown = head { continue }
                if let raise = headStore.raising(start, answer: answer, over: head) {
                    overdue.append(raise)
                }
            default: break
            }
        }
        let responses = services.client.send(overdue.map { $0.firstCall }, deadline: deadline)
        finish(overdue, responses)
        conclude(proven)
        return true
    }

    /// Takes the next portion of those that are not claimed yet.
    ///
    /// A start that has no place at its server waits unclaimed, but for a few that are ready to follow.
    private func choose() -> [Unclaimed] {
        var chosen: [Unclaimed] = []
        var rest: [Unclaimed] = []
        var places = places
        var waiting = ready.count
        let mayWait = waiting <= Self.mostWaiting / 2
        for entry in unclaimed {
            var isChosen = chosen.count < Self.portion
            if isChosen, let server = entry.server, !places.take(server) {
                isChosen = mayWait && waiting < Self.mostWaiting
                if isChosen { waiting += 1 }
            }
            if isChosen { chosen.append(entry) } else { rest.append(entry) }
        }
        unclaimed = rest
        return chosen
    }

    /// Begins what has a place.
    private func begin(at now: Timestamp) {
        var waiting: [HeldStart] = []
        var hindered: [(HeldStart, Ending)] = []
        var bytes = 0
        for entry in ready {
            if let ending = entry.hindrance {
                hindered.append((entry, ending))
                continue
            }
            let hasPlace = entry.server.map { places.take($0) } ?? (bytes < Self.mostBytes)
            guard hasPlace else {
                waiting.append(entry)
                continue
            }
            var entry = entry
            entry.begun = now
            running[entry.index] = entry
            bytes += underWay.begin(
                entry.start,
                number: entry.index,
                isProtected: entry.isProtected(at: now)
            )
        }
        ready = waiting
        goOn(hindered)
    }

    /// Has those tried again whose pause is over.
    private func resume(at now: Timestamp) {
        var due = resting.filter { $0.resumes <= now }
        guard !due.isEmpty else { return }
        resting.removeAll { $0.resumes <= now }
        // Something newer may have been started since.
        let readings = due.map { entry in
            entry.start.order.map { headStore.reading(entry.start, $0) }
        }
        let answers = services.client.send(readings.compactMap { $0 }, deadline: startBy)
        let heads = Self.known(headStore, readings, answers)
        for position in due.indices { due[position].head = heads[position] }
        ready += due
    }

    /// Takes what came of starts that were begun.
    private func settle(_ ended: [StartsUnderWay.Ended]) {
        var tried: [(HeldStart, Ending)] = []
        for end in ended {
            guard var entry = running.removeValue(forKey: end.number) else { continue }
            if let server = entry.server { places.giveBack(server) }
            let ending = Ending(
                end.outcome,
                isOpen: entry.isOpen,
                mayBeRepeated: entry.mayBeSecond(at: entry.begun)
            )
            if end.outcome.mayHaveStarted { entry.isLost = true }
            tried.append((entry, ending))
        }
        goOn(tried)
    }

    /// Has what may succeed later rest, and concludes the others.
    private func goOn(_ tried: [(HeldStart, Ending)]) {
        guard !tried.isEmpty else { return }
        let now = services.clock.now()
        let chance = services.random.next(upTo: Self.firstPause / 2)
        var over: [HeldStart] = []
        for (tried, ending) in tried {
            var entry = tried
            endings[entry.index] = ending
            let wait = entry.pause / 2 + chance * (entry.pause / Self.firstPause)
            entry.resumes = now.adding(milliseconds: wait)
            entry.pause = min(entry.pause * 2, Self.longestPause)
            if startBy.expires <= entry.resumes || !ending.isPending
                || !entry.maySend(at: entry.resumes)
            {
                over.append(entry)
            } else {
                resting.append(entry)
            }
        }
        conclude(over)
    }

    /// Ends what is not under way: time is up.
    private func giveUp() {
        conclude(ready + resting)
        ready = []
        resting = []
        unclaimed = []
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

    /// Settles how starts have ended, and writes it down, unless they are the last.
    private func conclude(_ ended: [HeldStart]) {
        guard !ended.isEmpty else { return }
        let now = services.clock.now()
        for entry in ended {
            endings[entry.index] = entry.settled(endings[entry.index], at: max(now, entry.resumes))
        }
        if isFinishing, isAllEnded { unwritten += ended } else { record(ended) }
    }

    /// Whether there is nothing left that could be started.
    private var isAllEnded: Bool {
        unclaimed.isEmpty && ready.isEmpty && running.isEmpty && resting.isEmpty
    }

    /// Writes down how starts have ended; the answers to calls that are sent beside that.
    @discardableResult
    private func record(
        _ ended: [HeldStart],
        along others: [AWSCall] = []
    ) -> [Result<HTTPResponse, CallError>] {
        let conclusions = ended.map { entry in
            Ledger.Conclusion(
                identity: entry.start.identity,
                record: entry.concluded(endings[entry.index]),
                etag: entry.etag
            )
        }
        let raises = ended.compactMap { entry in
            endings[entry.index].startedAnswer(isOpen: entry.isOpen).flatMap {
                headStore.raising(entry.start, answer: $0, over: entry.head)
            }
        }
        let (faults, answers) = ledger.conclude(
            conclusions,
            along: raises.map { $0.firstCall } + others,
            deadline: deadline
        )
        // Of a claim that is given up, the lease's end tells the next attempt as well.
        for (entry, fault) in zip(ended, faults) where !endings[entry.index].isPending {
            if let fault { unrecorded.append(fault) }
        }
        finish(raises, Array(answers.prefix(raises.count)))
        return Array(answers.dropFirst(raises.count))
    }

    /// Makes updates of heads, given the responses to their first calls.
    private func finish(_ raises: [S3Update], _ responses: [Result<HTTPResponse, CallError>]) {
        for case .failure(let error) in services.client.finish(
            raises,
            responses,
            deadline: deadline
        ) {
            unrecorded.append(error)
        }
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
    init(_ outcome: StartOutcome, isOpen: Bool, mayBeRepeated: Bool) {
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
        case .started(let answer), .alreadyStarted(let answer): answer
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

extension StartOutcome {
    /// Whether the request may have started the target and does not tell.
    fileprivate var mayHaveStarted: Bool {
        switch self {
        case .lost, .refused(_, mayHaveStarted: true): true
        default: false
        }
    }
}

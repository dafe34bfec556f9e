internal import AWS
internal import Codec
internal import Platform

/// All starts that a change calls for, as one attempt performs them: one invocation of `evaluate`.
///
/// Nothing is started twice, by a retry, a redelivery or two attempts at the same time:
///
/// - **Identity.** The same body and the same rule key give a start the same identity in every attempt
///   (``BodyDigest`` says what stands in for the body). The ledger has one entry for it.
/// - **Claim.** Before anything is sent, the entry is created on condition that there is none: one
///   attempt has the claim, and the others find who has it or how the start ended (``Ledger``). What
///   was started is not started again, ever. What another attempt is starting waits for its lease to end; all
///   other states follow ``LedgerEntry/verdict(on:at:tokenLifetime:)``.
/// - **Perform.** If it is unknown whether a request arrived, it is repeated freely while the service knows the
///   client token. Without a token that is known, it is repeated at most once, and only by a later attempt
///   (``ClaimedStart/maySend(at:)``).
/// - **Conclude.** How it ended is written over the claim, and of the last starts beside it into the
///   decision record (``writeDown(along:)``). If only the latter succeeds, a later attempt gets the
///   claim, finds the start in that record, and sends nothing. (A redelivery on another day does not
///   find it: the record's key has the day of receipt.)
/// - **Run.** If the rule has a `Status`, what the pipeline's or build's run belongs to is written beside the ledger,
///   before the decision record, so that an event about the run is understood from then on. The ledger's entry names
///   the run: a later attempt that finds it started writes the run if it is missing, so that nothing is lost if only
///   the ledger could be written.
/// - **Supersede.** What a newer start takes the place of is stopped once nothing is left to start
///   (``SupersededRuns``).
/// - **Killed.** The claim stays as it is, and no decision record is written. Once the lease has ended,
///   a later attempt sends the request again, and the client token alone keeps that from being a
///   second start.
///
/// Starts are gone through in portions, so that time that runs out leaves the rest untouched, and
/// from a random one on, so that over several attempts each has its turn.
final class StartRun {
    /// How each start stands, in the order in which they were added.
    private(set) var results: [StartResult] = []
    /// What could not be written to the ledger, the heads and the runs.
    private(set) var unrecorded: [CallError] = []
    /// The earlier runs that starts take the place of.
    private let superseded: SupersededRuns

    private let services: Services
    private let change: Change
    private let holder: String
    private let deadline: Deadline
    /// When the last request goes out.
    private let startBy: Deadline
    private let ledger: Ledger
    private let headStore: HeadStore
    private let runStore: RunStore
    private let underWay: StartsUnderWay
    /// The answers of the targets that the decision record says were started.
    private let recorded: [ByteKey: RuleOutcome]
    /// What runs belong to, of starts that an earlier attempt may not have written down.
    private var missingRuns: [S3Update] = []

    // A start passes through these in order.
    private var unclaimed: [UnclaimedStart] = []
    /// Claimed, and sent as soon as there is a slot.
    private var ready: [ClaimedStart] = []
    private var running: [Int: ClaimedStart] = [:]
    /// Claimed, and tried again after a pause.
    private var resting: [ClaimedStart] = []
    /// Ended, and to be written down at the end.
    private var unwritten: [ClaimedStart] = []
    private var slots = ServerSlots()
    /// No more starts are added.
    private var isFinishing = false

    /// Milliseconds kept from starting, so that what was started can be written down: no more
    /// than a quarter of what there is.
    static let recordingReserve = 5_000
    /// How many starts are claimed, performed and concluded together.
    static let portion = 256
    /// How many bytes of requests are claimed at the same time.
    static let maximumBytes = 4 << 20
    /// How many starts are claimed that wait for a slot at a server.
    static let maximumReady = 96
    /// How many starts are left for the end while more are still to come.
    static let maximumLeft = 256
    /// Up to how many starts the order is that of the keys: they are all sent at the same time.
    static let fewStarts = 32

    private static let noTimeLeft = StartResult.pending("there was no time left to start it")

    /// How each start has ended, in the order in which they were added.
    var ends: [EndedStart] {
        results.indices.map { EndedStart(result: results[$0], superseded: superseded[$0]) }
    }

    /// Why an earlier run could not be stopped that another attempt is to stop; `nil` if there is none.
    var unstopped: String? { superseded.unstopped }

    /// - Parameters:
    ///   - holder: names this attempt, and no other.
    ///   - deadline: when the claims' lease ends.
    ///   - recordKey: The key of the decision record.
    ///   - earlier: The record of the attempts before.
    init(
        services: Services,
        starter: TargetStarter,
        change: Change,
        holder: String,
        deadline: Deadline,
        recordKey: String,
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
        runStore = RunStore(services: services, recordKey: recordKey)
        superseded = SupersededRuns(
            stopper: RunStopper(starter: starter, change: change),
            heads: headStore
        )
        underWay = starter.startsUnderWay(until: startBy)
        var recorded: [ByteKey: RuleOutcome] = [:]
        for rule in earlier?.rules ?? [] where rule.outcome == .started {
            recorded[ByteKey(rule.ruleKey)] = rule
        }
        self.recorded = recorded
    }

    /// Adds starts, to be performed with those before; those that are on record come last.
    func add(_ starts: [Start]) {
        var first: [UnclaimedStart] = []
        var last: [UnclaimedStart] = []
        for start in starts {
            superseded.addStart()
            let server = start.action.facts.server.map { slots.number(of: $0) }
            let before = recorded[ByteKey(start.ruleKey)]
            let waiting = UnclaimedStart(
                index: results.count,
                start: start,
                server: server,
                isInRecord: before != nil
            )
            if let before {
                results.append(.alreadyStarted(before.answer ?? "", run: before.run))
                last.append(waiting)
            } else {
                results.append(Self.noTimeLeft)
                first.append(waiting)
            }
        }
        if first.count > Self.fewStarts {
            let index = services.random.next(upTo: first.count - 1)
            first = Array(first[index...] + first[..<index])
        }
        unclaimed += first + last
    }

    /// Performs what goes to AWS, and leaves what waits for other servers until later.
    func performSome() {
        perform(all: false)
        unclaimed.removeFirst(max(0, unclaimed.count - Self.maximumLeft))
        guard resting.count > Self.maximumLeft else { return }
        conclude(Array(resting[Self.maximumLeft...]))
        resting.removeSubrange(Self.maximumLeft...)
    }

    /// Performs all starts, until each has ended or time is up.
    ///
    /// After it `results` are final, and ``writeDown(along:)`` is to follow.
    func performAll() {
        isFinishing = true
        perform(all: true)
        supersede()
    }

    /// Writes down how the last starts ended, in one round trip with the call that writes the decision
    /// record and others beside it; their responses.
    ///
    /// What runs belong to is written before that call.
    func writeDown(along calls: [AWSCall]) -> [Result<HTTPResponse, CallError>] {
        let ended = unwritten
        unwritten = []
        let hasRun = ended.contains { $0.start.status != nil && results[$0.index].run != nil }
        guard missingRuns.isEmpty, !hasRun else {
            record(ended)
            return services.client.send(calls, deadline: deadline)
        }
        return record(ended, along: calls)
    }

    private func perform(all: Bool) {
        while true {
            let now = services.clock.now()
            if startBy.remaining(at: now) == 0 { giveUp() }
            resume(at: now)
            send(at: now)
            let hasClaimed = claim(at: now)
            if hasClaimed { send(at: now) }
            if !underWay.isEmpty {
                let ended = underWay.carryOn(until: all ? nextMoment(after: now) : now)
                take(ended)
                // What is left waits for servers that are not AWS's.
                if !all, ended.isEmpty, !hasClaimed { return }
            } else if !hasClaimed {
                guard all, let next = resting.map({ $0.resumes }).min() else { return }
                services.clock.sleep(max(0, next.milliseconds - now.milliseconds))
            }
        }
    }

    /// When to look at what is not under way.
    private func nextMoment(after now: Timestamp) -> Timestamp {
        // Requests end with the deadline: then it is a matter of moments.
        guard now < startBy.expires else { return now.adding(milliseconds: 100) }
        return resting.reduce(startBy.expires) { min($0, $1.resumes) }
    }

    /// Ends what is not under way: time is up.
    private func giveUp() {
        conclude(ready + resting)
        ready = []
        resting = []
        unclaimed = []
    }
}

extension StartRun {
    /// Claims the next of the starts for which there is a slot; false if there is none.
    private func claim(at now: Timestamp) -> Bool {
        guard startBy.remaining(at: now) > 0, ready.allSatisfy({ $0.server != nil }) else {
            return false
        }
        let chosen = choose()
        guard !chosen.isEmpty else { return false }
        let starts = chosen.map { $0.start }
        let readings = headStore.readings(of: starts)
        let (claims, responses) = ledger.claim(
            starts,
            of: change,
            holder: holder,
            lease: deadline,
            along: readings.compactMap { $0 },
            deadline: startBy,
            isProven: { chosen[$0].isInRecord }
        )
        let heads = headStore.known(readings, responses)
        var proven: [ClaimedStart] = []
        var overdue: [S3Update] = []
        for (waiting, (claim, head)) in zip(chosen, zip(claims, heads)) {
            let index = waiting.index
            switch claim {
            case .mine(let entry, let etag, let earlier):
                let claimed = ClaimedStart(waiting, entry, etag: etag, after: earlier, head: head)
                if earlier != nil, waiting.isInRecord {
                    // The attempt that started it could write the decision record and not the ledger.
                    proven.append(claimed)
                } else {
                    results[index] = Self.noTimeLeft
                    ready.append(claimed)
                }
            case .taken(.alreadyStarted(let answer, let run)):
                results[index] = .alreadyStarted(answer, run: run)
                missingRuns += runStore.adding(waiting.start, run)
                overdue += superseded.take(
                    waiting.start,
                    at: index,
                    startedBefore: answer,
                    run: run,
                    head: head
                )
            case .taken(.skipped(let words)):
                // An earlier attempt may have held it back, which the ledger keeps as skipped: why is worked out again.
                let reason = waiting.start.order.flatMap { head.reason(toHoldBack: $0) }
                results[index] = reason.map { .heldBack($0, note: nil) } ?? .skipped(words)
            case .taken(let result):
                results[index] = result
            case .underWay(let words):
                results[index] = .alreadyStarted(words)
            case .unknown(let why, let error):
                if waiting.isInRecord {
                    // Its entry may still be open: the next attempt concludes it.
                    if let error { unrecorded.append(error) }
                } else {
                    results[index] = .pending("it could not be claimed: \(why)")
                }
            }
        }
        finish(overdue, services.client.send(overdue.map { $0.firstCall }, deadline: deadline))
        conclude(proven)
        return true
    }

    /// Takes the next portion of those that are not claimed yet.
    ///
    /// A start that has no slot at its server stays unclaimed, but for a few that are ready to follow.
    private func choose() -> [UnclaimedStart] {
        var chosen: [UnclaimedStart] = []
        var rest: [UnclaimedStart] = []
        var slots = slots
        var waiting = ready.count
        let mayWait = waiting <= Self.maximumReady / 2
        for start in unclaimed {
            var isChosen = chosen.count < Self.portion
            if isChosen, let server = start.server, !slots.take(server) {
                isChosen = mayWait && waiting < Self.maximumReady
                if isChosen { waiting += 1 }
            }
            if isChosen { chosen.append(start) } else { rest.append(start) }
        }
        unclaimed = rest
        return chosen
    }
}

extension StartRun {
    /// Sends what has a slot.
    private func send(at now: Timestamp) {
        var waiting: [ClaimedStart] = []
        var hindered: [(ClaimedStart, StartResult)] = []
        var bytes = 0
        for var claimed in ready {
            if let obstacle = claimed.obstacle {
                hindered.append((claimed, obstacle))
            } else if claimed.server.map({ slots.take($0) }) ?? (bytes < Self.maximumBytes) {
                claimed.markSent(at: now)
                running[claimed.index] = claimed
                bytes += underWay.begin(
                    claimed.start,
                    number: claimed.index,
                    isProtected: claimed.isProtected(at: now)
                )
            } else {
                waiting.append(claimed)
            }
        }
        ready = waiting
        restOrConclude(hindered)
    }

    /// Takes what came of starts that were sent.
    private func take(_ ended: [StartsUnderWay.Ended]) {
        var tried: [(ClaimedStart, StartResult)] = []
        for end in ended {
            guard var claimed = running.removeValue(forKey: end.number) else { continue }
            if let server = claimed.server { slots.giveBack(server) }
            let result = claimed.take(end.result)
            tried.append((claimed, result))
        }
        restOrConclude(tried)
    }

    /// Lets rest what may succeed later, and concludes the others.
    private func restOrConclude(_ tried: [(ClaimedStart, StartResult)]) {
        guard !tried.isEmpty else { return }
        let now = services.clock.now()
        let chance = services.random.next(upTo: ClaimedStart.firstPause / 2)
        var over: [ClaimedStart] = []
        for (claimed, result) in tried {
            results[claimed.index] = result
            var claimed = claimed
            claimed.rest(from: now, chance: chance)
            if result.isPending, claimed.resumes < startBy.expires,
                claimed.maySend(at: claimed.resumes)
            {
                resting.append(claimed)
            } else {
                over.append(claimed)
            }
        }
        conclude(over)
    }

    /// Has those tried again whose pause is over.
    private func resume(at now: Timestamp) {
        var due = resting.filter { $0.resumes <= now }
        guard !due.isEmpty else { return }
        resting.removeAll { $0.resumes <= now }
        // Something newer may have been started since.
        let readings = headStore.readings(of: due.map { $0.start })
        let responses = services.client.send(readings.compactMap { $0 }, deadline: startBy)
        let heads = headStore.known(readings, responses)
        for index in due.indices { due[index].head = heads[index] }
        ready += due
    }
}

extension StartRun {
    /// Makes results final and writes them down, unless they are the last.
    private func conclude(_ ended: [ClaimedStart]) {
        guard !ended.isEmpty else { return }
        let now = services.clock.now()
        for claimed in ended {
            results[claimed.index] = claimed.final(results[claimed.index], at: now)
        }
        let areAllEnded =
            unclaimed.isEmpty && ready.isEmpty && running.isEmpty && resting.isEmpty
        let areToStop = ended.map {
            !superseded.runsToStop(for: $0, results[$0.index]).isEmpty
        }
        // What has a status is written down before it is waited for what is stopped: its run may end first.
        let isAwaited = zip(ended, areToStop).contains {
            $0.start.status != nil && !$0.start.endsRuns && $1
        }
        if isFinishing, areAllEnded, !isAwaited {
            unwritten += ended
            return
        }
        // No start waits for what is to be stopped. That it has a run is written down at once, since the run
        // may end before the last of the starts does.
        var written: [ClaimedStart] = []
        for (claimed, isToStop) in zip(ended, areToStop) {
            if claimed.start.endsRuns && isToStop {
                unwritten.append(claimed)
            } else {
                written.append(claimed)
            }
        }
        record(written)
        guard unwritten.count + superseded.waitingCount > Self.maximumLeft else { return }
        supersede()
        record(unwritten)
        unwritten = []
    }

    /// Stops what the starts take the place of that are written down, or about to be.
    private func supersede() {
        // The other half is for writing down what was started.
        let left = deadline.remaining(at: services.clock.now())
        superseded.stop(
            for: unwritten,
            results,
            deadline: deadline.reserving(milliseconds: left / 2)
        )
        for claimed in unwritten where claimed.start.endsRuns {
            let stopped = superseded[claimed.index]
            if !stopped.isEmpty { results[claimed.index] = stopped.result }
        }
    }

    /// Writes down how starts have ended; the responses to calls that are sent beside that.
    @discardableResult
    private func record(
        _ ended: [ClaimedStart],
        along others: [AWSCall] = []
    ) -> [Result<HTTPResponse, CallError>] {
        let conclusions = ended.map { claimed in
            Ledger.Conclusion(
                identity: claimed.start.identity,
                entry: claimed.concluded(results[claimed.index]),
                etag: claimed.etag
            )
        }
        var updates: [S3Update] = []
        for claimed in ended { updates += superseded.raise(claimed, results[claimed.index]) }
        updates += missingRuns + ended.flatMap { runStore.storing($0, results[$0.index]) }
        updates += superseded.overdueUpdates()
        missingRuns = []
        let (faults, responses) = ledger.conclude(
            conclusions,
            along: updates.map { $0.firstCall } + others,
            deadline: deadline
        )
        // A claim whose release cannot be written is no fault: its lease ends anyway.
        for (claimed, fault) in zip(ended, faults) where !results[claimed.index].isPending {
            if let fault { unrecorded.append(fault) }
        }
        finish(updates, Array(responses.prefix(updates.count)))
        return Array(responses.dropFirst(updates.count))
    }

    /// Makes updates of heads and runs, given the responses to their first calls.
    private func finish(_ updates: [S3Update], _ responses: [Result<HTTPResponse, CallError>]) {
        let ends = services.client.finish(updates, responses, deadline: deadline)
        for case .failure(let error) in ends { unrecorded.append(error) }
    }
}

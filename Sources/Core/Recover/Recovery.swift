package import Codec
package import Platform

/// Finds what GitHub could not deliver to webhooks, and has it delivered once more.
///
/// GitHub tries once. What it sends again is what it sent: nothing starts twice (``StartRun``).
package struct Recovery {
    private let access: GitHubAccess
    private let records: DecisionLookup?
    private let clock: WallClock

    /// The most redeliveries of one event, those that somebody else asked for included.
    static let mostOfOne = 3
    /// The most redeliveries in one run, over all webhooks.
    package static let mostInAll = 50
    /// Milliseconds that one redelivery may take: GitHub answers before it delivers.
    static let attemptLimit = 10_000
    /// Milliseconds that are left for a page: with less time it is read in the next run.
    static let pageReserve = 5_000
    /// How many redeliveries of one webhook may fail in a run.
    static let mostFailures = 3
    /// Milliseconds before the last read entry that are read again: 20 minutes, longer than
    /// ``DeliveredEvent/recordDelay`` and what clocks differ by.
    static let overlap = 1_200_000

    /// - Parameter records: tells which deliveries have a decision record; without it, what was
    ///   accepted is taken for decided.
    package init(access: GitHubAccess, records: DecisionLookup?, clock: WallClock) {
        self.access = access
        self.records = records
        self.clock = clock
    }

    /// What a webhook has delivered since a moment: what is missed of it, the oldest first.
    ///
    /// - Parameter checkpoint: what is known of earlier redeliveries.
    func find(
        _ hook: GitHubHook,
        since: Timestamp,
        knowing checkpoint: RecoverCheckpoint,
        deadline: Deadline
    ) throws(APIProblem) -> HookRecovery {
        var deliveries = HookDeliveries()
        var rest = try read(&deliveries, of: hook, since: since, deadline: deadline)
        if let earlier = checkpoint.rest, earlier.since < since {
            if rest == nil {
                rest = try read(&deliveries, of: hook, resuming: earlier, deadline: deadline)
            } else {
                rest?.since = earlier.since
            }
        }
        let now = clock.now()
        var missed: [MissedDelivery] = []
        var accepted: [(event: DeliveredEvent, at: Timestamp)] = []
        for event in deliveries.events {
            switch event.standing(at: now) {
            case .settled: break
            case .missed(let reason): missed.append(MissedDelivery(event, of: hook, reason))
            case .missedUnlessRecorded(let at): accepted.append((event, at))
            }
        }
        if let records {
            let isRecorded = try records.isRecorded(
                accepted.map { (delivery: $0.event.guid, receivedAt: $0.at) },
                deadline: deadline
            )
            for (index, entry) in accepted.enumerated() where !isRecorded[index] {
                missed.append(MissedDelivery(entry.event, of: hook, "accepted and not decided"))
            }
        }
        missed = missed.compactMap { missed in
            guard let known = checkpoint.redelivered(missed.guid) else { return missed }
            var missed = missed
            missed.redeliveries = max(missed.redeliveries, known.count)
            return known.isGivenUp ? nil : missed
        }
        for index in missed.indices where missed[index].redeliveries >= Self.mostOfOne {
            missed[index].outcome = .givenUp(
                "it was delivered again \(missed[index].redeliveries) times"
            )
        }
        missed = missed.inOrder(of: missed.map { $0.id })
        missed = missed.inOrder(of: missed.map { $0.firstAt.milliseconds })
        var result = HookRecovery(hook: hook)
        result.isRead = true
        result.deliveries = deliveries.count
        result.missed = missed
        result.rest = rest
        return result
    }

    /// The same without anything that is known beside GitHub's list.
    package func find(
        _ hook: GitHubHook,
        since: Timestamp,
        deadline: Deadline
    ) throws(APIProblem) -> HookRecovery {
        let nothing = RecoverCheckpoint(since: since)
        let result = try find(hook, since: since, knowing: nothing, deadline: deadline)
        guard result.rest == nil else {
            throw APIProblem(.failed, "the time is over, and not all of the list was read")
        }
        return result
    }

    /// Goes on with a list where an earlier run has stopped, or from its start if GitHub does not
    /// know that place any more.
    private func read(
        _ deliveries: inout HookDeliveries,
        of hook: GitHubHook,
        resuming rest: RecoverCheckpoint.Rest,
        deadline: Deadline
    ) throws(APIProblem) -> RecoverCheckpoint.Rest? {
        do throws(APIProblem) {
            return try read(
                &deliveries,
                of: hook,
                from: rest.cursor,
                since: rest.since,
                deadline: deadline
            )
        } catch {
            guard error.kind == .refused else { throw error }
        }
        deliveries = HookDeliveries()
        return try read(&deliveries, of: hook, since: rest.since, deadline: deadline)
    }

    /// Reads the list, which begins with the newest, back to a moment; returns what is left where
    /// the time was too short.
    private func read(
        _ deliveries: inout HookDeliveries,
        of hook: GitHubHook,
        from start: String? = nil,
        since: Timestamp,
        deadline: Deadline
    ) throws(APIProblem) -> RecoverCheckpoint.Rest? {
        var cursor = start
        while true {
            let call = access.api.deliveries(of: hook, cursor: cursor)
            let response = try access.send(call, for: hook.purpose, deadline: deadline)
            do throws(ParsingError) {
                try deliveries.read(response.body, since: since)
            } catch {
                throw APIProblem(.failed, "\(call.action) of \(call.resource): \(error)")
            }
            guard let oldest = deliveries.oldestOfPage, oldest >= since,
                let next = GitHubAPI.nextCursor(by: response)
            else { return nil }
            guard !isSame(next, cursor ?? "") else {
                throw APIProblem(
                    .failed,
                    "\(call.action) of \(call.resource): the next page is the same page"
                )
            }
            cursor = next
            guard deadline.remaining(at: clock.now()) >= Self.pageReserve else {
                return RecoverCheckpoint.Rest(cursor: next, since: since)
            }
        }
    }

    /// Has what is missed delivered again, the oldest of all webhooks first, as far as limits and
    /// time allow.
    ///
    /// A webhook of which three calls fail is left alone for this run.
    ///
    /// - Parameter told: called with each delivery that was made again or given up.
    package func redeliver(
        _ hooks: inout [HookRecovery],
        deadline: Deadline,
        told: (MissedDelivery) -> Void
    ) {
        var waiting: [(hook: Int, missed: Int)] = []
        for hook in hooks.indices {
            for missed in hooks[hook].missed.indices {
                if hooks[hook].missed[missed].outcome == nil {
                    waiting.append((hook, missed))
                } else {
                    told(hooks[hook].missed[missed])
                }
            }
        }
        waiting = waiting.inOrder(of: waiting.map { hooks[$0.hook].missed[$0.missed].id })
        waiting = waiting.inOrder(
            of: waiting.map { hooks[$0.hook].missed[$0.missed].firstAt.milliseconds }
        )
        var left = Self.mostInAll
        var failures = hooks.map { _ in 0 }
        for (hook, missed) in waiting where left > 0 && failures[hook] < Self.mostFailures {
            guard deadline.remaining(at: clock.now()) > 0 else { break }
            var entry = hooks[hook].missed[missed]
            do throws(APIProblem) {
                if try redeliver(&entry, deadline: deadline) { left -= 1 }
            } catch {
                if error.mayHaveActed { left -= 1 }
                hooks[hook].problem = error.description
                // What is called too often is left alone.
                failures[hook] += error.kind == .failed ? 1 : Self.mostFailures
            }
            hooks[hook].missed[missed] = entry
            if entry.outcome != nil { told(entry) }
        }
    }

    /// Has one delivered again; whether that was done.
    private func redeliver(
        _ missed: inout MissedDelivery,
        deadline: Deadline
    ) throws(APIProblem) -> Bool {
        do throws(APIProblem) {
            _ = try access.send(
                access.api.redeliver(missed.id, of: missed.hook),
                for: missed.hook.purpose,
                deadline: deadline,
                attemptLimit: Self.attemptLimit
            )
            missed.redeliveries += 1
            missed.outcome = .redelivered
            return true
        } catch {
            if error.mayHaveActed { missed.redeliveries += 1 }
            let isFinal = error.kind == .refused || error.status == 401
            guard isFinal, !error.isOfToken else { throw error }
            missed.outcome = .givenUp(error.description)
            return false
        }
    }
}

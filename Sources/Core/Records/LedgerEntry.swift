internal import Codec

/// What the ledger says of one start: the object at `{S3_PREFIX}/ledger/{identity}`.
///
/// The first writer of that key owns the start. A later attempt reads it and
/// learns whether there is anything left to do.
package struct LedgerEntry: Equatable, Sendable {
    enum State: String, Equatable, Sendable {
        /// An attempt is starting it, until the lease ends.
        case starting
        /// The target has it; never to be started again.
        case started
        /// What it would have done was done already; only a redelivery may look again.
        case unchanged
        /// The target's server declined it; only a redelivery may try again.
        case skipped
        /// The target refused; only a redelivery may try again.
        case failed
        /// It has not been started, for a reason that may pass; the next attempt takes it over
        /// at once.
        case released
        /// Whether it has been started could not be told; the next attempt takes it over at once.
        case lost
    }

    var state: State
    var ruleKey: String
    /// The delivery that called for it.
    var delivery: String
    /// When that delivery was received: a redelivery differs in this.
    var receivedAt: Timestamp
    /// Names the attempt that is starting it; each of Lambda's retries is another one.
    var holder: String
    /// When the start may first have been attempted: the first claim's time, through all attempts
    /// that left open whether they had started it.
    ///
    /// It is stored as `attemptedSince`.
    var claimedSince: Timestamp
    /// When the holder's claim ends: when its invocation has to, less half a second.
    ///
    /// Lambda tries again one minute after an invocation failed, which is why the function's timeout in
    /// template.yaml is not longer than that.
    var leaseExpires: Timestamp
    /// How many requests may have reached the target without a client token that it still knew.
    ///
    /// It is stored as `attempts`. Of CodePipeline it is always 0, since that knows its token.
    var requests: Int
    /// What was to be started; `nil` of entries that were written before it was kept.
    var target: StartedTarget?
    /// What the target answered, or why it refused.
    var answer: String?
    /// The run that was started, if its rule has a `Status` or `Supersede`.
    var run: RunName?

    /// Claims a start for a holder until its lease ends, and counts the request that is to follow.
    init(
        claiming start: Start,
        of change: Change,
        holder: String,
        at now: Timestamp,
        leaseExpires: Timestamp
    ) {
        self.state = .starting
        self.ruleKey = start.ruleKey
        self.delivery = change.delivery
        self.receivedAt = change.receivedAt
        self.holder = holder
        self.claimedSince = now
        self.leaseExpires = leaseExpires
        let facts = start.action.facts
        self.requests = facts.tokenLifetime == 0 ? 1 : 0
        self.target = facts.target
    }

    /// The same claim on a start that another attempt has left; a redelivery begins a new count.
    func takingOver(_ earlier: LedgerEntry, at now: Timestamp, tokenLifetime: Int?) -> LedgerEntry {
        guard receivedAt <= earlier.receivedAt else { return self }
        var entry = self
        if earlier.outcomeUnknown { entry.claimedSince = earlier.claimedSince }
        entry.requests = earlier.requests
        if entry.tokenIsForgotten(at: now, tokenLifetime: tokenLifetime) { entry.requests += 1 }
        return entry
    }

    /// More requests than are ever sent: a higher figure was not written by Pointsman.
    private static let mostCounted = 1_000

    /// How many requests may go out without a client token that the service knows: two if it never
    /// knows one, else one, since the first was protected.
    private static func maximumRequests(tokenLifetime: Int) -> Int { tokenLifetime == 0 ? 2 : 1 }

    /// Whether no further request may go out for the same delivery: the client token is forgotten,
    /// and the limit of requests without one is reached.
    func isExhausted(at now: Timestamp, tokenLifetime: Int?) -> Bool {
        guard let tokenLifetime, tokenIsForgotten(at: now, tokenLifetime: tokenLifetime) else {
            return false
        }
        return requests >= Self.maximumRequests(tokenLifetime: tokenLifetime)
    }

    /// Whether the target may have been started without this entry saying so.
    var outcomeUnknown: Bool {
        switch state {
        case .starting, .lost: true
        case .started, .unchanged, .skipped, .failed, .released: false
        }
    }

    /// Whether the service no longer knows the client token of what an attempt has left open: to start it
    /// now may be a second start.
    func tokenIsForgotten(at now: Timestamp, tokenLifetime: Int?) -> Bool {
        guard let tokenLifetime else { return false }
        return claimedSince.adding(milliseconds: tokenLifetime) <= now
    }

    /// The entry once the start has ended in that way.
    func ended(_ result: StartResult) -> LedgerEntry {
        let (state, answer): (State, String) =
            switch result {
            case .started(let answer, _), .alreadyStarted(let answer, _): (.started, answer)
            case .unchanged(let found): (.unchanged, found)
            case .skipped(let words), .heldBack(let words, _): (.skipped, words)
            case .refused(let words, _): (.failed, words)
            case .pending(let why): (.released, why)
            case .lost(let why): (.lost, why)
            }
        var entry = self
        entry.state = state
        entry.answer = answer
        entry.run = result.run
        return entry
    }

    /// How final what the entry says is: of two attempts' entries the higher stands.
    var rank: Int {
        switch state {
        case .released: 0
        case .lost: 1
        case .failed: 2
        case .skipped, .unchanged: 3
        // An attempt is starting it: only that it was started says more.
        case .starting: 4
        case .started: 5
        }
    }

    /// What a later attempt may do about a start that has this entry.
    func verdict(
        on claim: LedgerEntry,
        at now: Timestamp,
        tokenLifetime: Int? = nil
    ) -> ClaimVerdict {
        // A redelivery has the same body and id, and another time of receipt. Lambda's retry has the same.
        let isSameReceipt = receivedAt == claim.receivedAt
        let answer = answer ?? ""
        switch state {
        case .started:
            return .closed(.alreadyStarted(answer + otherTarget(than: claim), run: run))
        case .starting where holder == claim.holder: return .own
        case .starting where now < leaseExpires && leaseExpires <= now.longestLease:
            let until = leaseExpires.iso8601
            return .closed(.pending("another run is starting it, until \(until) at the latest"))
        case .unchanged where isSameReceipt: return .closed(.unchanged(answer))
        case .skipped where isSameReceipt: return .closed(.skipped(answer))
        case .failed where isSameReceipt: return .closed(.refused(answer))
        case .starting, .lost, .failed:
            // It is refused once the limit of the delivery is reached; a redelivery has one of its own.
            guard claim.receivedAt <= receivedAt, isExhausted(at: now, tokenLifetime: tokenLifetime)
            else {
                return .free
            }
            return .closed(
                .refused("the end of what was sent is unknown; \(StartResult.mayHaveStartedTwice)")
            )
        case .unchanged, .skipped, .released: return .free
        }
    }

    /// What is said of a start whose rule has another target now.
    private func otherTarget(than claim: LedgerEntry) -> String {
        guard let target, let now = claim.target, target != now else { return "" }
        return ", by \(target.kind) \(target.name): the rule named that target then"
    }

    /// What may be done about a start whose entry is there already.
    enum ClaimVerdict: Equatable, Sendable {
        /// The entry is the asker's own: the answer to its first PUT was lost.
        case own
        /// It may be taken over, on condition that the entry has not changed since.
        case free
        /// Nothing: it has ended, in this same delivery or for ever, or another attempt is starting it.
        case closed(StartResult)
    }
}

extension Timestamp {
    /// The last moment at which a lease taken now can end.
    ///
    /// A function runs for 15 minutes at most (Lambda's quotas): a lease that ends later is
    /// not one of its.
    var longestLease: Timestamp { adding(milliseconds: 900_000) }
}

extension LedgerEntry {
    /// The entry as it is stored: a JSON object.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("state", state.rawValue)
            json.member("rule", ruleKey)
            json.member("delivery", delivery)
            json.member("receivedAt", receivedAt.iso8601Milliseconds)
            json.member("holder", holder)
            json.member("attemptedSince", claimedSince.iso8601Milliseconds)
            json.member("leaseExpires", leaseExpires.iso8601Milliseconds)
            json.member("attempts", requests)
            if let target {
                json.object("target") { json in
                    json.member("kind", target.kind)
                    json.member("name", target.name)
                }
            }
            json.member("answer", answer)
            json.member("run", run?.text)
        }
        return json.bytes
    }

    /// Reads an entry; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes),
            let state = json["state"]?.string.flatMap(State.init(rawValue:)),
            let ruleKey = json["rule"]?.string,
            let delivery = json["delivery"]?.string,
            let receivedAt = json.timestamp("receivedAt"),
            let holder = json["holder"]?.string,
            let leaseExpires = json.timestamp("leaseExpires")
        else { return nil }
        self.state = state
        self.ruleKey = ruleKey
        self.delivery = delivery
        self.receivedAt = receivedAt
        self.holder = holder
        self.claimedSince =
            json.timestamp("attemptedSince") ?? receivedAt
        self.leaseExpires = leaseExpires
        self.requests = 0
        if let kind = json["target"]?["kind"]?.string, let name = json["target"]?["name"]?.string {
            self.target = StartedTarget(kind: kind, name: name)
        }
        self.answer = json["answer"]?.string
        self.run = json["run"]?.string.flatMap(RunName.init)
        // An entry that was written before requests were counted and is open stands for one.
        let requests = json["attempts"]?.int ?? (outcomeUnknown ? 1 : 0)
        self.requests = min(max(0, requests), Self.mostCounted)
    }
}

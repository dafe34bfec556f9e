internal import AWS
internal import Codec
internal import Platform

/// What has been started, one object a start, so that nothing is started twice and
/// nothing that was begun is forgotten.
///
/// It stands on S3's conditional writes: of several attempts that create the same key at
/// the same time one succeeds, and the others are told.
struct Ledger {
    let services: Services

    enum Claim: Equatable {
        /// It is this attempt's to perform; and the entry that an earlier one left, if any.
        case mine(LedgerEntry, etag: String, after: LedgerEntry?)
        /// It is not; how it stands.
        case taken(StartResult)
        /// Another delivery has asked for the same start and carries on with it; in words.
        case underWay(String)
        /// The ledger could not be read or written; why, and the call that failed.
        case unknown(String, CallError? = nil)
    }

    /// How one start has ended, to be written over its claim.
    struct Conclusion {
        var identity: String
        var entry: LedgerEntry
        var etag: String
    }

    /// Claims all starts in parallel: one result each, in their order; and the answers to calls that
    /// are sent beside the claims.
    ///
    /// - Parameters:
    ///   - others: what is sent in the same round trip.
    ///   - holder: names this attempt, and no other.
    ///   - lease: when the claims end, unless they are concluded before.
    ///   - isProven: Whether a start, by its index, is known to have been made: nothing is sent for it, so its claim
    ///     counts no request and is never refused for those before.
    func claim(
        _ starts: [Start],
        of change: Change,
        holder: String,
        lease: Deadline,
        along others: [AWSCall],
        deadline: Deadline,
        isProven: (Int) -> Bool = { _ in false }
    ) -> (claims: [Claim], answers: [Result<HTTPResponse, CallError>]) {
        let now = services.clock.now()
        var claims = starts.map {
            PendingClaim(
                LedgerEntry(
                    claiming: $0,
                    of: change,
                    holder: holder,
                    at: now,
                    leaseExpires: lease.expires
                )
            )
        }
        let updates = starts.indices.map { index in
            let key = services.keys.ledger(starts[index].identity)
            let tokenLifetime = isProven(index) ? nil : starts[index].action.facts.tokenLifetime
            let content = S3Update.Content(claims[index].entry.encoded())
            return S3Update(of: key, in: services.s3, writing: content, if: .absent) { found in
                claims[index].edit(
                    found,
                    at: services.clock.now(),
                    tokenLifetime: tokenLifetime,
                    isOncePerHead: starts[index].isOncePerHead,
                    named: "\(services.s3.bucket)/\(key)"
                )
            }
        }
        let (outcomes, responses) = services.client.update(
            updates,
            along: others,
            deadline: deadline
        )
        return (zip(claims, outcomes).map { $0.claim($1) }, responses)
    }

    /// A claim that is being written.
    private struct PendingClaim {
        /// The claim on a start that has no entry yet.
        let fresh: LedgerEntry
        /// The claim as it is written.
        private(set) var entry: LedgerEntry
        /// The entry that an earlier attempt left, which `entry` takes over.
        private var earlier: LedgerEntry?
        /// Set if nothing is to be written.
        private var found: Claim?

        init(_ fresh: LedgerEntry) {
            self.fresh = fresh
            self.entry = fresh
        }

        /// What to write over what stands in the claim's way; `nil` if nothing is to be written.
        mutating func edit(
            _ object: S3.StoredObject?,
            at now: Timestamp,
            tokenLifetime: Int?,
            isOncePerHead: Bool,
            named name: String
        ) -> S3Update.Content? {
            guard let object else {
                (entry, earlier) = (fresh, nil)
                return S3Update.Content(entry.encoded())
            }
            guard let there = LedgerEntry(parsing: object.body) else {
                found = .unknown("\(name) is not a ledger record: delete it to start again")
                return nil
            }
            let verdict = there.verdict(on: fresh, at: now, tokenLifetime: tokenLifetime)
            switch verdict {
            case .closed(.pending) where isOncePerHead && !isSame(there.delivery, fresh.delivery):
                found = .underWay("delivery \(there.delivery) is starting it")
            // The response to its own write was lost.
            case .own: found = .mine(entry, etag: object.etag, after: earlier)
            case .free:
                earlier = there
                entry = fresh.takingOver(there, at: now, tokenLifetime: tokenLifetime)
                return S3Update.Content(entry.encoded())
            case .closed(let result): found = .taken(result)
            }
            return nil
        }

        /// What the update has come to.
        func claim(_ end: Result<S3Update.Outcome, CallError>) -> Claim {
            switch end {
            case .success(.stored(let etag)): .mine(entry, etag: etag, after: earlier)
            case .success(.left): found ?? .unknown("it was left as it is")
            case .failure(let error): .unknown(error.description, error)
            }
        }
    }

    /// Writes down how starts ended, in parallel: an error for each that could not be written; and
    /// the answers to calls that are sent beside them.
    ///
    /// Each is written over this run's own claim. If another run has written meanwhile, its
    /// entry is only ever raised.
    func conclude(
        _ conclusions: [Conclusion],
        along others: [AWSCall],
        deadline: Deadline
    ) -> (faults: [CallError?], answers: [Result<HTTPResponse, CallError>]) {
        let updates = conclusions.map { conclusion in
            let content = S3Update.Content(conclusion.entry.encoded())
            return S3Update(
                of: services.keys.ledger(conclusion.identity),
                in: services.s3,
                writing: content,
                if: .unchanged(etag: conclusion.etag)
            ) { found in
                found.map { Self.isLower($0.body, than: conclusion.entry) } ?? true
                    ? content : nil
            }
        }
        let (outcomes, responses) = services.client.update(
            updates,
            along: others,
            deadline: deadline
        )
        let faults = outcomes.map { outcome -> CallError? in
            if case .failure(let error) = outcome { error } else { nil }
        }
        return (faults, responses)
    }

    /// Whether an entry that is there is to give way to a conclusion.
    private static func isLower(_ body: [UInt8], than conclusion: LedgerEntry) -> Bool {
        guard let there = LedgerEntry(parsing: body) else { return true }
        if isSame(there.holder, conclusion.holder) { return there != conclusion }
        return there.rank < conclusion.rank
    }
}

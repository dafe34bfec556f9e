internal import AWS
internal import Platform

/// What has been started, one object a start, so that nothing is started twice and
/// nothing that was begun is forgotten.
///
/// It stands on S3's conditional writes: of several runs that create the same key at
/// the same time one succeeds, and the others are told.
struct Ledger {
    let services: Services

    /// What came of asking for a start.
    enum Claim: Equatable {
        /// It is the asker's to perform; what an earlier run has left, where one has.
        case mine(LedgerRecord, etag: String, after: LedgerRecord?)
        /// It is not.
        case taken(LedgerRecord.Verdict)
        /// The ledger could not be asked; why.
        case unknown(String)
    }

    /// How often a claim is made while the record changes between reading and writing.
    private static let rounds = 4

    private struct OpenClaim {
        var index: Int
        var condition: S3.Condition
        var earlier: LedgerRecord?
    }

    /// How one start has ended, to be written over its claim.
    struct Conclusion {
        var identity: String
        var record: LedgerRecord
        /// The ETag of the claim.
        var etag: String
    }

    /// Claims all starts in parallel: one result each, in their order; and the answers to calls that
    /// are sent beside the claims.
    ///
    /// - Parameters:
    ///   - others: what is sent in the same round trip.
    ///   - holder: names the asking attempt, and no other.
    ///   - lease: when the claims end, unless they are concluded before.
    func claim(
        _ starts: [Start],
        of change: Change,
        holder: String,
        lease: Deadline,
        along others: [AWSCall],
        deadline: Deadline
    ) -> (claims: [Claim], answers: [Result<HTTPResponse, CallError>]) {
        let now = services.clock.now()
        let fresh = starts.map {
            LedgerRecord(
                claiming: $0,
                of: change,
                holder: holder,
                at: now,
                leaseExpires: lease.expires
            )
        }
        var records = fresh
        var claims = starts.map { Claim.unknown("\(key($0.identity)) keeps changing") }
        var open = starts.indices.map { OpenClaim(index: $0, condition: .absent) }
        var answers: [Result<HTTPResponse, CallError>] = []
        for round in 0..<Self.rounds where !open.isEmpty {
            let writes = open.map {
                put(records[$0.index], starts[$0.index].identity, $0.condition)
            }
            let sent = services.client.send(writes + (round == 0 ? others : []), deadline: deadline)
            let written = sent.prefix(writes.count)
            if round == 0 { answers = Array(sent.dropFirst(writes.count)) }
            var contested: [OpenClaim] = []
            for (position, entry) in open.enumerated() {
                switch outcome(of: writes[position], written[position]) {
                case .success(.stored(let etag)):
                    claims[entry.index] = .mine(
                        records[entry.index],
                        etag: etag,
                        after: entry.earlier
                    )
                case .success(.preconditionFailed): contested.append(entry)
                case .failure(let error): claims[entry.index] = .unknown(error.description)
                }
            }
            let reads = contested.map { services.s3.getObject(key(starts[$0.index].identity)) }
            let read = services.client.send(reads, deadline: deadline)
            open = []
            for (position, entry) in contested.enumerated() {
                let index = entry.index
                let memory = starts[index].action.tokenMemory
                let claim = records[index]
                switch examine(reads[position], read[position], for: claim, memory: memory) {
                case .own(let etag):
                    claims[index] = .mine(claim, etag: etag, after: entry.earlier)
                case .absent: open.append(OpenClaim(index: index, condition: .absent))
                case .left(let earlier, let etag):
                    records[index] = fresh[index].takingOver(earlier, at: now, memory: memory)
                    open.append(
                        OpenClaim(
                            index: index,
                            condition: .unchanged(etag: etag),
                            earlier: earlier
                        )
                    )
                case .settled(let claim): claims[index] = claim
                }
            }
        }
        return (claims, answers)
    }

    /// Writes down how starts ended, in parallel: an error for each that could not be written; and
    /// the answers to calls that are sent beside them.
    ///
    /// Each is written over the asker's own claim. Where another run has written meanwhile, its
    /// record is only ever raised.
    func conclude(
        _ conclusions: [Conclusion],
        along others: [AWSCall],
        deadline: Deadline
    ) -> (faults: [CallError?], answers: [Result<HTTPResponse, CallError>]) {
        let writes = conclusions.map { put($0.record, $0.identity, .unchanged(etag: $0.etag)) }
        let sent = services.client.send(writes + others, deadline: deadline)
        var faults: [CallError?] = []
        for (position, conclusion) in conclusions.enumerated() {
            switch outcome(of: writes[position], sent[position]) {
            case .success(.stored): faults.append(nil)
            case .success(.preconditionFailed):
                faults.append(raise(conclusion, deadline: deadline))
            case .failure(let error): faults.append(error)
            }
        }
        return (faults, Array(sent.dropFirst(writes.count)))
    }

    /// Writes a conclusion over what somebody else has written, unless that says as much.
    private func raise(_ conclusion: Conclusion, deadline: Deadline) -> CallError? {
        let reading = services.s3.getObject(key(conclusion.identity))
        do throws(CallError) {
            for _ in 0..<Self.rounds {
                let response = try services.client.send(reading, deadline: deadline)
                var condition = S3.Condition.absent
                if case .object(let object) = try S3.result(ofGet: reading, response) {
                    condition = .unchanged(etag: object.etag)
                    guard isLower(object.body, than: conclusion.record) else { return nil }
                }
                let write = put(conclusion.record, conclusion.identity, condition)
                let written = try services.client.send(write, deadline: deadline)
                if case .stored = try S3.result(ofPut: write, written) { return nil }
            }
        } catch {
            return error
        }
        return CallError(
            reading,
            code: "Contended",
            message: "other runs keep writing it",
            isRetryable: true
        )
    }

    /// Whether a record that is there is to give way to a conclusion.
    private func isLower(_ body: [UInt8], than conclusion: LedgerRecord) -> Bool {
        guard let there = LedgerRecord(parsing: body) else { return true }
        if isSame(there.holder, conclusion.holder) { return there != conclusion }
        return there.rank < conclusion.rank
    }

    private func key(_ identity: String) -> String {
        "\(services.prefix)/ledger/\(identity)"
    }

    private func put(
        _ record: LedgerRecord,
        _ identity: String,
        _ condition: S3.Condition
    ) -> AWSCall {
        services.s3.putObject(
            key(identity),
            record.encoded(),
            contentType: "application/json",
            condition: condition
        )
    }

    private func outcome(
        of call: AWSCall,
        _ result: Result<HTTPResponse, CallError>
    ) -> Result<S3.PutResult, CallError> {
        do throws(CallError) {
            return .success(try S3.result(ofPut: call, result.get()))
        } catch {
            return .failure(error)
        }
    }

    private enum Examination {
        case own(etag: String)
        case absent
        case left(LedgerRecord, etag: String)
        case settled(Claim)
    }

    /// What a record that stands in a claim's way says of it.
    private func examine(
        _ call: AWSCall,
        _ result: Result<HTTPResponse, CallError>,
        for claim: LedgerRecord,
        memory: Int?
    ) -> Examination {
        let object: S3.StoredObject
        do throws(CallError) {
            guard case .object(let stored) = try S3.result(ofGet: call, result.get()) else {
                return .absent
            }
            object = stored
        } catch {
            return .settled(.unknown(error.description))
        }
        guard let record = LedgerRecord(parsing: object.body) else {
            return .settled(
                .unknown("\(call.resource) is not a ledger record: delete it to start again")
            )
        }
        switch record.verdict(for: claim, at: services.clock.now(), memory: memory) {
        case .own: return .own(etag: object.etag)
        case .free: return .left(record, etag: object.etag)
        case let verdict: return .settled(.taken(verdict))
        }
    }
}

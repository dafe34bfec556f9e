internal import AWS
internal import Platform
internal import Trigger

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
        case mine(LedgerRecord, after: LedgerRecord?)
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

    /// Claims all starts in parallel: one result each, in their order.
    ///
    /// - Parameters:
    ///   - holder: names the asking attempt, and no other.
    ///   - lease: when the claims end, unless they are concluded before.
    func claim(
        _ starts: [Start],
        of change: Change,
        holder: String,
        lease: Deadline,
        deadline: Deadline
    ) -> [Claim] {
        let now = services.clock.now()
        var records = starts.map {
            LedgerRecord(
                claiming: $0,
                of: change,
                holder: holder,
                at: now,
                leaseExpires: lease.expires
            )
        }
        var claims = starts.map { Claim.unknown("\(key($0.identity)) keeps changing") }
        var open = starts.indices.map { OpenClaim(index: $0, condition: .absent) }
        for _ in 0..<Self.rounds where !open.isEmpty {
            let writes = open.map {
                put(records[$0.index], starts[$0.index].identity, $0.condition)
            }
            let written = services.client.send(writes, deadline: deadline)
            var contested: [OpenClaim] = []
            for (position, entry) in open.enumerated() {
                switch outcome(of: writes[position], written[position]) {
                case .success(.stored):
                    claims[entry.index] = .mine(records[entry.index], after: entry.earlier)
                case .success(.preconditionFailed): contested.append(entry)
                case .failure(let error): claims[entry.index] = .unknown(error.description)
                }
            }
            let reads = contested.map { services.s3.getObject(key(starts[$0.index].identity)) }
            let read = services.client.send(reads, deadline: deadline)
            open = []
            for (position, entry) in contested.enumerated() {
                let index = entry.index
                switch examine(reads[position], read[position], for: records[index]) {
                case .own: claims[index] = .mine(records[index], after: entry.earlier)
                case .absent: open.append(OpenClaim(index: index, condition: .absent))
                case .left(let earlier, let etag):
                    records[index] = records[index].takingOver(earlier)
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
        return claims
    }

    /// Writes down how starts ended, in parallel; an error for each that could not be written.
    func conclude(
        _ endings: [(identity: String, record: LedgerRecord)],
        deadline: Deadline
    ) -> [CallError?] {
        let calls = endings.map { put($0.record, $0.identity, .none) }
        return services.client.send(calls, deadline: deadline).map { result in
            guard case .failure(let error) = result else { return nil }
            return error
        }
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
        case own
        case absent
        case left(LedgerRecord, etag: String)
        case settled(Claim)
    }

    /// What a record that stands in a claim's way says of it.
    private func examine(
        _ call: AWSCall,
        _ result: Result<HTTPResponse, CallError>,
        for claim: LedgerRecord
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
        switch record.verdict(for: claim, at: services.clock.now()) {
        case .own: return .own
        case .free: return .left(record, etag: object.etag)
        case let verdict: return .settled(.taken(verdict))
        }
    }
}

internal import AWS
internal import Platform

/// Where the decision record of one change lies.
struct DecisionStore {
    let services: Services
    let change: Change

    /// The call that reads what earlier attempts on the change have written.
    var reading: AWSCall {
        services.s3.getObject("\(services.prefix)/\(DecisionRecord.key(of: change))")
    }

    /// What earlier attempts have written, and where this one is to write.
    struct Place {
        var key: String
        var earlier: DecisionRecord?
        /// What must hold of the object there for the record to be written onto it.
        var condition: S3.Condition = .absent
    }

    /// How often a record is written anew when another run has written it meanwhile.
    private static let rounds = 4

    /// Finds the place by the answer to that call.
    func place(_ answer: Result<HTTPResponse, CallError>) throws(CallError) -> Place {
        let key = DecisionRecord.key(of: change)
        guard case .object(let object) = try S3.result(ofGet: reading, answer.get()) else {
            return Place(key: key, earlier: nil)
        }
        guard let earlier = DecisionRecord(parsing: object.body) else {
            services.log.warning("\(reading.resource) is no decision record and is overwritten")
            return Place(key: key, earlier: nil, condition: .unchanged(etag: object.etag))
        }
        guard earlier.isAbout(change) else {
            services.log.warning("\(reading.resource) is about another change and is kept")
            return Place(key: DecisionRecord.otherKey(of: change), earlier: nil, condition: .none)
        }
        return Place(key: key, earlier: earlier, condition: .unchanged(etag: object.etag))
    }

    /// The call that writes this attempt's record, keeping what earlier ones started.
    func writing(_ record: DecisionRecord, at place: Place) -> AWSCall {
        services.s3.putObject(
            "\(services.prefix)/\(place.key)",
            (place.earlier.map(record.keeping) ?? record).encoded(),
            contentType: "application/json",
            condition: place.condition
        )
    }

    /// Goes on with that call by its answer until the record is written; the error, if any.
    ///
    /// Another run may write at the same time: what it has written is read and kept too.
    func settle(
        _ record: DecisionRecord,
        _ writing: AWSCall,
        _ written: Result<HTTPResponse, CallError>,
        deadline: Deadline
    ) -> [CallError] {
        var (writing, written) = (writing, written)
        do throws(CallError) {
            for round in 1...Self.rounds {
                if case .stored = try S3.result(ofPut: writing, written.get()) { return [] }
                let place = try self.place(services.client.send([reading], deadline: deadline)[0])
                // The answer to an earlier try of this write was lost: it is there.
                if let earlier = place.earlier, earlier.attempts.last == record.attempts.last {
                    return []
                }
                guard round < Self.rounds else { break }
                writing = self.writing(record, at: place)
                written = services.client.send([writing], deadline: deadline)[0]
            }
        } catch {
            return [error]
        }
        return [
            CallError(
                reading,
                code: "Contended",
                message: "other runs keep writing the decision record",
                isRetryable: true
            )
        ]
    }
}

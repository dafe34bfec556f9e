internal import AWS
internal import Platform
internal import Trigger

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
    }

    /// Finds the place by the answer to that call.
    func place(_ answer: Result<HTTPResponse, AWSError>) throws(AWSError) -> Place {
        let key = DecisionRecord.key(of: change)
        guard case .object(let object) = try S3.result(ofGet: reading, answer.get()) else {
            return Place(key: key, earlier: nil)
        }
        guard let earlier = DecisionRecord(parsing: object.body) else {
            services.log.warning("\(reading.resource) is no decision record and is overwritten")
            return Place(key: key, earlier: nil)
        }
        guard earlier.isAbout(change) else {
            services.log.warning("\(reading.resource) is about another change and is kept")
            return Place(key: DecisionRecord.otherKey(of: change), earlier: nil)
        }
        return Place(key: key, earlier: earlier)
    }

    /// Writes this attempt's record, keeping what earlier ones started; the error, if any.
    func write(
        _ record: DecisionRecord,
        at place: Place,
        deadline: Deadline
    ) -> [AWSError] {
        let whole = place.earlier.map(record.keeping) ?? record
        let call = services.put(place.key, whole.encoded())
        guard case .failure(let error)? = services.client.send([call], deadline: deadline).first
        else { return [] }
        return [error]
    }
}

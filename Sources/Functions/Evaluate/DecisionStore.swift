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

    /// The earlier attempts' record, from the answer to that call; `nil` on the first.
    func earlier(_ answer: Result<HTTPResponse, AWSError>) throws(AWSError) -> DecisionRecord? {
        guard case .object(let object) = try S3.result(ofGet: reading, answer.get()) else {
            return nil
        }
        let record = DecisionRecord(parsing: object.body)
        if record == nil {
            services.log.warning(
                "\(reading.resource) is not a decision record and is overwritten"
            )
        }
        return record
    }

    /// Writes this attempt's record, keeping what earlier ones started; the error, if any.
    func write(
        _ record: DecisionRecord,
        onto earlier: DecisionRecord?,
        deadline: Deadline
    ) -> [AWSError] {
        let whole = earlier.map(record.keeping) ?? record
        let call = services.put(DecisionRecord.key(of: change), whole.encoded())
        guard case .failure(let error)? = services.client.send([call], deadline: deadline).first
        else { return [] }
        return [error]
    }
}

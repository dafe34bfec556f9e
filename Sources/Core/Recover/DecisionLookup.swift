package import AWS
internal import Codec
internal import Platform

/// Tells which deliveries have a decision record.
package struct DecisionLookup {
    private let client: AWSClient
    private let s3: S3
    private let keys: BucketKeys

    /// How many records are asked for at a time.
    private static let portion = 200
    private static let day = 86_400_000

    package init(client: AWSClient, s3: S3, keys: BucketKeys) {
        self.client = client
        self.s3 = s3
        self.keys = keys
    }

    /// Whether each has one, under the day on which it was received or the day after: a delivery
    /// may be received later than GitHub writes that it was sent.
    func isRecorded(
        _ deliveries: [(delivery: String, receivedAt: Timestamp)],
        deadline: Deadline
    ) throws(APIProblem) -> [Bool] {
        // The record of any other id has another name.
        var isRecorded = deliveries.map { !DeliveryID.isPlainToken($0.delivery) }
        for days in 0...1 {
            var pending = isRecorded.indices.filter { !isRecorded[$0] }[...]
            while !pending.isEmpty {
                let portion = pending.prefix(Self.portion)
                pending = pending.dropFirst(Self.portion)
                let calls = portion.map { index in
                    let entry = deliveries[index]
                    let day = entry.receivedAt.adding(milliseconds: days * Self.day)
                    return s3.headObject(keys.decision(entry.delivery, receivedAt: day))
                }
                let answers = client.send(calls, deadline: deadline)
                for (index, answer) in zip(portion, answers) {
                    do throws(CallError) {
                        isRecorded[index] = try answer.get().status == 200
                    } catch {
                        throw APIProblem(.failed, "looking for decision records: \(error)")
                    }
                }
            }
        }
        return isRecorded
    }
}

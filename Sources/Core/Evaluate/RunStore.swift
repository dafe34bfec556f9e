internal import AWS
internal import Codec
internal import Platform

/// Writes down what the runs of one change belong to, if their rules have a `Status`.
struct RunStore {
    let services: Services
    /// The key of the decision record.
    let recordKey: String

    /// Writes the run that a start has begun; nothing if it has none.
    ///
    /// A pipeline of a pull request that was made anew takes the place of the one before it, whose first run
    /// has the same name.
    func storing(_ claimed: ClaimedStart, _ result: StartResult) -> [S3Update] {
        switch result {
        case .started(_, let name?):
            update(claimed.start, name, startedAt: claimed.sentAt) {
                !isSame($0.start, claimed.start.identity)
            }
        case .alreadyStarted(_, let name): adding(claimed.start, name)
        default: []
        }
    }

    /// Writes the run that an earlier attempt has begun, unless it is there.
    func adding(_ start: Start, _ name: RunName?) -> [S3Update] {
        guard let name else { return [] }
        return update(start, name, startedAt: services.clock.now()) { _ in false }
    }

    private func update(
        _ start: Start,
        _ name: RunName,
        startedAt: Timestamp,
        replacing isReplaced: @escaping (RunRecord) -> Bool
    ) -> [S3Update] {
        let record = RunRecord(
            start,
            name,
            recordKey: recordKey,
            region: services.client.region,
            startedAt: startedAt
        )
        guard let record else { return [] }
        let content = S3Update.Content(record.encoded())
        return [
            S3Update(of: services.keys.run(name), in: services.s3, writing: content, if: .absent) {
                let found = $0.flatMap { RunRecord(parsing: $0.body) }
                return found.map(isReplaced) ?? true ? content : nil
            }
        ]
    }
}

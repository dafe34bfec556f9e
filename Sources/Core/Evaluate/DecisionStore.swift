internal import AWS
internal import Platform

/// Where the decision record of one change lies.
struct DecisionStore {
    let services: Services
    let change: Change

    private var key: String { services.keys.decision(on: change) }

    /// Where the record is to be written, given what lies there.
    func key(over found: Found) -> String {
        found.isAnother ? services.keys.otherDecision(on: change) : key
    }

    /// The call that reads what earlier runs on the change have written.
    var reading: AWSCall { services.s3.getObject(key) }

    /// What lies where the record is to be written.
    enum Found {
        case absent
        /// What earlier runs have written; `nil` if it is no record and is overwritten.
        case record(DecisionRecord?, etag: String)
        /// The record of another change, which is kept: this one's lies at another key.
        case another

        var earlier: DecisionRecord? {
            if case .record(let earlier, _) = self { earlier } else { nil }
        }

        fileprivate var isAnother: Bool {
            if case .another = self { true } else { false }
        }

        /// What must hold for a record to be written there.
        fileprivate var condition: S3.Condition {
            if case .record(_, let etag) = self { .unchanged(etag: etag) } else { .absent }
        }
    }

    /// What the response to `reading` says.
    func found(_ response: Result<HTTPResponse, CallError>) throws(CallError) -> Found {
        found(try S3.object(ofGet: reading, response.get()))
    }

    private func found(_ object: S3.StoredObject?) -> Found {
        guard let object else { return .absent }
        guard let earlier = DecisionRecord(parsing: object.body) else {
            services.log.warning("\(reading.resource) is no decision record and is overwritten")
            return .record(nil, etag: object.etag)
        }
        guard earlier.isAbout(change) else {
            services.log.warning("\(reading.resource) is about another change and is kept")
            return .another
        }
        return .record(earlier, etag: object.etag)
    }

    /// Writes this run's record, keeping what earlier ones started; its key.
    ///
    /// Another run may write at the same time: what it has written is read and kept too.
    ///
    /// - Parameter send: sends the first call, beside others.
    func write(
        _ record: DecisionRecord,
        over found: Found,
        deadline: Deadline,
        sendingFirst send: (AWSCall) -> Result<HTTPResponse, CallError>
    ) -> Result<String, CallError> {
        var isTaken = false
        let here = S3Update(
            of: key,
            in: services.s3,
            writing: record.content(keeping: found.earlier),
            if: found.condition
        ) { object in
            let found = self.found(object)
            isTaken = found.isAnother
            // The response to an earlier try of this write was lost: it is there.
            let isWritten = found.earlier.map { $0.attempts.last == record.attempts.last } ?? false
            return isTaken || isWritten ? nil : record.content(keeping: found.earlier)
        }
        let update = found.isAnother ? apart(record) : here
        let response = send(update.firstCall)
        do throws(CallError) {
            _ = try services.client.finish([update], [response], deadline: deadline)[0].get()
            if isTaken { try services.client.update(apart(record), deadline: deadline) }
            return .success(key(over: isTaken ? .another : found))
        } catch {
            return .failure(error)
        }
    }

    /// Writes the record where another change has taken its key.
    private func apart(_ record: DecisionRecord) -> S3Update {
        let key = services.keys.otherDecision(on: change)
        let content = record.content(keeping: nil)
        return S3Update(of: key, in: services.s3, writing: content, if: .none) { _ in content }
    }
}

extension DecisionRecord {
    fileprivate func content(keeping earlier: DecisionRecord?) -> S3Update.Content {
        S3Update.Content((earlier.map(keeping) ?? self).encoded())
    }
}

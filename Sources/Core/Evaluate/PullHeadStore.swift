internal import AWS
internal import Codec
internal import Platform

/// The head of the pull request that a change is about, kept in S3 by compare-and-swap for the comments
/// that may follow.
///
/// It is read beside the listing of the rules and written beside the decision record, so that it costs no
/// round trip of its own.
struct PullHeadStore {
    let services: Services
    let change: Change

    /// What is kept.
    enum Known {
        case absent
        /// `nil` if it is none, and is overwritten.
        case stored(PullHead?, etag: String)
        /// It could not be read.
        case unknown(CallError)
    }

    private var key: String? {
        guard change.source == .github, let number = change.pullRequest?.number else { return nil }
        return services.keys.pullHead(number, of: change.source, in: change.repository)
    }

    /// The calls that read it: none if the change is about no pull request.
    var reading: [AWSCall] { key.map { [services.s3.getObject($0)] } ?? [] }

    /// What is kept, by the answers to those calls.
    func known(_ answers: ArraySlice<Result<HTTPResponse, CallError>>) -> Known {
        guard let call = reading.first, let answer = answers.first else { return .absent }
        do throws(CallError) {
            return known(try S3.object(ofGet: call, answer.get()))
        } catch {
            return .unknown(error)
        }
    }

    private func known(_ object: S3.StoredObject?) -> Known {
        guard let object else { return .absent }
        let head = PullHead(parsing: object.body)
        if head == nil {
            services.log.warning("\(key ?? "") tells of no pull request, is overwritten")
        }
        return .stored(head, etag: object.etag)
    }

    /// Keeps the change's own head; nothing if that is kept, or a later one.
    func keeping(over known: Known) -> [S3Update] {
        guard let key, let head = PullHead(of: change), head.replaces(known.head) else { return [] }
        let content = S3Update.Content(head.encoded())
        return [
            S3Update(of: key, in: services.s3, writing: content, if: known.condition) { found in
                head.replaces(self.known(found).head) ? content : nil
            }
        ]
    }
}

extension PullHeadStore.Known {
    var head: PullHead? {
        if case .stored(let head, _) = self { head } else { nil }
    }

    fileprivate var condition: S3.Condition {
        switch self {
        // What could not be read is not overwritten: the write fails, and it is read again.
        case .absent, .unknown: .absent
        case .stored(_, let etag): .unchanged(etag: etag)
        }
    }
}

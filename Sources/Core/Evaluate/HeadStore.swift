internal import AWS
internal import Codec
internal import Platform

/// The newest change that each rule has started for a scope, kept in S3 by compare-and-swap.
///
/// It is read and written beside the ledger, so that it costs no round trip of its own.
struct HeadStore {
    let services: Services
    let change: Change

    /// What is known of a head.
    enum Known {
        case absent
        /// What it says; `nil` if that cannot be, and it is overwritten.
        case stored(StartHead?, etag: String)
        /// It could not be read; why.
        case unknown(String)
    }

    /// The calls that read the heads of starts; none of a start without an order.
    func readings(of starts: [Start]) -> [AWSCall?] {
        starts.map { start in start.order.map { services.s3.getObject(key(start, $0)) } }
    }

    /// What is known of the heads, given those calls and the responses to them.
    func known(_ readings: [AWSCall?], _ responses: [Result<HTTPResponse, CallError>]) -> [Known] {
        var responses = responses[...]
        return readings.map { reading in
            guard let reading, let response = responses.popFirst() else { return .absent }
            do throws(CallError) {
                return known(try S3.object(ofGet: reading, response.get()), named: reading.resource)
            } catch {
                return .unknown(error.description)
            }
        }
    }

    private func known(_ object: S3.StoredObject?, named name: String) -> Known {
        guard let object else { return .absent }
        guard let head = StartHead(parsing: object.body) else {
            services.log.warning("\(name) tells of no start, is overwritten")
            return .stored(nil, etag: object.etag)
        }
        guard !head.eventTime.isMadeUp(at: services.clock.now()) else {
            services.log.warning("\(name) tells of the future, is overwritten")
            return .stored(nil, etag: object.etag)
        }
        return .stored(head, etag: object.etag)
    }

    /// Makes a start the head of its scope; nothing if the head is as new, or it has no order.
    ///
    /// With `Supersede` the head also has what it has begun, and no longer what it has stopped.
    ///
    /// - Parameters:
    ///   - run: what was started.
    ///   - stopped: the runs that were to be stopped for it.
    func raising(
        _ start: Start,
        answer: String,
        run: RunName? = nil,
        stopped: [StoppedRun] = [],
        over known: Known
    ) -> [S3Update] {
        guard let order = start.order else { return [] }
        let head = StartHead(start, at: order.eventTime, of: change, answer: answer)
        if start.supersedes, known.answer(onceFor: order) == nil {
            let run = HeadRun(start, run, region: services.client.region)
            return superseding(start, order, head, run: run, stopped: stopped, over: known)
        }
        guard !known.isAsNew(as: order) else { return [] }
        let content = S3Update.Content(head.encoded())
        let key = key(start, order)
        return [
            S3Update(of: key, in: services.s3, writing: content, if: known.condition) { found in
                let known = self.known(found, named: "\(services.s3.bucket)/\(key)")
                return known.isAsNew(as: order) ? nil : content
            }
        ]
    }

    /// The same of a start that an earlier attempt has made.
    ///
    /// If the head is as new, its run is in it, or was stopped meanwhile.
    func raisingAgain(
        _ start: Start,
        answer: String,
        run: RunName?,
        stopped: [StoppedRun] = [],
        over known: Known
    ) -> [S3Update] {
        let isAsNew = start.order.map { known.isAsNew(as: $0) } ?? false
        return raising(
            start,
            answer: answer,
            run: isAsNew ? nil : run,
            stopped: stopped,
            over: known
        )
    }

    private func superseding(
        _ start: Start,
        _ order: StartOrder,
        _ head: StartHead,
        run: HeadRun?,
        stopped: [StoppedRun],
        over known: Known
    ) -> [S3Update] {
        func edited(_ known: Known) -> S3Update.Content? {
            let found = known.head
            let after = head.superseding(found, run: run, stopped: stopped).encoded()
            return after == found?.encoded() ? nil : S3Update.Content(after)
        }
        guard let content = edited(known) else { return [] }
        let key = key(start, order)
        return [
            S3Update(of: key, in: services.s3, writing: content, if: known.condition) { found in
                edited(self.known(found, named: "\(services.s3.bucket)/\(key)"))
            }
        ]
    }

    private func key(_ start: Start, _ order: StartOrder) -> String {
        services.keys.head(ofRule: start.ruleKey, scope: order.scope)
    }
}

extension HeadStore.Known {
    /// What it says, where that is known.
    fileprivate var head: StartHead? {
        if case .stored(let head, _) = self { head } else { nil }
    }

    /// The runs that are to be stopped once a start has begun one of its own: those of older changes.
    ///
    /// Of a start that is the head already, what an earlier attempt has left.
    func runsToStop(for start: Start) -> [HeadRun] {
        guard start.supersedes, let order = start.order, let head else { return [] }
        if isSame(head.start, start.identity) { return head.runs.filter { $0.isDue } }
        return head.eventTime < order.eventTime ? head.runs : []
    }

    /// Whether a start of that order would not move the head.
    fileprivate func isAsNew(as order: StartOrder) -> Bool {
        guard case .stored(let head?, _) = self else { return false }
        return head.eventTime >= order.eventTime || answer(onceFor: order) != nil
    }

    /// What the target answered when the rule started the commit that it is to start once.
    func answer(onceFor order: StartOrder) -> String? {
        guard let commit = order.onceFor, case .stored(let head?, _) = self, !head.isEnd,
            isSame(head.after, commit)
        else { return nil }
        return "\(commit) was started before: \(head.answer)"
    }

    /// What must hold for the head to be overwritten.
    fileprivate var condition: S3.Condition {
        switch self {
        // What could not be read is not overwritten: the write fails, and it is read again.
        case .absent, .unknown: .absent
        case .stored(_, let etag): .unchanged(etag: etag)
        }
    }

    /// Why a start is held back, if a newer change was started.
    func reason(toHoldBack order: StartOrder) -> String? {
        guard !order.isIgnored, case .stored(let head?, _) = self,
            head.eventTime > order.eventTime
        else { return nil }
        return head.reason
    }
}

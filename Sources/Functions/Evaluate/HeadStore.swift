internal import AWS
internal import Platform
internal import Trigger

/// The newest change that each rule has started for a scope, kept in S3 by compare-and-swap.
///
/// It is read and written beside the ledger, so that it costs no round trip of its own.
struct HeadStore {
    let services: Services
    let change: Change

    /// What is known of a head.
    enum Known {
        /// There is none.
        case absent
        /// What it says; `nil` where it cannot be read and is overwritten.
        case stored(StartHead?, etag: String)
        /// It could not be asked for; why.
        case unknown(String)
    }

    /// How often a head is written anew when other runs have written it meanwhile.
    private static let rounds = 4

    /// Reads the head that a start is held against.
    func reading(_ start: Start, _ order: StartOrder) -> AWSCall {
        services.s3.getObject(key(start, order))
    }

    func known(_ call: AWSCall, _ answer: Result<HTTPResponse, CallError>) -> Known {
        do throws(CallError) {
            guard case .object(let object) = try S3.result(ofGet: call, answer.get()) else {
                return .absent
            }
            let head = StartHead(parsing: object.body)
            if head == nil {
                services.log.warning("\(call.resource) tells of no start, is overwritten")
            }
            return .stored(head, etag: object.etag)
        } catch {
            return .unknown(error.description)
        }
    }

    /// The write that makes a start the head; `nil` where the head is as new already.
    func writing(
        _ start: Start,
        _ order: StartOrder,
        answer: String,
        over known: Known
    ) -> AWSCall? {
        let condition: S3.Condition
        switch known {
        // What could not be read is not overwritten: the write fails, and it is read again.
        case .absent, .unknown: condition = .absent
        case .stored(let head?, _) where head.eventTime >= order.eventTime: return nil
        case .stored(_, let etag): condition = .unchanged(etag: etag)
        }
        return services.s3.putObject(
            key(start, order),
            StartHead(start, at: order.eventTime, of: change, answer: answer).encoded(),
            contentType: "application/json",
            condition: condition
        )
    }

    /// Goes on with a write until the head is as new as the start; an error where it is not.
    func settle(
        _ start: Start,
        _ order: StartOrder,
        answer: String,
        _ writing: AWSCall,
        _ written: Result<HTTPResponse, CallError>,
        deadline: Deadline
    ) -> CallError? {
        do throws(CallError) {
            if case .stored = try S3.result(ofPut: writing, written.get()) { return nil }
            for _ in 0..<Self.rounds {
                let reading = self.reading(start, order)
                let response = try services.client.send(reading, deadline: deadline)
                let known = self.known(reading, .success(response))
                guard let again = self.writing(start, order, answer: answer, over: known) else {
                    return nil
                }
                let result = try services.client.send(again, deadline: deadline)
                if case .stored = try S3.result(ofPut: again, result) { return nil }
            }
        } catch {
            return error
        }
        return CallError(
            writing,
            code: "Contended",
            message: "other runs keep writing it",
            isRetryable: true
        )
    }

    private func key(_ start: Start, _ order: StartOrder) -> String {
        "\(services.prefix)/\(order.key(ofRule: start.ruleKey))"
    }
}

extension HeadStore.Known {
    /// Why a start is held back, where a newer change was started.
    func reason(toHoldBack order: StartOrder) -> String? {
        guard !order.isIgnored, case .stored(let head?, _) = self,
            head.eventTime > order.eventTime
        else { return nil }
        return head.reason
    }
}

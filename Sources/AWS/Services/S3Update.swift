package import Codec
package import Platform

/// A change of one object that others may write at the same time: it is read, changed, and written
/// on condition that it has not changed since, until that succeeds.
package struct S3Update {
    /// What the object is to hold, given what it holds now (`nil`: there is none); `nil` leaves it
    /// as it is.
    ///
    /// A write whose response was lost looks like another writer's: the edit tells by what it finds.
    package typealias Edit = (_ found: S3.StoredObject?) -> Content?

    package struct Content {
        var json: [UInt8]
        var metadata: [NamedValue]

        package init(_ json: [UInt8], metadata: [NamedValue] = []) {
            self.json = json
            self.metadata = metadata
        }
    }

    package enum Outcome: Equatable, Sendable {
        case stored(etag: String)
        /// The edit had nothing to write.
        case left
    }

    /// What the update begins with: reading the object, or a write if what is there can be guessed.
    package let firstCall: AWSCall

    private let s3: S3
    private let key: String
    fileprivate let beginsWithWrite: Bool
    private let edit: Edit

    /// An update that begins with reading the object.
    package init(of key: String, in s3: S3, edit: @escaping Edit) {
        self.firstCall = s3.getObject(key)
        self.s3 = s3
        self.key = key
        self.beginsWithWrite = false
        self.edit = edit
    }

    /// An update that begins with a write on a condition, and reads the object only if that does
    /// not hold.
    package init(
        of key: String,
        in s3: S3,
        writing content: Content,
        if condition: S3.Condition,
        otherwise edit: @escaping Edit
    ) {
        self.firstCall = Self.write(content, key, s3, condition)
        self.s3 = s3
        self.key = key
        self.beginsWithWrite = true
        self.edit = edit
    }

    /// How often an object is read and written again because another writer was faster.
    package static let rounds = 8
    /// Milliseconds at most between a write that came too late and the next round.
    static let longestPause = 100

    fileprivate var reading: AWSCall { s3.getObject(key) }

    /// The write over what is there; `nil` if there is nothing to write.
    fileprivate func write(over found: S3.StoredObject?) -> AWSCall? {
        let condition = found.map { S3.Condition.unchanged(etag: $0.etag) } ?? .absent
        return edit(found).map { Self.write($0, key, s3, condition) }
    }

    private static func write(
        _ content: Content,
        _ key: String,
        _ s3: S3,
        _ condition: S3.Condition
    ) -> AWSCall {
        s3.putObject(
            key,
            content.json,
            contentType: "application/json",
            condition: condition,
            metadata: content.metadata
        )
    }

    fileprivate var contended: CallError {
        CallError(reading, code: "Contended", message: "others keep writing it", isRetryable: true)
    }
}

extension AWSClient {
    @discardableResult
    package func update(
        _ update: S3Update,
        deadline: Deadline
    ) throws(CallError) -> S3Update.Outcome {
        try self.update([update], deadline: deadline).outcomes[0].get()
    }

    /// Makes updates in parallel, and sends other calls beside the first of each: one outcome for each
    /// update and one response to each call, in their order.
    package func update(
        _ updates: [S3Update],
        along others: [AWSCall] = [],
        deadline: Deadline
    ) -> (
        outcomes: [Result<S3Update.Outcome, CallError>],
        responses: [Result<HTTPResponse, CallError>]
    ) {
        let sent = send(updates.map { $0.firstCall } + others, deadline: deadline)
        let first = Array(sent.prefix(updates.count))
        let outcomes = finish(updates, first, deadline: deadline)
        return (outcomes, Array(sent.dropFirst(updates.count)))
    }

    /// Makes updates in parallel, given the responses to their first calls: one result each, in
    /// their order.
    package func finish(
        _ updates: [S3Update],
        _ responses: [Result<HTTPResponse, CallError>],
        deadline: Deadline
    ) -> [Result<S3Update.Outcome, CallError>] {
        var results = updates.map { Result<S3Update.Outcome, CallError>.failure($0.contended) }
        let first = zip(updates.indices, responses).map {
            Exchange(index: $0, call: updates[$0].firstCall, response: $1)
        }
        var reads = first.filter { !updates[$0.index].beginsWithWrite }
        var writes = first.filter { updates[$0.index].beginsWithWrite }
        for round in 0...S3Update.rounds {
            var contested: [(index: Int, call: AWSCall)] = []
            for write in writes {
                do throws(CallError) {
                    switch try S3.result(ofPut: write.call, write.response.get()) {
                    case .stored(let etag): results[write.index] = .success(.stored(etag: etag))
                    case .preconditionFailed:
                        contested.append((write.index, updates[write.index].reading))
                    }
                } catch {
                    results[write.index] = .failure(error)
                }
            }
            guard round < S3Update.rounds, !contested.isEmpty || !reads.isEmpty else { break }
            if round > 0 { clock.sleep(random.next(upTo: S3Update.longestPause)) }
            reads += exchange(contested, deadline)
            var edited: [(index: Int, call: AWSCall)] = []
            for read in reads {
                do throws(CallError) {
                    let found = try S3.object(ofGet: read.call, read.response.get())
                    if let write = updates[read.index].write(over: found) {
                        edited.append((read.index, write))
                    } else {
                        results[read.index] = .success(.left)
                    }
                } catch {
                    results[read.index] = .failure(error)
                }
            }
            reads = []
            writes = exchange(edited, deadline)
        }
        return results
    }

    /// A call of one of several updates, and what came back.
    private struct Exchange {
        var index: Int
        var call: AWSCall
        var response: Result<HTTPResponse, CallError>
    }

    private func exchange(
        _ calls: [(index: Int, call: AWSCall)],
        _ deadline: Deadline
    ) -> [Exchange] {
        zip(calls, send(calls.map { $0.call }, deadline: deadline)).map {
            Exchange(index: $0.index, call: $0.call, response: $1)
        }
    }
}

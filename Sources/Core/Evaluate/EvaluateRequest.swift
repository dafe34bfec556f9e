internal import AWS
package import Codec
internal import Platform

/// What `evaluate` is invoked with.
package enum EvaluateRequest: Sendable {
    /// `{"change": …}`: the change itself.
    case change(Change)
    /// `{"test": …}`: the test of a trigger, to be answered with a self-check.
    case test(TriggerTest)
    /// `{"key": …}`: where the hand-over lies in S3, being too large for an invocation.
    case stored(key: String)
    /// A raw GitHub `push` payload, as the functions that this one replaces took it.
    case push(DirectInvocation)

    /// Reads an event, or an object of the kind that `stored` names.
    package init(_ bytes: [UInt8]) throws(ParsingError) {
        var change: Change?
        var test: TriggerTest?
        var problem: ParsingError?
        var key: String?
        var isPush = false
        var isOfAnother = false
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            try reader.object { (name, value) throws(JSONError) in
                switch name {
                case "change": change = try Change(&value, noting: &problem)
                case "test": test = try TriggerTest(&value, noting: &problem)
                case "key": key = try value.string()
                case "ref": isPush = true
                // What Gitea's and GitLab's payloads have, and GitHub's have not.
                case "total_commits", "object_kind": isOfAnother = true
                default: break
                }
            }
            try reader.end()
        } catch {
            throw .unreadable("hand-over", error)
        }
        if let problem { throw problem }
        if let change {
            self = .change(change)
        } else if let test {
            self = .test(test)
        } else if let key {
            self = .stored(key: key)
        } else if isPush, isOfAnother {
            throw .lacks("hand-over", "change: of payloads only GitHub's are read here")
        } else if isPush {
            self = .push(DirectInvocation(.gitHubPush, event: bytes))
        } else {
            throw .lacks("hand-over", "change, no test, no key and no ref")
        }
    }

    /// The JSON that `init` reads.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter()
        switch self {
        case .change(let change):
            writer.object { writer in
                writer.key("change")
                change.write(to: &writer)
            }
        case .test(let test):
            writer.object { writer in
                writer.key("test")
                test.write(to: &writer)
            }
        case .stored(let key):
            writer.object { $0.member("key", key) }
        case .push(let invocation):
            writer.raw(invocation.event)
        }
        return writer.bytes
    }
}

extension EvaluateRequest {
    /// What was handed over, in this project's words; a stored one must have been read before.
    package func parse(receivedAt: Timestamp) throws(ParsingError) -> ParsedDelivery {
        switch self {
        case .change(let change): return .change(change)
        case .test(let test): return .test(test)
        case .push(let invocation):
            return try invocation.verified().parse(receivedAt: receivedAt)
        case .stored(let key):
            throw ParsingError("reading the hand-over: \(key) names another key")
        }
    }
}

/// Reads what `webhook` has handed over.
struct EvaluateRequestReader {
    let services: Services

    /// What was handed over, read from S3 where it was too large for the invocation, and the key
    /// under which it lies there.
    func read(
        _ invocation: Invocation,
        deadline: Deadline
    ) throws(InvocationError) -> (delivery: ParsedDelivery, key: String?) {
        var handOver = try Self.handOver(invocation.payload)
        var found: String?
        if case .stored(let key) = handOver {
            handOver = try Self.handOver(stored(key, deadline: deadline))
            found = key
        }
        do throws(ParsingError) {
            return (try handOver.parse(receivedAt: services.clock.now()), found)
        } catch {
            throw .malformed(error)
        }
    }

    private static func handOver(_ bytes: [UInt8]) throws(InvocationError) -> EvaluateRequest {
        do throws(ParsingError) {
            return try EvaluateRequest(bytes)
        } catch {
            throw .malformed(error)
        }
    }

    private func stored(_ key: String, deadline: Deadline) throws(InvocationError) -> [UInt8] {
        let folder = services.keys.changes
        guard key.utf8.starts(with: folder.utf8) else {
            throw InvocationError(
                type: "Function.MalformedEvent",
                message: "reading the hand-over: its key is not below \(folder)"
            )
        }
        let call = services.s3.getObject(key)
        do throws(CallError) {
            let response = try services.client.send(call, deadline: deadline)
            guard let object = try S3.object(ofGet: call, response) else {
                throw CallError(
                    call,
                    status: 404,
                    code: "NoSuchKey",
                    message: "",
                    isRetryable: false
                )
            }
            return object.body
        } catch {
            throw InvocationError(
                type: "Function.ChangeUnavailable",
                message: "the change that was handed over cannot be read: \(error)"
            )
        }
    }
}

extension InvocationError {
    fileprivate static func malformed(_ error: ParsingError) -> InvocationError {
        InvocationError(type: "Function.MalformedEvent", message: error.description)
    }
}

/// Keeps a whole change as it was handed over, so that it can be run again.
struct ChangeStore {
    let services: Services
    let change: Change
    /// The key under which it was found, where it came from there.
    let foundAt: String?

    /// The calls that keep it: none where it came from S3.
    var keeping: [AWSCall] {
        guard foundAt == nil else { return [] }
        return [
            services.put(services.keys.change(change), EvaluateRequest.change(change).encoded())
        ]
    }

    /// The key under which it lies now, by the answers to those calls.
    ///
    /// A change that is not kept can be decided on all the same: that is logged and no more.
    func key(_ answers: [Result<HTTPResponse, CallError>]) -> String? {
        for case .failure(let error) in answers {
            services.log.warning("the change is not kept and cannot be replayed: \(error)")
            return nil
        }
        return foundAt ?? services.keys.change(change)
    }
}

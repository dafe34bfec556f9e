package import Codec

/// What `evaluate` is invoked with.
package enum HandOver: Sendable {
    /// `{"change": …}`: the change itself.
    case change(Change)
    /// `{"test": …}`: the test of a trigger, to be answered with a self-check.
    case test(TriggerTest)
    /// `{"key": …}`: where the hand-over lies in S3, being too large for an invocation.
    case stored(key: String)
    /// A raw GitHub `push` payload, as the functions that this one replaces took it.
    case push(DirectInvocation)

    /// Reads an event, or an object of the kind that `stored` names.
    package init(_ bytes: [UInt8]) throws(DescriptionError) {
        var change: ChangeReader?
        var test: TriggerTestReader?
        var key: String?
        var isPush = false
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            try reader.object { (name, value) throws(JSONError) in
                switch name {
                case "change": change = try ChangeReader(&value)
                case "test": test = try TriggerTestReader(&value)
                case "key": key = try value.string()
                case "ref": isPush = true
                default: break
                }
            }
            try reader.end()
        } catch {
            throw .unreadable("hand-over", error)
        }
        if let change {
            self = .change(try change.change())
        } else if let test {
            self = .test(try test.test())
        } else if let key {
            self = .stored(key: key)
        } else if isPush {
            self = .push(DirectInvocation(.githubPush, event: bytes))
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

extension HandOver {
    /// Where the hand-over of a change lies below `S3_PREFIX`; the day is that of receipt, in UTC.
    ///
    /// Named by the delivery's body: no unsigned header may choose a key.
    package static func key(of change: Change) -> String {
        "changes/\(change.receivedAt.day)/\(change.identity.start(ruleKey: "")).json"
    }

    /// What was handed over, in this project's words; a stored one must have been read before.
    package func describe(receivedAt: Timestamp) throws(DescriptionError) -> Description {
        switch self {
        case .change(let change): return .change(change)
        case .test(let test): return .test(test)
        case .push(let invocation):
            return try invocation.verified().describe(receivedAt: receivedAt)
        case .stored(let key):
            throw DescriptionError("reading the hand-over: \(key) names another key")
        }
    }
}

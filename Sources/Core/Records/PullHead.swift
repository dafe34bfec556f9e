internal import Codec

/// The head of a pull request that was last received, and when that was first seen: the object at
/// ``BucketKeys/pullHead(_:of:in:)``.
package struct PullHead: Equatable, Sendable {
    /// The commit.
    var after: String
    /// When an event first told of it, by the provider's clock.
    var eventTime: Timestamp
    var delivery: String
    /// It lies in another repository.
    var fork: Bool

    /// The head that an event tells of; `nil` if it is not one of a pull request.
    init?(of change: Change) {
        guard change.comment == nil, let pullRequest = change.pullRequest,
            let after = change.after
        else { return nil }
        self.after = after
        eventTime = change.eventTime ?? change.receivedAt
        delivery = change.delivery
        fork = pullRequest.fork
    }

    /// Whether it takes the place of what is kept: another head, of a later event.
    func replaces(_ kept: PullHead?) -> Bool {
        guard let kept else { return true }
        return !isSame(kept.after, after) && kept.eventTime <= eventTime
    }

    /// The head as it is stored: a JSON object.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("after", after)
            json.member("eventTime", eventTime.iso8601Milliseconds)
            json.member("delivery", delivery)
            json.member("fork", fork)
        }
        return json.bytes
    }

    /// Reads a head; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let after = json["after"]?.string,
            let eventTime = json.timestamp("eventTime")
        else { return nil }
        self.after = after
        self.eventTime = eventTime
        delivery = json["delivery"]?.string ?? ""
        fork = json["fork"]?.bool ?? true
    }
}

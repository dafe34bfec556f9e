internal import Codec

/// How far the deliveries of a webhook were looked at, and what was delivered again: the object at
/// ``BucketKeys/recoverCheckpoint(ofHook:)``.
struct RecoverCheckpoint: Equatable {
    /// Everything before it was read, but for the rest, and nothing there waits for another
    /// redelivery.
    var since: Timestamp
    /// What was delivered again.
    private(set) var redelivered: [Redelivered] = []

    /// What the time was too short to read; older than `since`.
    var rest: Rest?

    /// A part of the list that is left to read.
    struct Rest: Equatable {
        /// GitHub's name of the page with which it begins.
        var cursor: String
        /// How far back it is to be read.
        var since: Timestamp
    }

    /// An event that was delivered again.
    struct Redelivered: Equatable {
        /// The delivery's id in requests.
        var guid: String
        /// How often, as far as is known: by us, or by hand.
        var count: Int
        /// When that was known last.
        var at: Timestamp
        /// It is not delivered again any more.
        var isGivenUp: Bool
    }

    /// The checkpoint of a webhook that was never looked at.
    init(since: Timestamp) {
        self.since = since
    }

    /// Milliseconds for which GitHub keeps a delivery: three days
    /// (https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks).
    static let retention = 259_200_000

    /// What is known of an event.
    func redelivered(_ guid: String) -> Redelivered? {
        redelivered.first { isSame($0.guid, guid) }
    }

    /// Takes what is known of an event in place of what was.
    mutating func note(_ entry: Redelivered) {
        redelivered.removeAll { isSame($0.guid, entry.guid) }
        redelivered.append(entry)
    }

    /// Forgets what GitHub has forgotten.
    mutating func forget(at now: Timestamp) {
        redelivered.removeAll { $0.at.adding(milliseconds: Self.retention) < now }
    }

    /// The checkpoint as it is stored: a JSON object.
    func encoded(for hook: GitHubHook) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("hook", hook.name)
            json.member("since", since.iso8601Milliseconds)
            if let rest {
                json.object("rest") { json in
                    json.member("cursor", rest.cursor)
                    json.member("since", rest.since.iso8601Milliseconds)
                }
            }
            json.objects("redelivered", redelivered) { json, entry in
                json.member("delivery", entry.guid)
                json.member("count", entry.count)
                json.member("at", entry.at.iso8601Milliseconds)
                if entry.isGivenUp { json.member("givenUp", true) }
            }
        }
        return json.bytes
    }

    /// Reads the checkpoint of a webhook; `nil` where the bytes are not one.
    init?(parsing bytes: [UInt8], for hook: GitHubHook) {
        guard let json = try? JSON(parsing: bytes), isSame(json["hook"]?.string ?? "", hook.name),
            let since = json.timestamp("since")
        else { return nil }
        self.since = since
        if let cursor = json["rest"]?["cursor"]?.string,
            let since = json["rest"]?.timestamp("since")
        {
            rest = Rest(cursor: cursor, since: since)
        }
        redelivered = (json["redelivered"]?.array ?? []).compactMap { entry in
            guard let guid = entry["delivery"]?.string, let count = entry["count"]?.int,
                let at = entry.timestamp("at")
            else { return nil }
            return Redelivered(
                guid: guid,
                count: count,
                at: at,
                isGivenUp: entry["givenUp"]?.bool ?? false
            )
        }
    }
}

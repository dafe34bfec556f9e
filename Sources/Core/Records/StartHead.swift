internal import Codec

/// The newest change that a rule has started for one scope: the object at
/// ``BucketKeys/head(ofRule:scope:)``.
package struct StartHead: Equatable, Sendable {
    var eventTime: Timestamp
    var delivery: String
    /// Its commit; of an image, `namespace/image:tag`.
    var after: String
    var start: String
    var answer: String
    /// What was started for the scope was ended: the pull request was closed.
    var isEnd = false

    init(_ start: Start, at eventTime: Timestamp, of change: Change, answer: String) {
        self.eventTime = eventTime
        self.delivery = change.delivery
        self.after = change.after ?? "\(change.repository):\(change.tag ?? "")"
        self.start = start.identity
        self.answer = answer
        if case .pullRequestPipeline(let pipeline) = start.action {
            isEnd = pipeline.act == .remove
        }
    }

    /// Why an older change is not started.
    var reason: String { "a newer change was started: \(after) at \(Self.text(eventTime))" }

    /// ISO 8601; with milliseconds only where there are some.
    private static func text(_ time: Timestamp) -> String {
        time.milliseconds % 1_000 == 0 ? time.iso8601 : time.iso8601Milliseconds
    }

    /// The head as it is stored: a JSON object.
    package func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("eventTime", Self.text(eventTime))
            json.member("delivery", delivery)
            json.member("after", after)
            json.member("start", start)
            json.member("answer", answer)
            if isEnd { json.member("ended", true) }
        }
        return json.bytes
    }

    /// Reads a head; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes),
            let eventTime = json.timestamp("eventTime")
        else { return nil }
        self.eventTime = eventTime
        self.delivery = json["delivery"]?.string ?? ""
        self.after = json["after"]?.string ?? ""
        self.start = json["start"]?.string ?? ""
        self.answer = json["answer"]?.string ?? ""
        self.isEnd = json["ended"]?.bool ?? false
    }
}

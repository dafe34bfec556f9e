package import Codec
internal import Platform

/// Where a start stands among those of its rule: an older change is not started after a newer one
/// of the same scope.
package struct StartOrder: Equatable, Sendable {
    /// What it is about: `branch:main`, `tag:v1`, `pull_request:7` or `image`, which is all tags of
    /// the image.
    package var scope: String
    /// When the change happened, by the provider's clock.
    package var eventTime: Timestamp
    /// It starts all the same where a newer one was started.
    package var isIgnored: Bool

    /// The order of a change's starts; `nil` where it has no event time or is of no scope.
    init?(of change: Change) {
        guard let eventTime = change.eventTime, let scope = Self.scope(of: change) else {
            return nil
        }
        self.scope = scope
        self.eventTime = eventTime
        self.isIgnored = change.ignoresOrder
    }

    private static func scope(of change: Change) -> String? {
        switch change.kind {
        case .push: change.branch.map { "branch:\($0)" }
        case .tag: change.tag.map { "tag:\($0)" }
        case .pullRequest: change.pullRequest.map { "pull_request:\($0.number)" }
        case .image: "image"
        }
    }

    /// Where the newest start of a rule and this scope lies, below `S3_PREFIX`.
    package func key(ofRule ruleKey: String) -> String {
        "heads/\(Hex.lower(SHA256(of: Array("\(ruleKey)\n\(scope)".utf8)).finalize())).json"
    }
}

/// The newest change that a rule has started for one scope: the object at ``StartOrder/key(ofRule:)``.
package struct StartHead: Equatable, Sendable {
    /// When the change happened.
    package var eventTime: Timestamp
    /// The delivery that told of it.
    package var delivery: String
    /// Its commit; of an image, `namespace/image:tag`.
    package var after: String
    /// The identity of the start.
    package var start: String
    /// What the target answered.
    package var answer: String

    /// The head that a start makes.
    package init(_ start: Start, at eventTime: Timestamp, of change: Change, answer: String) {
        self.eventTime = eventTime
        self.delivery = change.delivery
        self.after = change.after ?? "\(change.repository):\(change.tag ?? "")"
        self.start = start.identity
        self.answer = answer
    }

    /// Why an older change is not started.
    package var reason: String { "a newer change was started: \(after) at \(Self.text(eventTime))" }

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
        }
        return json.bytes
    }

    /// Reads a head; `nil` where the bytes are not one.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes),
            let eventTime = json["eventTime"]?.string.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        self.eventTime = eventTime
        self.delivery = json["delivery"]?.string ?? ""
        self.after = json["after"]?.string ?? ""
        self.start = json["start"]?.string ?? ""
        self.answer = json["answer"]?.string ?? ""
    }
}

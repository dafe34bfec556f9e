internal import Codec

/// What a webhook has delivered: GitHub's list, put together by event
/// (https://docs.github.com/en/rest/repos/webhooks#list-deliveries-for-a-repository-webhook).
///
/// Each attempt to deliver an event is an entry of the list, and all of one event have the same
/// `guid`, which is the delivery's id in requests.
struct HookDeliveries {
    /// How many entries were read.
    private(set) var count = 0
    private(set) var events: [DeliveredEvent] = []
    /// Where each event is, by its `guid`.
    private var places: [ByteKey: Int] = [:]
    /// When the oldest entry of the last page was delivered; `nil` of a page without one.
    private(set) var oldestOfPage: Timestamp?

    /// Reads a page, whose entries come in any order; those from before a moment do not count.
    mutating func read(_ page: [UInt8], since: Timestamp) throws(ParsingError) {
        oldestOfPage = nil
        var entries: [Entry?] = []
        do throws(JSONError) {
            var reader = JSONReader(page)
            try reader.array { (value) throws(JSONError) in entries.append(try Entry(&value)) }
            try reader.end()
        } catch {
            throw .unreadable("list of deliveries", error)
        }
        for entry in entries {
            guard let entry else {
                throw .lacks("list of deliveries", "id, guid, event or delivered_at")
            }
            oldestOfPage = min(oldestOfPage ?? entry.attempt.at, entry.attempt.at)
            if entry.attempt.at >= since { add(entry) }
        }
    }

    private mutating func add(_ entry: Entry) {
        count += 1
        let key = ByteKey(entry.guid)
        let place = places[key] ?? events.count
        if place == events.count {
            places[key] = place
            events.append(DeliveredEvent(entry))
        } else {
            events[place].add(entry.attempt)
        }
    }

    /// An entry of the list.
    fileprivate struct Entry {
        var guid: String
        var event: String
        var attempt: DeliveredEvent.Attempt

        /// Reads one; `nil` where something is missing.
        init?(_ reader: inout JSONReader) throws(JSONError) {
            var (guid, event, at): (String?, String?, Timestamp?)
            var (id, status): (Int?, Int?)
            var isRedelivery = false
            try reader.object { (key, value) throws(JSONError) in
                switch key {
                case "id": id = try value.value().int
                case "guid": guid = try value.optionalString()
                case "event": event = try value.optionalString()
                case "delivered_at":
                    at = try value.optionalString().flatMap { Timestamp(iso8601: $0) }
                case "redelivery": isRedelivery = try value.optionalBool() ?? false
                case "status_code": status = try value.value().int
                default: break
                }
            }
            guard let guid, let event, let at, let id else { return nil }
            self.guid = guid
            self.event = event
            attempt = DeliveredEvent.Attempt(
                id: id,
                at: at,
                status: status ?? 0,
                isRedelivery: isRedelivery
            )
        }
    }
}

/// An event, and the attempts to deliver it to one webhook.
struct DeliveredEvent {
    /// One attempt.
    struct Attempt {
        /// The number by which it is delivered again.
        var id: Int
        var at: Timestamp
        /// What was answered; 0 where nothing was, or nobody was reached.
        var status: Int
        var isRedelivery: Bool
    }

    /// The delivery's id in requests, the same for all attempts.
    let guid: String
    /// GitHub's name of the event: `push`.
    let name: String
    /// When it was delivered first.
    private(set) var firstAt: Timestamp
    /// The last attempt.
    private(set) var last: Attempt
    /// The last attempt that was answered 2xx.
    private var lastTaken: Attempt?
    /// How many of the attempts were redeliveries.
    private(set) var redeliveries = 0

    fileprivate init(_ entry: HookDeliveries.Entry) {
        guid = entry.guid
        name = entry.event
        firstAt = entry.attempt.at
        last = entry.attempt
        add(entry.attempt)
    }

    fileprivate mutating func add(_ attempt: Attempt) {
        if attempt.isRedelivery { redeliveries += 1 }
        firstAt = min(firstAt, attempt.at)
        if attempt.at >= last.at { last = attempt }
        guard (200..<300).contains(attempt.status), attempt.at >= lastTaken?.at ?? attempt.at else {
            return
        }
        lastTaken = attempt
    }

    /// Milliseconds after a 202 in which its decision record may still come: 15 minutes.
    static let recordDelay = 900_000

    /// What is to be thought of it.
    enum Standing: Equatable {
        /// It needs nothing, now at least.
        case settled
        /// It was accepted long enough ago, at that time: without a decision record it is missed.
        case missedUnlessRecorded(Timestamp)
        /// It is missed; why.
        case missed(String)
    }

    /// Whether it is missed.
    func standing(at now: Timestamp) -> Standing {
        guard GitHubEvents.starting.containsText(name) else { return .settled }
        if let lastTaken {
            let isOld = lastTaken.at.adding(milliseconds: Self.recordDelay) < now
            return lastTaken.status == 202 && isOld ? .missedUnlessRecorded(lastTaken.at) : .settled
        }
        switch last.status {
        case 401, 408, 429, 500..<600: return .missed("answered \(last.status)")
        // GitHub's own numbers where there was no answer are none of HTTP's.
        case 100..<600: return .settled
        default: return .missed("not answered")
        }
    }
}

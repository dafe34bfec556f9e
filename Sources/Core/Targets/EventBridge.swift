package import AWS
internal import Codec
package import Platform

/// An event to put on an event bus: as a rule describes it (`Template`) or for one change
/// (`String`).
///
/// Limits: Amazon EventBridge API reference, PutEventsRequestEntry.
package struct EventBridgeTarget<Text: Equatable & Sendable>: Equatable, Sendable {
    /// The event bus, by name or ARN; `nil` for the region's default one.
    var eventBus: Text?
    var source: Text
    var detailType: Text
    var access: AWSAccess<Text>
}

extension EventBridgeTarget<Template> {
    static func read(_ value: JSON) throws(InvalidRule) -> Self {
        var properties = try PropertyReader(
            target: value,
            .eventBridge,
            known: ["EventBus", "Source", "DetailType", "RoleArn", "Region"]
        )
        let target = EventBridgeTarget(
            eventBus: properties.text("EventBus", .eventBus),
            source: properties.text("Source", .eventSource) ?? Template(fixed: "pointsman"),
            detailType: properties.text("DetailType", .detailType)
                ?? Template(fixed: "Repository Change"),
            access: properties.access()
        )
        return try properties.checked(target)
    }

    /// A bus named by its ARN is called in its own region.
    func resolved(for change: Change) throws(RuleProblem) -> EventBridgeTarget<String> {
        let resolver = Resolver(change, .eventBridge)
        let eventBus = try resolver.text(eventBus, "EventBus", .eventBus)
        var access = try resolver.access(access)
        if access.region == nil { access.region = eventBus.flatMap { ARN($0)?.region } }
        return EventBridgeTarget<String>(
            eventBus: eventBus,
            source: try resolver.text(source, "Source", .eventSource),
            detailType: try resolver.text(detailType, "DetailType", .detailType),
            access: access
        )
    }
}

extension EventBridgeTarget<String> {
    // PutEvents takes no client token.
    var facts: StartFacts {
        StartFacts(.eventBridge, named: eventBus ?? "default", tokenLifetime: 0)
    }

    func begin(_ start: Start) -> StartStep {
        let call = EventBridge.putEvent(
            EventBridge.detail(of: start),
            source: source,
            detailType: detailType,
            eventBus: eventBus
        )
        return .call(call, access) { (response) throws(CallError) in
            .ended(.started(try EventBridge.eventID(of: call, response)))
        }
    }
}

extension TargetText {
    /// `arn:aws:events:eu-west-1:123456789012:event-bus/name` or the name alone.
    fileprivate static var eventBus: TargetText {
        TargetText(
            "an event bus's name (1 to 256 letters, digits or . - _) or its ARN",
            upTo: 1_600
        ) { text, bytes in
            guard let arn = ARN(text) else { return bytes.isName(upTo: 256, also: ".-_") }
            return arn.isValid(for: "events") && region.accepts(arn.region)
                && arn.hasResource("event-bus/", upTo: 256, also: ".-_")
        }
    }

    /// aws.… are AWS's own (EventBridge user guide, "Events").
    fileprivate static var eventSource: TargetText {
        TargetText("an event's source (1 to 256 characters, not aws.…)", upTo: 256) { _, bytes in
            !bytes.isEmpty && !bytes.starts(with: "aws.".utf8)
        }
    }

    fileprivate static var detailType: TargetText {
        TargetText("an event's detail type (1 to 128 characters)", upTo: 128) { !$1.isEmpty }
    }
}

/// Event buses: calls as values, and what their responses mean
/// (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
package enum EventBridge {
    /// Bytes of an event's detail at the most.
    ///
    /// An entry has less than 256 KB, and so has a message of some of the services that a bus
    /// delivers to, which holds the envelope as well (EventBridge user guide, "Calculating
    /// PutEvents event entry size"; the quotas of Amazon SQS).
    static let maximumDetailSize = 240_000
    /// Characters of a text in it at the most; only the message, which is cut already, has more.
    private static let maximumTextLength = 1_000

    /// The event's detail, a JSON object: the change as its decision record shows it, what else is
    /// known of it, and as many of its paths as there is room for.
    ///
    /// No text of the change makes it too large: each is cut. If the list of paths is not all of
    /// them, `pathsIncomplete` says so. `start` is the same however often the start is made, so that
    /// a receiver of the event can tell if it gets it twice.
    static func detail(of start: Start) -> [UInt8] {
        let change = start.change
        var json = JSONWriter()
        json.object { json in
            json.member("start", start.identity)
            json.member("rule", start.ruleKey)
            for member in change.recorded.members ?? []
            where member.key != "pathsIncomplete" {
                let text = member.value.string.map { JSON.string(cut($0)) }
                json.member(member.key, text ?? member.value)
            }
            json.member("cloneURL", change.cloneURL.map(cut))
            json.member("message", change.message)
            if let author = change.author {
                json.object("author") { json in
                    json.member("name", author.name.map(cut))
                    json.member("email", author.email.map(cut))
                }
            }
            if let pullRequest = change.pullRequest {
                json.member("head", cut(pullRequest.head))
                json.member("fork", pullRequest.fork)
                json.member("draft", pullRequest.draft)
                json.member("merged", pullRequest.merged)
            }
            let listed = list(change.paths.paths, in: &json)
            let all = change.paths.paths.count
            json.member(
                "pathsIncomplete",
                listed < all
                    ? "an event has room for \(listed) of \(all) paths"
                    : change.paths.incomplete.map(cut)
            )
        }
        return json.bytes
    }

    private static func cut(_ text: String) -> String { text.cut(to: maximumTextLength) }

    /// Writes the first paths that there is room for; how many those are.
    private static func list(_ paths: PathList, in json: inout JSONWriter) -> Int {
        var listed = 0
        json.array("paths") { json in
            for index in paths.indices {
                let path = paths.utf8(at: index)
                // Escaped, a byte becomes six at the most; the last member needs as much, too.
                let left = maximumDetailSize - 6 * (maximumTextLength + 100) - json.bytes.count
                guard 6 * path.count < left else { return }
                json.utf8(path)
                listed += 1
            }
        }
        return listed
    }

    /// PutEvents of one event; there is no token by which a second one would be known.
    ///
    /// A bus that does not exist drops the event without an error (EventBridge user guide,
    /// "Sending events with PutEvents"); without a bus it goes to the region's default one.
    ///
    /// - Parameter detail: a JSON object; with source and detail type less than 256 KB.
    static func putEvent(
        _ detail: [UInt8],
        source: String,
        detailType: String,
        eventBus: String?
    ) -> AWSCall {
        var call = AWSCall.json(
            .eventBridge,
            "PutEvents",
            of: eventBus ?? "default",
            targetPrefix: "AWSEvents"
        ) {
            $0.objects("Entries", [detail]) { entry, detail in
                entry.member("Source", source)
                entry.member("DetailType", detailType)
                entry.utf8("Detail", detail)
                entry.member("EventBusName", eventBus)
            }
        }
        call.isRepeatable = false
        return call
    }

    /// Reads the response to `putEvent`: the event's id.
    ///
    /// The status is 200 also where the one entry failed: that is an error like any other.
    package static func eventID(
        of call: AWSCall,
        _ response: HTTPResponse
    ) throws(CallError) -> String {
        let entry = (try? JSON(parsing: response.body))?["Entries"]?.array?.first
        if let code = entry?["ErrorCode"]?.string {
            throw CallError(
                call,
                status: response.status,
                code: code,
                message: (entry?["ErrorMessage"]?.string ?? "").firstLine,
                isRetryable: retryableCodes.contains(code)
            )
        }
        guard let id = entry?["EventId"]?.string else {
            throw .unreadable(call, response, "the answer has no EventId")
        }
        return id
    }

    /// What an entry may fail with and succeed the next time, by PutEventsResultEntry's
    /// `ErrorCode`.
    private static var retryableCodes: [String] {
        ["InternalFailure", "InternalException", "ThrottlingException"]
    }
}

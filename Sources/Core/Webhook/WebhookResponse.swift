import Codec

/// What an event comes to, in one word.
package enum Outcome: String, Sendable {
    case accepted
    /// A test of the webhook or the trigger: nothing is started.
    case pong
    /// An event or action that nothing here handles, or a deleted ref.
    case ignored
    /// The signature or the token is absent or wrong.
    case unauthorized
    /// The body cannot be read as that event.
    case malformed
    /// No such route, not POST, or another content type.
    case rejected
    /// The secret store or the evaluate function cannot be reached.
    case unavailable
}

/// The HTTP response to a delivery; thrown to stop processing it.
package struct WebhookResponse: Error, Equatable, Sendable {
    package let status: Int
    /// What the delivery comes to.
    let outcome: Outcome
    /// Why, in a sentence that may be shown to the sender.
    package let reason: String
    let delivery: String
    /// What it shows besides, where it does.
    var page: DecisionPage?
}

extension WebhookResponse {
    /// 202: handed to evaluation.
    static func accepted(_ reason: String, delivery: String) -> WebhookResponse {
        WebhookResponse(status: 202, outcome: .accepted, reason: reason, delivery: delivery)
    }

    /// 202: handed to evaluation, whose decisions or whose record's place the page shows.
    static func accepted(
        _ reason: String,
        showing page: DecisionPage,
        delivery: String
    ) -> WebhookResponse {
        WebhookResponse(
            status: 202,
            outcome: .accepted,
            reason: "\(reason): \(page.reason)",
            delivery: delivery,
            page: page
        )
    }

    /// 200: a ping, with what is to be said about the webhook.
    static func pong(_ reason: String, delivery: String) -> WebhookResponse {
        WebhookResponse(status: 200, outcome: .pong, reason: reason, delivery: delivery)
    }

    /// 200: nothing here handles it.
    static func ignored(_ reason: String, delivery: String) -> WebhookResponse {
        WebhookResponse(status: 200, outcome: .ignored, reason: reason, delivery: delivery)
    }

    /// 401: the same words whatever was wrong.
    static func unauthorized(delivery: String) -> WebhookResponse {
        WebhookResponse(
            status: 401,
            outcome: .unauthorized,
            reason: "signature absent or wrong",
            delivery: delivery
        )
    }

    /// 400: the body cannot be read as that event.
    static func malformed(_ reason: String, delivery: String) -> WebhookResponse {
        WebhookResponse(status: 400, outcome: .malformed, reason: reason, delivery: delivery)
    }

    /// 503: to be delivered again.
    static func unavailable(_ reason: String, delivery: String) -> WebhookResponse {
        WebhookResponse(status: 503, outcome: .unavailable, reason: reason, delivery: delivery)
    }

    /// The response to a delivery whose changes, if it has any, are handed over.
    init(_ parsed: ParsedDelivery, delivery: String) {
        switch parsed.outcome {
        case .pong: self = .pong(parsed.reason, delivery: delivery)
        case .ignored: self = .ignored(parsed.reason, delivery: delivery)
        default: self = .accepted(parsed.reason, delivery: delivery)
        }
    }
}

extension WebhookResponse {
    /// The body; one with a page is indented, since people read it.
    var body: [UInt8] {
        let body = JSON.object(
            [
                JSON.Member(key: "outcome", value: .string(outcome.rawValue)),
                JSON.Member(key: "reason", value: .string(reason)),
                JSON.Member(key: "delivery", value: .string(delivery)),
            ] + (page?.members ?? [])
        )
        return page == nil ? body.encoded() : body.indented()
    }

    /// The response that API Gateway (both kinds) and a Function URL take.
    func encoded() -> [UInt8] {
        var response = JSONWriter()
        response.object { response in
            response.member("statusCode", status)
            response.object("headers") { headers in
                headers.member("content-type", "application/json")
                // RFC 9110, section 15.5.6: a 405 says what is allowed.
                if status == 405 { headers.member("allow", "POST") }
            }
            response.utf8("body", body)
            response.member("isBase64Encoded", false)
        }
        return response.bytes
    }
}

/// What the response to a delivery shows besides to readers of GitHub's "Recent deliveries": what was
/// decided, or where that will be written.
struct DecisionPage: Equatable, Sendable {
    /// What the page shows, for the end of the response's reason.
    let reason: String
    /// The members that follow those of every response.
    let members: [JSON.Member]

    /// Bytes of rules at the most: what a person reads, far below what API Gateway takes (10 MB).
    static let largestRules = 40_000

    /// The outcomes in the order in which they are shown: what somebody looks for comes first.
    private static let order: [RuleOutcome.Outcome] = [
        .started, .failed, .invalid, .alreadyStarted, .unchanged, .skipped,
    ]

    /// What `evaluate` has answered; `nil` where that is no decision record.
    ///
    /// - Parameter key: where the record lies.
    init?(decided answer: [UInt8], key: String) {
        guard let json = try? JSON(parsing: answer), let rules = json["rules"]?.array,
            let counts = json["counts"]
        else { return nil }
        var shown: [JSON] = []
        var size = 0
        var leftOut: [JSON.Member] = []
        var totals: [String] = []
        for outcome in Self.order {
            guard let total = counts[outcome.rawValue]?.int, total > 0 else { continue }
            totals.append("\(total) \(outcome.rawValue)")
            var count = 0
            for rule in rules where isSame(rule["outcome"]?.string ?? "", outcome.rawValue) {
                let rule = Self.clauseFirst(rule)
                size += rule.indented().count
                guard size <= Self.largestRules else { break }
                shown.append(rule)
                count += 1
            }
            if count < total {
                leftOut.append(JSON.Member(key: outcome.rawValue, value: .int(total - count)))
            }
        }
        reason = totals.isEmpty ? "no rule is about it" : totals.joined(separator: ", ")
        var members = [
            JSON.Member(key: "record", value: .string(key)),
            JSON.Member(key: "rules", value: .array(shown)),
        ]
        if !leftOut.isEmpty {
            members.append(JSON.Member(key: "leftOut", value: .object(leftOut)))
        }
        self.members = members
    }

    /// The evaluation goes on, or is made again: the record is to come.
    ///
    /// - Parameters:
    ///   - reason: why there are no decisions yet
    ///   - key: where the record will lie
    init(pending reason: String, key: String) {
        self.reason = reason
        self.members = [JSON.Member(key: "record", value: .string(key))]
    }

    /// The members that tell most come first.
    private static func clauseFirst(_ rule: JSON) -> JSON {
        let first = ["clause", "outcome", "rule"]
        let members = rule.members ?? []
        return .object(
            first.compactMap { key in members.first { isSame($0.key, key) } }
                + members.filter { member in !first.contains { isSame($0, member.key) } }
        )
    }
}

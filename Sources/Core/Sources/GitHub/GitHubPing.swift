import Codec

/// What is read of GitHub's `ping` event: how the webhook is set up.
///
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping>
struct GitHubPing {
    private static let handled = ["push", "pull_request", "ping"]

    private var hasHook = false
    private var events: [String] = []
    private var contentType: String?
    private var isActive = true

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.object { (key, value) throws(JSONError) in
            if key == "hook" {
                hasHook = true
                try readHook(&value)
            }
        }
        try reader.end()
    }

    private mutating func readHook(_ hook: inout JSONReader) throws(JSONError) {
        try hook.members { (key, value) throws(JSONError) in
            switch key {
            case "events":
                try value.elements { (event) throws(JSONError) in
                    events.append(try event.string())
                }
            case "config": contentType = try value.string("content_type")
            case "active": isActive = try value.optionalBool() ?? true
            default: break
            }
        }
    }

    /// What is to be said about the webhook, most important first.
    private var warnings: [String] {
        var warnings: [String] = []
        if !isActive {
            warnings.append("it is not active and sends nothing")
        }
        if events.contains("*") {
            warnings.append("it sends every event, and only push and pull_request are handled")
        } else {
            if !events.contains("push") {
                warnings.append("it does not send push: add it to the webhook's events")
            }
            let others = events.filter { !Self.handled.contains($0) }
            if !others.isEmpty {
                warnings.append(
                    "it sends what nothing here handles: \(others.joined(separator: ", "))"
                )
            }
        }
        switch contentType {
        case "json": break
        // A webhook without a content type sends forms.
        case "form", nil: warnings.append("its content type form works, and json is smaller")
        case .some(let other): warnings.append("its content type \(other) is refused: set json")
        }
        return warnings
    }

    func description() throws(DescriptionError) -> Description {
        guard hasHook else { throw .lacks("ping event", "hook") }
        let warnings = warnings
        guard !warnings.isEmpty else { return .pong("the webhook is set up") }
        return .pong("the webhook reaches us, but: " + warnings.joined(separator: "; "))
    }
}

extension VerifiedDelivery {
    /// Describes a `ping` payload.
    func describeGitHubPing(_ payload: [UInt8]) throws(DescriptionError) -> Description {
        let ping: GitHubPing
        do throws(JSONError) {
            ping = try GitHubPing(payload)
        } catch {
            throw .unreadable("ping event", error)
        }
        return try ping.description()
    }
}

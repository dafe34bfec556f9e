package import Codec

/// What came of looking at one webhook.
package struct HookRecovery {
    package let hook: GitHubHook
    /// All that was to be read was read.
    var isRead = false
    /// What is left to read.
    var rest: RecoverCheckpoint.Rest?
    /// How many entries of GitHub's list were read.
    package var deliveries = 0
    /// What is missed, the oldest first, without what earlier runs have given up.
    package var missed: [MissedDelivery] = []
    /// What has failed.
    package var problem: String?

    package var redelivered: Int { missed.count { $0.outcome == .redelivered } }

    package var givenUp: Int { missed.count { $0.isGivenUp } }

    init(hook: GitHubHook) {
        self.hook = hook
    }
}

/// An event that GitHub could not deliver, or that came to nothing after it was accepted.
package struct MissedDelivery {
    package let hook: GitHubHook
    /// The delivery's id in requests, the same for all attempts.
    package let guid: String
    /// GitHub's name of the event: `push`.
    package let event: String
    /// When it was delivered first.
    package let firstAt: Timestamp
    /// `answered 503`.
    package let reason: String
    /// The number of the last attempt, by which it is delivered again.
    let id: Int
    /// How often it was delivered again.
    package var redeliveries: Int
    /// What was done in this run; `nil` where it waits for the next.
    package var outcome: Outcome?

    package enum Outcome: Equatable {
        case redelivered
        /// Nobody delivers it again any more, for that reason.
        case givenUp(String)
    }

    var isGivenUp: Bool {
        if case .givenUp = outcome { true } else { false }
    }

    init(_ event: DeliveredEvent, of hook: GitHubHook, _ reason: String) {
        self.hook = hook
        guid = event.guid
        self.event = event.name
        firstAt = event.firstAt
        self.reason = reason
        id = event.last.id
        redeliveries = event.redeliveries
    }
}

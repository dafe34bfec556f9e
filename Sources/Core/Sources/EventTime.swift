package import Codec

extension Timestamp {
    /// Milliseconds that a provider's clock may be ahead of ours: five minutes.
    private static let mostAhead = 300_000

    /// Whether it is later than a provider's clock can show now, so that somebody made it up.
    ///
    /// What happened then would be newer than all that is to come, and hold it back.
    package func isMadeUp(at now: Timestamp) -> Bool {
        self > now.adding(milliseconds: Self.mostAhead)
    }
}

extension Description {
    /// The same, where a change that cannot have happened yet counts as having happened when it
    /// was received.
    func withoutMadeUpTimes() -> Description {
        changing { change in
            guard change.eventTime?.isMadeUp(at: change.receivedAt) == true else { return }
            change.eventTime = change.receivedAt
        }
    }
}

package import Codec

/// What a delivery says, in this project's words.
package struct Description: Equatable, Sendable {
    /// The changes to hand over; none where the delivery starts nothing.
    package let changes: [Change]
    /// The tests of triggers, to be handed over for a self-check.
    package let tests: [TriggerTest]
    /// `accepted` where there are changes, else `pong` or `ignored`.
    package let outcome: Outcome
    /// What it is, or why it starts nothing.
    package let reason: String

    private init(
        changes: [Change] = [],
        tests: [TriggerTest] = [],
        outcome: Outcome,
        reason: String
    ) {
        self.changes = changes
        self.tests = tests
        self.outcome = outcome
        self.reason = reason
    }

    /// One change.
    static func change(_ change: Change) -> Description {
        Description(changes: [change], outcome: .accepted, reason: change.summary)
    }

    /// The parts of one delivery; the outcome is that of the part that does most.
    static func all(_ parts: [Description]) -> Description {
        let changes = parts.flatMap { $0.changes }
        let isTest = parts.contains { $0.outcome == .pong }
        return Description(
            changes: changes,
            tests: parts.flatMap { $0.tests },
            outcome: !changes.isEmpty ? .accepted : isTest ? .pong : .ignored,
            reason: parts.map { $0.reason }.joined(separator: "; ")
        )
    }

    /// The test of a trigger, which starts nothing.
    static func test(_ test: TriggerTest) -> Description {
        Description(
            tests: [test],
            outcome: .pong,
            reason: "the test of a trigger of \(test.repository) reaches us"
        )
    }

    /// A test that starts nothing.
    static func pong(_ reason: String) -> Description {
        Description(outcome: .pong, reason: reason)
    }

    /// When that happened which the delivery tells of, where the provider has signed it.
    package var signedTime: Timestamp? {
        changes.first { $0.source == .github }?.eventTime
    }

    /// The same with its changes altered.
    func changing(_ alter: (inout Change) -> Void) -> Description {
        var changes = changes
        for index in changes.indices { alter(&changes[index]) }
        return Description(changes: changes, tests: tests, outcome: outcome, reason: reason)
    }

    /// Something that starts nothing.
    package static func ignored(_ reason: String) -> Description {
        Description(outcome: .ignored, reason: reason)
    }
}

extension VerifiedDelivery {
    /// Says what the delivery tells of, in this project's words.
    ///
    /// A GitHub or Docker Hub delivery has at most one change, a CodeCommit trigger one for
    /// every reference. None has an event time that is later than now can be.
    package func describe(receivedAt: Timestamp) throws(DescriptionError) -> Description {
        try described(receivedAt).withoutMadeUpTimes()
    }

    private func described(_ receivedAt: Timestamp) throws(DescriptionError) -> Description {
        switch source {
        case .github(let event):
            guard let event else { throw DescriptionError("no X-GitHub-Event header") }
            return try describeGitHub(event: event, receivedAt: receivedAt)
        case .dockerHub:
            return try describeDockerHubPush(payload(), receivedAt)
        case .direct(.codeCommitTrigger):
            return try describeCodeCommitTrigger(receivedAt)
        case .direct(.codeCommitStateChange):
            return try describeCodeCommitStateChange(receivedAt)
        case .direct(.githubPush):
            return try describeGitHubPush(body, receivedAt)
        }
    }

    /// The JSON text, out of the form where it was sent as one.
    func payload() throws(DescriptionError) -> [UInt8] {
        switch format {
        case .json:
            return body
        case .form:
            guard let payload = FormFields(body).value(named: "payload") else {
                throw DescriptionError("reading the form: it has no readable field payload")
            }
            return payload
        }
    }
}

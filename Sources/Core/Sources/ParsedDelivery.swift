internal import Codec

/// What a delivery tells: changes, tests of triggers, or nothing to start.
package struct ParsedDelivery: Equatable, Sendable {
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

    static func change(_ change: Change) -> ParsedDelivery {
        ParsedDelivery(changes: [change], outcome: .accepted, reason: change.summary)
    }

    /// The parts of one delivery; the outcome is that of the part that does most.
    static func all(_ parts: [ParsedDelivery]) -> ParsedDelivery {
        let changes = parts.flatMap { $0.changes }
        let isTest = parts.contains { $0.outcome == .pong }
        return ParsedDelivery(
            changes: changes,
            tests: parts.flatMap { $0.tests },
            outcome: !changes.isEmpty ? .accepted : isTest ? .pong : .ignored,
            reason: parts.map { $0.reason }.joined(separator: "; ")
        )
    }

    /// The test of a trigger, which starts nothing.
    static func test(_ test: TriggerTest) -> ParsedDelivery {
        ParsedDelivery(
            tests: [test],
            outcome: .pong,
            reason: "the test of a trigger of \(test.repository) reaches us"
        )
    }

    /// A test that starts nothing.
    static func pong(_ reason: String) -> ParsedDelivery {
        ParsedDelivery(outcome: .pong, reason: reason)
    }

    /// When that happened which the delivery tells of, if it says so.
    var eventTime: Timestamp? { changes.first?.eventTime }

    /// The same with its changes altered.
    func changing(_ alter: (inout Change) -> Void) -> ParsedDelivery {
        var changes = changes
        for index in changes.indices { alter(&changes[index]) }
        return ParsedDelivery(changes: changes, tests: tests, outcome: outcome, reason: reason)
    }

    /// Something that starts nothing.
    package static func ignored(_ reason: String) -> ParsedDelivery {
        ParsedDelivery(outcome: .ignored, reason: reason)
    }
}

extension Timestamp {
    /// Milliseconds that a provider's clock may be ahead of ours: five minutes.
    private static let mostAhead = 300_000

    /// Whether it is later than a provider's clock can show now, so that somebody made it up.
    ///
    /// What happened then would be newer than all that is to come, and hold it back.
    func isMadeUp(at now: Timestamp) -> Bool {
        self > now.adding(milliseconds: Self.mostAhead)
    }
}

extension ParsedDelivery {
    /// The same, where a change that cannot have happened yet counts as having happened when it
    /// was received.
    func withoutMadeUpTimes() -> ParsedDelivery {
        changing { change in
            guard change.eventTime?.isMadeUp(at: change.receivedAt) == true else { return }
            change.eventTime = change.receivedAt
        }
    }
}

/// A Git ref, told by its beginning.
enum Reference {
    case branch(String)
    case tag(String)
    /// `refs/pull/…`, `refs/notes/…` and all others.
    case other

    init(_ ref: String) {
        if let name = Self.name(ref, after: "refs/heads/") {
            self = .branch(name)
        } else if let name = Self.name(ref, after: "refs/tags/") {
            self = .tag(name)
        } else {
            self = .other
        }
    }

    /// A branch's whole name without `refs/heads/`, whatever way it is written.
    static func branchName(_ ref: String) -> String {
        name(ref, after: "refs/heads/") ?? ref
    }

    private static func name(_ ref: String, after prefix: String) -> String? {
        guard ref.utf8.starts(with: prefix.utf8), ref.utf8.count > prefix.utf8.count else {
            return nil
        }
        return String(decoding: ref.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}

extension String {
    /// Whether it is all zeros, however many: how Git writes that there is no commit.
    var isNoCommit: Bool {
        utf8.allSatisfy { $0 == UInt8(ascii: "0") }
    }
}

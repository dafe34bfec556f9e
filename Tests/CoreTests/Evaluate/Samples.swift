import Codec
import Testing

@testable import Core

extension Start {
    /// A start of a rule of `acme/app`; without a target, of a pipeline that has the rule's name.
    static func sample(
        _ name: String = "api",
        target: String? = nil,
        of change: Change = .push()
    ) throws -> Start {
        let target = target ?? #"{"CodePipeline":{"Name":"\#(name)"}}"#
        let decision = Decision(
            ruleKey: "\(Stage.prefix)/rules/github/acme/app/\(name).json",
            outcome: .start,
            clause: .events,
            reason: "every push",
            target: try Target.read(JSON(parsing: Array(target.utf8)))
        )
        return try #require(try Start(decision, of: change))
    }

    /// The target takes no client token.
    static func event(of change: Change = .push()) throws -> Start {
        try sample("bus", target: #"{"EventBridge":{"EventBus":"bus"}}"#, of: change)
    }

    var ledgerKey: String { "\(Stage.prefix)/ledger/\(identity)" }
}

extension Change {
    /// A push that happened so many minutes after the stage's start.
    static func push(minute: Int) -> Change {
        push().with {
            $0.eventTime = Stage.start.adding(milliseconds: minute * 60_000)
            $0.receivedAt = Stage.start
        }
    }
}

extension FakeAWS {
    /// The ledger's record of a start.
    func ledger(_ start: Start) throws -> LedgerEntry {
        try #require(objects[start.ledgerKey].flatMap { LedgerEntry(parsing: $0.body) })
    }
}

extension Start {
    /// The same start with another order, or as one that other deliveries ask for too.
    func with(order: StartOrder? = nil, isOncePerHead: Bool = false) -> Start {
        Start(
            ruleKey: ruleKey,
            change: change,
            identity: identity,
            isOncePerHead: isOncePerHead,
            action: action,
            order: order ?? self.order,
            status: status
        )
    }
}

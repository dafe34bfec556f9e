import Codec
import Testing

@testable import Core

@Suite struct `A ledger record` {
    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    static func record(
        _ state: LedgerEntry.State,
        holder: String = "one",
        receivedAt: Timestamp = now,
        lease: Int = 60_000
    ) throws -> LedgerEntry {
        let text = """
            {"state":"\(state.rawValue)","rule":"p/rules/github/o/r/api.json","delivery":"d",\
            "receivedAt":"\(receivedAt.iso8601Milliseconds)","holder":"\(holder)",\
            "leaseExpires":"\(now.adding(milliseconds: lease).iso8601Milliseconds)",\
            "answer":"words"}
            """
        return try #require(LedgerEntry(parsing: Array(text.utf8)))
    }

    static func held(_ until: String) -> String {
        "another run is starting it, until \(until) at the latest"
    }

    @Test(arguments: [
        (
            LedgerEntry.State.started, "other", 0, 60_000,
            LedgerEntry.ClaimVerdict.closed(.alreadyStarted("words"))
        ),
        (.started, "one", 0, -1, .closed(.alreadyStarted("words"))),
        (.starting, "one", 0, 60_000, .own),
        (.starting, "one", 0, -1, .own),
        (.starting, "other", 0, 1, .closed(.pending(held("2026-09-21T14:13:20Z")))),
        (.starting, "other", 0, 0, .free),
        (.starting, "other", 0, 900_000, .closed(.pending(held("2026-09-21T14:28:20Z")))),
        (.starting, "other", 0, 900_001, .free),
        (.starting, "other", 0, -1, .free),
        (.failed, "other", 0, 60_000, .closed(.refused("words"))),
        (.failed, "other", -1, 60_000, .free),
        (.unchanged, "other", 0, 60_000, .closed(.unchanged("words"))),
        (.unchanged, "other", -1, 60_000, .free),
        (.skipped, "other", 0, 60_000, .closed(.skipped("words"))),
        (.skipped, "other", -1, 60_000, .free),
        (.released, "other", 0, 60_000, .free),
        (.lost, "other", 0, 60_000, .free),
    ])
    func `says what a later attempt may do`(
        state: LedgerEntry.State,
        holder: String,
        receivedEarlier: Int,
        lease: Int,
        expected: LedgerEntry.ClaimVerdict
    ) throws {
        let received = Self.now.adding(milliseconds: receivedEarlier)
        let record = try Self.record(state, holder: holder, receivedAt: received, lease: lease)
        let claim = try Self.record(.starting, holder: "one")
        #expect(record.verdict(on: claim, at: Self.now) == expected)
    }

    @Test(arguments: [
        (0, 300_000 as Int?, true),
        (1, 300_000, false),
        (0, nil, false),
        (300_000, 0, true),
    ])
    func `says whether to start it again may be a second time`(
        early: Int,
        tokenLifetime: Int?,
        expected: Bool
    ) throws {
        let now = Self.now.adding(milliseconds: 300_000 - early)
        #expect(
            try Self.record(.starting).tokenIsForgotten(at: now, tokenLifetime: tokenLifetime)
                == expected
        )
    }

    @Test(arguments: [
        (LedgerEntry.State.starting, 0), (.lost, 0), (.released, 60_000), (.failed, 60_000),
        (.unchanged, 60_000), (.skipped, 60_000), (.started, 60_000),
    ])
    func `counts from the first run that left open whether it had started`(
        state: LedgerEntry.State,
        since: Int
    ) throws {
        var claim = try Self.record(.starting)
        claim.claimedSince = Self.now.adding(milliseconds: 60_000)
        let taken = claim.takingOver(try Self.record(state), at: Self.now, tokenLifetime: nil)
        #expect(taken.claimedSince == Self.now.adding(milliseconds: since))
    }

    @Test(
        arguments: [LedgerEntry.State](
            [.starting, .started, .unchanged, .skipped, .failed, .released, .lost]
        )
    )
    func `reads what it wrote`(state: LedgerEntry.State) throws {
        let record = try Self.record(state)
        #expect(LedgerEntry(parsing: record.encoded()) == record)
    }

    @Test(arguments: ["", "{}", "[]", #"{"state":"lost"}"#, "not JSON"])
    func `is not made of anything else`(text: String) {
        #expect(LedgerEntry(parsing: Array(text.utf8)) == nil)
    }
}

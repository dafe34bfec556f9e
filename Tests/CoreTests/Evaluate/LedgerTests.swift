import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct LedgerTests {
    private let stage: Stage
    private let ledger: Ledger

    init() throws {
        stage = try Stage()
        ledger = Ledger(services: stage.services)
    }

    private func claim(
        _ starts: [Start],
        of change: Change = .push(),
        as holder: String = "one"
    ) -> [Ledger.Claim] {
        ledger.claim(
            starts,
            of: change,
            holder: holder,
            lease: stage.deadline(),
            along: [],
            deadline: stage.deadline()
        ).claims
    }

    private func conclude(_ start: Start, _ record: LedgerEntry, etag: String) -> CallError? {
        let conclusion = Ledger.Conclusion(identity: start.identity, entry: record, etag: etag)
        return ledger.conclude([conclusion], along: [], deadline: stage.deadline()).faults[0]
    }

    /// The record and the ETag of a claim that was made.
    private func made(_ start: Start, as holder: String = "one") throws -> (LedgerEntry, String) {
        guard case .mine(let record, let etag, _) = claim([start], as: holder)[0] else {
            throw Failure()
        }
        return (record, etag)
    }
    private struct Failure: Error {}

    // Claims.

    @Test func `a start that nobody has claimed is the asker's, by one write`() throws {
        let start = try Start.sample()
        let claims = claim([start])
        let record = try stage.aws.ledger(start)
        let etag = try #require(stage.aws.objects[start.ledgerKey]?.eTag)
        #expect(claims == [.mine(record, etag: etag, after: nil)])
        #expect(record.state == .starting)
        #expect(record.holder == "one")
        #expect(record.leaseExpires == Stage.start.adding(milliseconds: Stage.timeout))
        #expect(stage.aws.calls == ["PUT \(start.ledgerKey)"])
    }

    @Test func `many are claimed in one round trip, and other calls with them`() throws {
        let starts = try (0..<50).map { try Start.sample("r\($0)") }
        let (claims, responses) = ledger.claim(
            starts,
            of: .push(),
            holder: "one",
            lease: stage.deadline(),
            along: [stage.services.s3.getObject("other")],
            deadline: stage.deadline()
        )
        #expect(claims.count == 50)
        #expect(try responses.map { try $0.get().status } == [404])
        #expect(stage.aws.roundTrips == 1)
    }

    @Test func `a claim whose response was lost is recognised as the asker's own`() throws {
        let start = try Start.sample()
        stage.aws.fault = { call, _ in call == 1 ? .lostAnswer : nil }
        guard case .mine(let record, _, after: nil) = claim([start])[0] else {
            Issue.record("it is not the asker's")
            return
        }
        #expect(try stage.aws.ledger(start) == record)
    }

    @Test func `a start that another attempt holds is pending until its lease ends`() throws {
        let start = try Start.sample()
        _ = claim([start], as: "other")
        let until = Stage.start.adding(milliseconds: Stage.timeout).iso8601
        let reason = "another run is starting it, until \(until) at the latest"
        #expect(claim([start]) == [.taken(.pending(reason))])
        stage.wait(Stage.timeout)
        guard case .mine(_, _, let earlier?) = claim([start])[0] else {
            Issue.record("it is not taken over")
            return
        }
        #expect(earlier.holder == "other")
        #expect(try stage.aws.ledger(start).holder == "one")
    }

    @Test func `a start of a head that another delivery asks for too is left to that one`() throws {
        let plain = try Start.sample()
        let start = plain.with(isOncePerHead: true)
        _ = claim([start], as: "other")
        let until = Stage.start.adding(milliseconds: Stage.timeout).iso8601
        let reason = "another run is starting it, until \(until) at the latest"
        #expect(claim([start]) == [.taken(.pending(reason))])
        let another = Change.push().with { $0.delivery = "delivery-2" }
        #expect(claim([start], of: another) == [.underWay("delivery delivery-1 is starting it")])
        #expect(claim([plain], of: another) == [.taken(.pending(reason))])
        stage.wait(Stage.timeout)
        guard case .mine(_, _, let earlier?) = claim([start], of: another)[0] else {
            Issue.record("it is not taken over")
            return
        }
        #expect(earlier.holder == "other")
    }

    @Test(arguments: [
        (StartResult.started("id"), StartResult.alreadyStarted("id")),
        (.unchanged("there"), .unchanged("there")), (.skipped("no"), .skipped("no")),
        (.refused("no"), .refused("no")),
    ])
    func `a start that has ended in the same delivery is told as it ended`(
        ended: StartResult,
        told: StartResult
    ) throws {
        let start = try Start.sample()
        let (record, etag) = try made(start, as: "other")
        #expect(conclude(start, record.ended(ended), etag: etag) == nil)
        #expect(claim([start]) == [.taken(told)])
    }

    @Test func `a start that was released is taken over at once, if nobody else is faster`() throws
    {
        let start = try Start.sample()
        let (record, etag) = try made(start, as: "other")
        _ = conclude(start, record.ended(.pending("throttled")), etag: etag)
        stage.atFirst("PUT \(start.ledgerKey)") { [self] in
            _ = claim([start], as: "third")
        }
        guard case .taken(.pending) = claim([start])[0] else {
            Issue.record("two have the claim")
            return
        }
        #expect(try stage.aws.ledger(start).holder == "third")
    }

    @Test func `what is no record is not overwritten`() throws {
        let start = try Start.sample()
        stage.aws.put(start.ledgerKey, "text")
        let words = "bucket/\(start.ledgerKey) is not a ledger record: delete it to start again"
        #expect(claim([start]) == [.unknown(words)])
        #expect(stage.aws.text(start.ledgerKey) == "text")
    }

    @Test func `a ledger that cannot be asked leaves the claim open, and no other`() throws {
        let starts = try [Start.sample("api"), Start.sample("web")]
        stage.aws.fault = { _, name in name == "PUT \(starts[0].ledgerKey)" ? .status500 : nil }
        let claims = claim(starts)
        let words = "s3:PutObject of bucket/\(starts[0].ledgerKey): 500 InternalError: as scripted"
        guard case .unknown(words, let error?) = claims[0] else {
            Issue.record("\(claims[0])")
            return
        }
        #expect(error.description == words)
        guard case .mine = claims[1] else {
            Issue.record("the other is not claimed")
            return
        }
    }

    // Conclusions.

    @Test func `a conclusion is written over the claim, beside other calls`() throws {
        let start = try Start.sample()
        let (record, etag) = try made(start)
        stage.aws.forgetCalls()
        let conclusion = Ledger.Conclusion(
            identity: start.identity,
            entry: record.ended(.started("id")),
            etag: etag
        )
        let (faults, responses) = ledger.conclude(
            [conclusion],
            along: [stage.services.s3.getObject("other")],
            deadline: stage.deadline()
        )
        #expect(faults == [nil])
        #expect(responses.count == 1)
        #expect(stage.aws.roundTrips == 1)
        #expect(try stage.aws.ledger(start).state == .started)
        #expect(try stage.aws.ledger(start).answer == "id")
    }

    @Test(arguments: [
        (StartResult.started("mine"), StartResult.pending("p"), "mine"),
        (.started("mine"), .lost("l"), "mine"), (.refused("mine"), .started("s"), "s"),
        (.lost("mine"), .refused("f"), "f"), (.refused("mine"), .lost("l"), "mine"),
    ])
    func `another attempt's record is only ever raised`(
        mine: StartResult,
        other: StartResult,
        stands: String
    ) throws {
        let start = try Start.sample()
        let (record, etag) = try made(start)
        stage.wait(Stage.timeout)
        let (theirs, theirETag) = try made(start, as: "other")
        #expect(conclude(start, theirs.ended(other), etag: theirETag) == nil)
        #expect(conclude(start, record.ended(mine), etag: etag) == nil)
        #expect(try stage.aws.ledger(start).answer == stands)
    }

    @Test func `a claim that was deleted is concluded all the same`() throws {
        let start = try Start.sample()
        let (record, etag) = try made(start)
        stage.aws.objects[start.ledgerKey] = nil
        #expect(conclude(start, record.ended(.started("id")), etag: etag) == nil)
        #expect(try stage.aws.ledger(start).state == .started)
    }

    @Test func `a conclusion whose response was lost is there`() throws {
        let start = try Start.sample()
        let (record, etag) = try made(start)
        stage.aws.forgetCalls()
        stage.aws.fault = { call, _ in call == 1 ? .lostAnswer : nil }
        #expect(conclude(start, record.ended(.started("id")), etag: etag) == nil)
        #expect(try stage.aws.ledger(start).state == .started)
    }

    @Test func `a conclusion that cannot be written is an error`() throws {
        let start = try Start.sample()
        let (record, etag) = try made(start)
        stage.aws.s3Error = (403, "AccessDenied")
        let error = conclude(start, record.ended(.started("id")), etag: etag)
        #expect(
            error?.description
                == "s3:PutObject of bucket/\(start.ledgerKey): 403 AccessDenied: as scripted"
        )
    }
}

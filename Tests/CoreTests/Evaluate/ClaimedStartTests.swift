import AWS
import Codec
import Platform
import Testing

@testable import Core

@Suite struct ClaimedStartTests {
    private static let now = Stage.start
    private static let build = #"{"CodeBuild":{"Project":"build"}}"#

    private static func claim(_ start: Start) -> LedgerEntry {
        LedgerEntry(
            claiming: start,
            of: .push(minute: 0),
            holder: "one",
            at: now,
            leaseExpires: now.adding(milliseconds: 60_000)
        )
    }

    /// A start whose claim has taken over what an earlier attempt left so many milliseconds ago.
    private static func held(
        _ start: Start,
        after earlier: StartResult? = nil,
        ago milliseconds: Int = 0,
        head: HeadStore.Known = .absent
    ) -> ClaimedStart {
        var record = claim(start)
        let before = earlier.map { result in
            var before = record.ended(result)
            before.claimedSince = now.adding(milliseconds: -milliseconds)
            return before
        }
        let tokenLifetime = start.action.facts.tokenLifetime
        if let before { record = record.takingOver(before, at: now, tokenLifetime: tokenLifetime) }
        return ClaimedStart(
            UnclaimedStart(index: 0, start: start, server: nil),
            record,
            etag: "e",
            after: before,
            head: head
        )
    }

    // Before it is sent.

    private static func head(minute: Int) throws -> HeadStore.Known {
        let change = Change.push(minute: minute)
        let time = now.adding(milliseconds: minute * 60_000)
        let start = try Start.sample(of: change)
        return .stored(StartHead(start, at: time, of: change, answer: "id"), etag: "e")
    }

    private static let newer =
        "a newer change was started: \(String(repeating: "b", count: 40)) at 2026-09-21T14:14:20Z"

    @Test func `a newer start holds it back, and an older one does not`() throws {
        let start = try Start.sample(of: .push(minute: 0))
        #expect(
            Self.held(start, head: try Self.head(minute: 1)).obstacle
                == .heldBack(Self.newer, note: nil)
        )
        #expect(Self.held(start, head: try Self.head(minute: -1)).obstacle == nil)
        #expect(Self.held(start).obstacle == nil)
    }

    @Test func `held back, it may have been started before all the same`() throws {
        let start = try Start.sample(of: .push(minute: 0))
        let held = Self.held(start, after: .lost("reset"), head: try Self.head(minute: 1))
        #expect(held.obstacle == .heldBack(Self.newer, note: StartResult.mayHaveStartedBefore))
    }

    @Test func `a head that is not known holds it back, if it has an order`() throws {
        let why = "it could not be told whether a newer change was started: reset"
        let start = try Start.sample(of: .push(minute: 0))
        #expect(Self.held(start, head: .unknown("reset")).obstacle == .pending(why))
        #expect(Self.held(try Start.sample(), head: .unknown("reset")).obstacle == nil)
    }

    // While it is sent.

    @Test func `with a client token for ever it may be sent as often as time allows`() throws {
        var held = Self.held(try Start.sample())
        for _ in 0..<5 {
            #expect(held.maySend(at: Self.now))
            #expect(held.take(.lost("reset")) == .lost("reset"))
        }
        #expect(held.take(.started("id")) == .started("id"))
    }

    @Test func `without one it is not sent again by the same attempt once it may have started it`()
        throws
    {
        var held = Self.held(try Start.event())
        #expect(held.maySend(at: Self.now))
        _ = held.take(.pending("throttled"))
        #expect(held.maySend(at: Self.now))
        _ = held.take(.lost("reset"))
        #expect(!held.maySend(at: Self.now))
    }

    @Test func `a later attempt sends it once more, and says that it may be the second time`()
        throws
    {
        var held = Self.held(try Start.event(), after: .lost("reset"))
        #expect(held.maySend(at: Self.now))
        held.markSent(at: Self.now)
        #expect(held.take(.started("id")) == .started("id; \(StartResult.mayHaveStartedBefore)"))
    }

    @Test(arguments: [(299_999, "id"), (300_000, "id; \(StartResult.mayHaveStartedBefore)")])
    func `whether it may be the second time depends on how long the token is remembered`(
        ago: Int,
        answer: String
    ) throws {
        let start = try Start.sample(target: Self.build)
        var held = Self.held(start, after: .lost("reset"), ago: ago)
        held.markSent(at: Self.now)
        #expect(held.take(.started("id")) == .started(answer))
    }

    @Test(arguments: [
        (
            StartResult.unchanged("w"),
            StartResult.unchanged("w; \(StartResult.mayHaveStartedBefore)")
        ),
        (.skipped("w"), .skipped("w; \(StartResult.mayHaveStartedBefore)")),
        (.refused("w"), .refused("w; \(StartResult.mayHaveStartedBefore)")),
        (.pending("w"), .pending("w")),
    ])
    func `what ends otherwise may have been started by an earlier attempt`(
        result: StartResult,
        told: StartResult
    ) throws {
        var unknown = Self.held(try Start.sample(), after: .lost("reset"))
        #expect(unknown.take(result) == told)
        var known = Self.held(try Start.sample(), after: .pending("throttled"))
        #expect(known.take(result) == result)
    }

    @Test func `a refusal that follows a request whose outcome is unknown says so`() throws {
        var held = Self.held(try Start.sample())
        #expect(
            held.take(.refused("no", outcomeUnknown: true))
                == .refused("no; \(StartResult.mayHaveStartedBefore)")
        )
    }

    @Test func `pauses grow twofold, up to eight seconds, and have no fixed length`() throws {
        var held = Self.held(try Start.sample())
        var pauses: [Int] = []
        for chance in [0, 500, 0, 0, 0] {
            held.rest(from: Self.now, chance: chance)
            pauses.append(held.resumes.milliseconds - Self.now.milliseconds)
        }
        #expect(pauses == [500, 2_000, 2_000, 4_000, 4_000])
    }

    // When it has ended.

    @Test func `what is pending is released, and lost if it may have been started`() throws {
        var held = Self.held(try Start.sample())
        #expect(held.final(.pending("w"), at: Self.now) == .pending("w"))
        _ = held.take(.lost("reset"))
        #expect(held.final(.pending("w"), at: Self.now) == .lost("w"))
        #expect(held.concluded(.lost("w")).state == .lost)
        #expect(Self.held(try Start.sample()).concluded(.pending("w")).state == .released)
    }

    @Test func `what was sent twice without protection is refused, until a redelivery`() throws {
        var second = Self.held(try Start.event(), after: .lost("reset"))
        _ = second.take(.lost("reset"))
        #expect(
            second.final(.lost("reset"), at: Self.now)
                == .refused("reset; may have been started twice; redeliver to start it again")
        )
    }

    @Test func `a request is counted only if it may have started something`() throws {
        var held = Self.held(try Start.event())
        #expect(held.concluded(.pending("throttled")).requests == 0)
        _ = held.take(.lost("reset"))
        #expect(held.concluded(.lost("reset")).requests == 1)
    }

    @Test(
        arguments: [
            (StartResult.started("id"), "id"), (.alreadyStarted("id"), "id"),
            (.unchanged("id"), nil),
            (.skipped("w"), nil), (.refused("w"), nil), (.pending("w"), nil),
        ] as [(StartResult, String?)]
    )
    func `what was started moves the head`(result: StartResult, answer: String?) throws {
        #expect(Self.held(try Start.sample()).startedAnswer(result) == answer)
    }

    @Test func `what is found started after a request whose outcome was unknown moves it too`()
        throws
    {
        let held = Self.held(try Start.sample(), after: .lost("reset"))
        #expect(held.startedAnswer(.unchanged("there")) == "there")
    }

    @Test func `what another attempt started keeps the target that was started`() throws {
        let held = Self.held(try Start.sample(), after: .lost("reset"))
        var renamed = Self.held(try Start.sample("api", target: Self.build), after: nil)
        #expect(renamed.concluded(.alreadyStarted("id")).target?.kind == "CodeBuild")
        renamed = ClaimedStart(
            UnclaimedStart(index: 0, start: renamed.start, server: nil),
            Self.claim(renamed.start),
            etag: "e",
            after: held.concluded(.lost("reset")),
            head: .absent
        )
        #expect(renamed.concluded(.alreadyStarted("id")).target?.kind == "CodePipeline")
        #expect(renamed.concluded(.alreadyStarted("id")).state == .started)
    }
}

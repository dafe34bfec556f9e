import Codec
import Platform
import Testing

@testable import Core

@Suite struct `The replay of a change` {
    static func change(_ delivery: String) -> Change {
        Change(
            source: .github,
            repository: "octo/mono",
            kind: .push,
            branch: "main",
            after: String(repeating: "b", count: 40),
            receivedAt: Timestamp(milliseconds: 1_790_000_000_000),
            delivery: delivery,
            bodyDigest: BodyDigest(SHA256(of: [1, 2])),
            paths: ChangedPaths(paths: [Path(utf8: Array("a".utf8))])
        )
    }

    @Test func `is the same change, whose starts have identities of their own`() {
        let change = Self.change("d1")
        let replay = change.replayed(1)
        #expect(replay.delivery == "d1-replay-1")
        #expect(replay.bodyDigest != change.bodyDigest)
        #expect(replay.bodyDigest == change.replayed(1).bodyDigest)
        #expect(replay.bodyDigest != change.replayed(2).bodyDigest)
        #expect(replay.bodyDigest != replay.replayed(1).bodyDigest)
        var same = replay
        #expect(same.ignoresOrder)
        (same.delivery, same.bodyDigest, same.ignoresOrder) = (
            change.delivery, change.bodyDigest, false
        )
        #expect(same == change)
    }

    @Test func `has an id that a record can lie under, however long the delivery's is`() throws {
        let long = String(repeating: "a", count: 64)
        let replay = Self.change(long).replayed(12)
        #expect(replay.delivery == String(repeating: "a", count: 54) + "-replay-12")
        guard case .change(let read) = try EvaluateRequest(EvaluateRequest.change(replay).encoded())
        else {
            Issue.record("it is no change")
            return
        }
        #expect(read == replay)
    }
}

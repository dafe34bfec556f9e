import Codec
import Platform
import Testing

@testable import Core

@Suite struct BodyDigestTests {
    @Test(arguments: [0, 1, 54, 55, 56, 63, 64, 65, 127, 128, 1000, 65_536])
    func `a start's identity is the hash of body, newline and rule key`(length: Int) {
        let body = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let key = "prefix/rules/github/octo-org/monorepo/api.json"
        let digest = BodyDigest(SHA256(of: body))
        let expected = Hex.lower(SHA256.hash(body + Array("\n\(key)".utf8)))
        #expect(digest.startIdentity(ruleKey: key) == expected)
        #expect(BodyDigest(digest.checkpoint)?.startIdentity(ruleKey: key) == expected)
    }

    @Test func `of a CodeCommit change it begins with the event's id and the ref`() {
        let digest = BodyDigest(eventID: "e-1", ref: "refs/heads/main")
        let expected = Hex.lower(SHA256.hash(Array("e-1\nrefs/heads/main\nkey".utf8)))
        #expect(digest.startIdentity(ruleKey: "key") == expected)
    }

    @Test func `two rules, two bodies and two refs have identities of their own`() {
        let one = BodyDigest(eventID: "e", ref: "refs/heads/a")
        let other = BodyDigest(eventID: "e", ref: "refs/heads/b")
        #expect(one != other)
        #expect(one.startIdentity(ruleKey: "1") != other.startIdentity(ruleKey: "1"))
        #expect(one.startIdentity(ruleKey: "1") != one.startIdentity(ruleKey: "2"))
        #expect(one.startIdentity(ruleKey: "1") == one.startIdentity(ruleKey: "1"))
    }
}

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

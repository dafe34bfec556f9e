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
        #expect(one.start(ruleKey: "1") != other.start(ruleKey: "1"))
        #expect(one.start(ruleKey: "1") != one.start(ruleKey: "2"))
        #expect(one.start(ruleKey: "1") == one.start(ruleKey: "1"))
    }
}

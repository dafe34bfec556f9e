import Codec
import Platform
import Testing

@Suite struct SHA256Tests {
    /// Messages and digests of FIPS 180-2 appendix B and of the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `a digest is that of the standard`(message: String, digest: String) {
        #expect(Hex.lower(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test(arguments: 0...200)
    func `a digest resumed from a checkpoint is the digest of the whole`(length: Int) throws {
        let message = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var first = SHA256()
        first.update(message[..<length])
        let checkpoint = first.checkpoint
        #expect(checkpoint.length == length)
        #expect(checkpoint.pending == Array(message[..<length].suffix(length % 64)))
        var second = try #require(SHA256(resuming: checkpoint))
        #expect(second.checkpoint == checkpoint)
        second.update(message[length...])
        #expect(second.finalize() == SHA256.hash(message))
    }

    @Test func `a checkpoint beyond 512 MB keeps its whole length`() throws {
        // The bit count then takes more than one 32-bit word.
        let length = (1 << 32) + 5
        let checkpoint = SHA256.Checkpoint(
            state: SHA256().checkpoint.state,
            length: length,
            pending: [1, 2, 3, 4, 5]
        )
        var digest = try #require(SHA256(resuming: checkpoint))
        digest.update([6])
        #expect(digest.checkpoint.length == length + 1)
    }

    @Test(arguments: [
        SHA256.Checkpoint(state: [], length: 0, pending: []),
        SHA256.Checkpoint(state: [UInt8](repeating: 0, count: 31), length: 0, pending: []),
        SHA256.Checkpoint(state: [UInt8](repeating: 0, count: 32), length: 1, pending: []),
        SHA256.Checkpoint(state: [UInt8](repeating: 0, count: 32), length: 64, pending: [1]),
        SHA256.Checkpoint(state: [UInt8](repeating: 0, count: 32), length: -64, pending: []),
        SHA256.Checkpoint(state: [UInt8](repeating: 0, count: 32), length: .max, pending: []),
    ])
    func `what is no checkpoint is refused`(checkpoint: SHA256.Checkpoint) {
        #expect(SHA256(resuming: checkpoint) == nil)
    }

    @Test func `a digest can be read and carried on`() {
        var digest = SHA256()
        digest.update(Array("ab".utf8))
        _ = digest.finalize()
        digest.update(Array("c".utf8).span)
        #expect(digest.finalize() == SHA256.hash(Array("abc".utf8)))
    }
}

import Codec
@testable import Platform
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

@Suite struct SHA1Tests {
    /// Messages and digests of FIPS 180-2 appendix A and of the empty message.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    ])
    func `a digest is that of the standard`(message: String, digest: String) {
        #expect(Hex.lower(SHA1.hash(Array(message.utf8))) == digest)
    }
}

/// A test case of RFC 4231 or RFC 2202.
struct HMACCase: CustomTestStringConvertible, Sendable {
    var name: String
    var key: [UInt8]
    var message: [UInt8]
    var code: String

    var testDescription: String { name }

    init(_ name: String, key: [UInt8], _ message: String, _ code: String) {
        self.init(name, key: key, Array(message.utf8), code)
    }

    init(_ name: String, key: [UInt8], _ message: [UInt8], _ code: String) {
        self.name = name
        self.key = key
        self.message = message
        self.code = code
    }
}

private func run(_ byte: UInt8, _ count: Int) -> [UInt8] {
    [UInt8](repeating: byte, count: count)
}

@Suite struct HMACTests {
    @Test(arguments: [
        HMACCase(
            "RFC 4231 case 1",
            key: run(0x0b, 20),
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        HMACCase(
            "RFC 4231 case 2",
            key: Array("Jefe".utf8),
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        HMACCase(
            "RFC 4231 case 3",
            key: run(0xaa, 20),
            run(0xdd, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        HMACCase(
            "RFC 4231 case 4",
            key: Array(1...25),
            run(0xcd, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        HMACCase(
            "RFC 4231 case 6",
            key: run(0xaa, 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        HMACCase(
            "RFC 4231 case 7",
            key: run(0xaa, 131),
            "This is a test using a larger than block-size key and a larger than block-size"
                + " data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
        HMACCase(
            "GitHub's documentation",
            key: Array("It's a Secret to Everybody".utf8),
            "Hello, World!",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        ),
    ])
    func `HMAC-SHA256 is that of the standard`(_ testCase: HMACCase) {
        let code = HMAC.sha256(key: testCase.key, message: testCase.message)
        #expect(Hex.lower(code) == testCase.code)
    }

    @Test(arguments: [
        HMACCase(
            "RFC 2202 case 1",
            key: run(0x0b, 20),
            "Hi There",
            "b617318655057264e28bc0b6fb378c8ef146be00"
        ),
        HMACCase(
            "RFC 2202 case 2",
            key: Array("Jefe".utf8),
            "what do ya want for nothing?",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        HMACCase(
            "RFC 2202 case 3",
            key: run(0xaa, 20),
            run(0xdd, 50),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
        ),
        HMACCase(
            "RFC 2202 case 4",
            key: Array(1...25),
            run(0xcd, 50),
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
        ),
        HMACCase(
            "RFC 2202 case 6",
            key: run(0xaa, 80),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
        HMACCase(
            "RFC 2202 case 7",
            key: run(0xaa, 80),
            "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
        ),
    ])
    func `HMAC-SHA1 is that of the standard`(_ testCase: HMACCase) {
        #expect(Hex.lower(HMAC.sha1(key: testCase.key, message: testCase.message)) == testCase.code)
    }
}

import Testing

@testable import Platform

/// OpenSSL, one pass a digest, is the oracle.
@Suite struct `Several digests of one message` {
    static let lengths = [0, 1, 63, 64, 65, 1023, 1024, 1025, 1087, 1088, 1151, 4096, 100_001]

    @Test(arguments: lengths)
    func `are those of one pass each, for one to five keys`(length: Int) {
        let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        for count in 1...5 {
            let keys = (0..<count).map { [UInt8](repeating: UInt8($0 + 1), count: $0 * 30 + 1) }
            let (codes, digest) = HMAC.sha256(keys: keys, message: message)
            #expect(codes == keys.map { HMAC.sha256(key: $0, message: message) })
            #expect(digest.finalize() == SHA256.hash(message))
            #expect(digest.checkpoint.length == length)
        }
    }

    @Test func `can be carried on afterwards`() {
        let message = [UInt8](repeating: 7, count: 5000)
        var digest = HMAC.sha256(keys: [[1], [2]], message: message).digest
        digest.update([1, 2, 3])
        #expect(digest.finalize() == SHA256.hash(message + [1, 2, 3]))
    }
}

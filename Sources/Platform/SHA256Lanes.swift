internal import CLibraries

extension SHA256 {
    /// Adds one message to several digests, each of which stands at the beginning of a block.
    ///
    /// Up to four are carried on at the price of one where the processor has no SHA
    /// instructions but wide vectors: the message is then read once for all of them.
    static func update(_ digests: [SHA256], with message: [UInt8]) -> [SHA256] {
        guard digests.count > 1, digests.count <= lanes, message.count >= lanesPayOffFrom,
            pointsman_sha256_lanes_pay_off()
        else {
            return digests.map { digest in
                var digest = digest
                digest.update(message)
                return digest
            }
        }
        let blocks = message.count / blockLength
        var words = [UInt32](repeating: 0, count: lanes * 8)
        for (lane, digest) in digests.enumerated() {
            for (index, word) in digest.words.enumerated() { words[index * lanes + lane] = word }
        }
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe pointsman_sha256_lanes(words.baseAddress, message.baseAddress, blocks)
            }
        }
        return digests.enumerated().map { lane, digest in
            var digest = SHA256(
                words: (0..<8).map { words[$0 * lanes + lane] },
                length: digest.length + blocks * blockLength
            )
            digest.update(message[(blocks * blockLength)...])
            return digest
        }
    }

    private static let lanes = Int(POINTSMAN_SHA256_LANES)
    /// Bytes below which the setting up costs what the lanes save.
    private static let lanesPayOffFrom = 1024
}

/// Keyed digests of messages (RFC 2104, FIPS 198-1).
public enum HMAC {
    /// HMAC-SHA256, 32 bytes.
    public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        var inner = innerSHA256(key)
        inner.update(message)
        return outerSHA256(key, inner)
    }

    /// HMAC-SHA256 of one message with each of several keys, and its plain SHA-256.
    ///
    /// All of them are had in one reading of the message where the processor gains by that.
    ///
    /// - Returns: A code for each key, in their order, and the digest, which may be carried on.
    public static func sha256(
        keys: [[UInt8]],
        message: [UInt8]
    ) -> (codes: [[UInt8]], digest: SHA256) {
        let digests = SHA256.update([SHA256()] + keys.map(innerSHA256), with: message)
        let codes = zip(keys, digests.dropFirst()).map { outerSHA256($0, $1) }
        return (codes, digests[0])
    }

    /// HMAC-SHA1, 20 bytes.
    public static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] {
        let key = key.count > SHA256.blockLength ? SHA1.hash(key) : key
        return SHA1.hash(pad(key, with: 0x5c), SHA1.hash(pad(key, with: 0x36), message))
    }

    private static func innerSHA256(_ key: [UInt8]) -> SHA256 {
        var inner = SHA256()
        inner.update(pad(shortened(key), with: 0x36))
        return inner
    }

    private static func outerSHA256(_ key: [UInt8], _ inner: SHA256) -> [UInt8] {
        var outer = SHA256()
        outer.update(pad(shortened(key), with: 0x5c))
        outer.update(inner.finalize())
        return outer.finalize()
    }

    /// A key longer than a block is replaced by its digest (RFC 2104, section 2).
    private static func shortened(_ key: [UInt8]) -> [UInt8] {
        key.count > SHA256.blockLength ? SHA256.hash(key) : key
    }

    /// The key, filled up to a block (64 bytes for both digests), each byte changed by XOR.
    private static func pad(_ key: [UInt8], with byte: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: byte, count: SHA256.blockLength)
        for (index, keyByte) in key.enumerated() { block[index] ^= keyByte }
        return block
    }
}

/// Keyed digests of messages (RFC 2104, FIPS 198-1).
package enum HMAC {
    /// HMAC-SHA256, 32 bytes.
    ///
    /// A key longer than a block is replaced by its digest (RFC 2104, section 2).
    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        let key = key.count > SHA256.blockLength ? SHA256.hash(key) : key
        var inner = SHA256()
        inner.update(pad(key, with: 0x36))
        inner.update(message)
        var outer = SHA256()
        outer.update(pad(key, with: 0x5c))
        outer.update(inner.finalize())
        return outer.finalize()
    }

    /// HMAC-SHA1, 20 bytes.
    package static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] {
        let key = key.count > SHA256.blockLength ? SHA1.hash(key) : key
        return SHA1.hash(pad(key, with: 0x5c), SHA1.hash(pad(key, with: 0x36), message))
    }

    /// The key, filled up to a block (64 bytes for both digests), each byte changed by XOR.
    private static func pad(_ key: [UInt8], with byte: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: byte, count: SHA256.blockLength)
        for (index, keyByte) in key.enumerated() { block[index] ^= keyByte }
        return block
    }
}

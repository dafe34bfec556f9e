internal import CLibraries

/// SHA-256 (FIPS 180-4) over OpenSSL, in any number of pieces.
///
/// A value: a copy carries on by itself, so a common beginning is digested once.
@safe package struct SHA256: Sendable {
    package static let digestLength = 32
    package static let blockLength = 64

    private var context = SHA256_CTX()

    package init() {
        // The low-level calls of this digest return 1 always (sha256.c): nothing to check.
        unsafe SHA256_Init(&context)
    }

    package mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        update(bytes.span)
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe SHA256_Update(&context, bytes.baseAddress, bytes.count)
        }
    }

    /// The digest of the message so far; more may be added afterwards.
    package func finalize() -> [UInt8] {
        var copy = self
        return unsafe [UInt8](unsafeUninitializedCapacity: Self.digestLength) { digest, count in
            unsafe SHA256_Final(digest.baseAddress, &copy.context)
            count = Self.digestLength
        }
    }

    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var digest = SHA256()
        digest.update(message)
        return digest.finalize()
    }
}

extension SHA256 {
    /// A digest in the making, written down so that it can be resumed elsewhere.
    package struct Checkpoint: Equatable, Sendable {
        /// The eight state words, big-endian: 32 bytes.
        package var state: [UInt8]
        /// How many bytes were digested, the pending ones included.
        package var length: Int
        /// The bytes of the last, unfinished block: 0 to 63 of them.
        package var pending: [UInt8]

        package init(state: [UInt8], length: Int, pending: [UInt8]) {
            self.state = state
            self.length = length
            self.pending = pending
        }
    }

    /// Where the digest stands now.
    package var checkpoint: Checkpoint {
        let context = context
        let pending = unsafe withUnsafeBytes(of: context.data) { data in
            unsafe Array(data.prefix(Int(context.num)))
        }
        return Checkpoint(
            state: words.flatMap { word in
                [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
            },
            length: length,
            pending: pending
        )
    }

    /// Carries on where a checkpoint was taken; `nil` if it is none.
    package init?(resuming checkpoint: Checkpoint) {
        let state = checkpoint.state
        guard state.count == Self.digestLength, checkpoint.length >= 0,
            checkpoint.length <= Int.max / 8,
            checkpoint.pending.count == checkpoint.length % Self.blockLength
        else { return nil }
        self.init(
            words: (0..<8).map { index in
                state[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) }
            },
            length: checkpoint.length - checkpoint.pending.count
        )
        update(checkpoint.pending)
    }

    /// The eight state words after the last whole block.
    private var words: [UInt32] {
        let h = context.h
        return [h.0, h.1, h.2, h.3, h.4, h.5, h.6, h.7]
    }

    /// How many bytes were digested, pending ones included.
    private var length: Int { Int((UInt64(context.Nh) << 32 | UInt64(context.Nl)) / 8) }

    /// A digest with these eight state words after so many bytes, a whole number of blocks.
    private init(words: [UInt32], length: Int) {
        self.init()
        context.h = (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7])
        let bits = UInt64(length) * 8
        context.Nl = UInt32(truncatingIfNeeded: bits)
        context.Nh = UInt32(truncatingIfNeeded: bits >> 32)
    }
}

/// SHA-1 (FIPS 180-4) over OpenSSL: for names that others gave, never for new trust.
package enum SHA1 {
    /// The digest of a message, 20 bytes.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        hash([], message)
    }

    /// The digest of one piece after the other.
    static func hash(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        var context = SHA_CTX()
        // The low-level calls of this digest return 1 always (sha1dgst.c): nothing to check.
        unsafe SHA1_Init(&context)
        for piece in [first, second] {
            unsafe piece.withUnsafeBytes { bytes in
                _ = unsafe SHA1_Update(&context, bytes.baseAddress, bytes.count)
            }
        }
        return unsafe [UInt8](unsafeUninitializedCapacity: 20) { digest, count in
            unsafe SHA1_Final(digest.baseAddress, &context)
            count = 20
        }
    }
}

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

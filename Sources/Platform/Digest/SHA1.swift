internal import CLibraries

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

internal import CLibraries

/// Whether two byte strings are equal, in a time that does not depend on where they differ.
///
/// The lengths are not secret: strings of different length differ at once.
package func constantTimeEquals(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    return unsafe one.withUnsafeBytes { one in
        unsafe other.withUnsafeBytes { other in
            unsafe CRYPTO_memcmp(one.baseAddress, other.baseAddress, one.count) == 0
        }
    }
}

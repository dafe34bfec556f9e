internal import CLibraries
internal import Codec

/// Bytes that must never be printed: every way of writing one out gives `***`.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The bytes themselves; the name makes every use visible.
    package let revealed: [UInt8]

    package init(_ bytes: [UInt8]) {
        revealed = bytes
    }

    package init(_ text: String) {
        revealed = Array(text.utf8)
    }

    /// Whether two secrets are the same bytes, compared in constant time.
    package static func == (one: Secret, other: Secret) -> Bool {
        constantTimeEquals(one.revealed, other.revealed)
    }

    /// The secret without the white space around it.
    package var trimmed: Secret { Secret(Array(revealed[...].trimmed)) }

    /// A text with every occurrence of the secret replaced by `***`.
    ///
    /// A secret of less than three bytes is not replaced: it occurs in texts by chance, and what
    /// they say would be changed. Anyone can guess it.
    package func hidden(in text: String) -> String {
        guard revealed.count >= 3 else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: revealed) {
                result += "***".utf8
                index += revealed.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `***`.
    package var description: String { "***" }

    /// `***`.
    package var debugDescription: String { "***" }
}

#if !hasFeature(Embedded)
    extension Secret: CustomReflectable {
        /// No children, so that `dump` and test failures show nothing either.
        package var customMirror: Mirror { Mirror(self, children: []) }
    }
#endif

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

/// Bytes as the key of a dictionary.
///
/// A string's equality is not that of its bytes: `é` in one code point equals `é` in two, and S3,
/// Git and file systems tell them apart. An array would hash its bytes one by one, which is slow.
package struct ByteKey: Hashable, Comparable, Sendable {
    let bytes: [UInt8]
    private let sum: UInt64

    /// The bytes of a text.
    package init(_ text: String) {
        self.init([UInt8](text.utf8))
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // FNV-1a; the dictionary mixes it further.
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        self.sum = sum
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Hashes the bytes by their sum.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(sum)
    }

    package static func == (one: ByteKey, other: ByteKey) -> Bool {
        one.sum == other.sum && one.bytes == other.bytes
    }

    package static func < (one: ByteKey, other: ByteKey) -> Bool {
        one.bytes.lexicographicallyPrecedes(other.bytes)
    }
}

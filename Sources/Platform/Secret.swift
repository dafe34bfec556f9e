/// Bytes that must never be printed: every way of writing one out gives `***`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The bytes themselves; the name makes every use visible.
    public let revealed: [UInt8]

    /// A secret of bytes.
    public init(_ bytes: [UInt8]) {
        revealed = bytes
    }

    /// A secret of a text's UTF-8.
    public init(_ text: String) {
        revealed = Array(text.utf8)
    }

    /// Whether two secrets are the same bytes, compared in constant time.
    public static func == (one: Secret, other: Secret) -> Bool {
        constantTimeEquals(one.revealed, other.revealed)
    }

    /// `***`.
    public var description: String { "***" }

    /// `***`.
    public var debugDescription: String { "***" }
}

#if !hasFeature(Embedded)
    extension Secret: CustomReflectable {
        /// No children, so that `dump` and test failures show nothing either.
        public var customMirror: Mirror { Mirror(self, children: []) }
    }
#endif

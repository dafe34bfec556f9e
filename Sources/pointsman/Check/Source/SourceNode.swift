import Codec

/// A value of a JSON or YAML file, and where it stands.
struct SourceNode: Sendable {
    /// What it is.
    var content: Content
    /// The bytes that it stands in: of a block of YAML only where it begins.
    var range: Range<Int>
    /// A tag of YAML's, such as `!Ref`, without those of the language itself.
    var tag: String?

    indirect enum Content: Sendable {
        case scalar(SourceScalar)
        case list([SourceNode])
        case map([Member])
        /// Nobody knows before deployment: an intrinsic function, in words.
        case unknown(String)
    }

    /// A name and its value.
    struct Member: Sendable {
        var key: String
        var keyRange: Range<Int>
        var value: SourceNode
    }

    var scalar: SourceScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    var list: [SourceNode]? {
        if case .list(let elements) = content { elements } else { nil }
    }

    var members: [Member]? {
        if case .map(let members) = content { members } else { nil }
    }

    /// The text of a string.
    var string: String? {
        guard let scalar, scalar.kind == .string else { return nil }
        return scalar.text
    }

    /// Whether it is, or holds, what nobody knows before deployment.
    var holdsUnknown: Bool {
        switch content {
        case .unknown: true
        case .scalar: false
        case .list(let elements): elements.contains { $0.holdsUnknown }
        case .map(let members): members.contains { $0.value.holdsUnknown }
        }
    }

    /// The value of the last member that has a name.
    subscript(_ name: String) -> SourceNode? {
        members?.last { $0.key == name }?.value
    }
}

/// A scalar, and how its text is written.
struct SourceScalar: Sendable {
    var text: String
    var kind: Kind
    var style: Style

    enum Kind: Sendable {
        case string, number, bool, null
        /// A date, which only YAML knows.
        case timestamp
    }

    enum Style: Sendable {
        case plain, singleQuoted, doubleQuoted
        /// Of several lines: `|` or `>`.
        case block
    }
}

extension SourceNode {
    /// The bytes of one code point of a scalar's text, by its column from 1; `nil` where the text
    /// is not written in one piece on one line.
    func range(ofColumn column: Int, in text: SourceText) -> Range<Int>? {
        guard let scalar, column >= 1, scalar.style != .block,
            !text.bytes[range].contains(.lineFeed)
        else { return nil }
        let isQuoted = scalar.style != .plain
        let end = isQuoted ? range.upperBound - 1 : range.upperBound
        var index = isQuoted ? range.lowerBound + 1 : range.lowerBound
        for _ in 1..<column where index < end {
            index += scalar.style.length(at: index, in: text)
        }
        // An error may lie just behind the last.
        guard index < end else { return end..<min(end + 1, text.bytes.count) }
        return index..<min(index + scalar.style.length(at: index, in: text), end)
    }
}

extension SourceScalar.Style {
    /// The bytes in which the code point at an index is written.
    fileprivate func length(at index: Int, in text: SourceText) -> Int {
        let bytes = text.bytes
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        if self == .singleQuoted, bytes[index] == UInt8(ascii: "'") { return 2 }
        guard self == .doubleQuoted, bytes[index] == .backslash else {
            return text.offset(index, plus: 1) - index
        }
        switch next {
        case UInt8(ascii: "x"): return 4
        case UInt8(ascii: "U"): return 10
        case UInt8(ascii: "u"):
            // A pair of surrogates is one code point.
            let digits = bytes[min(index + 2, bytes.count)..<min(index + 4, bytes.count)]
            let isHigh = ["d8", "d9", "da", "db"].contains(
                String(decoding: digits, as: UTF8.self).lowercased()
            )
            return isHigh ? 12 : 6
        default: return 2
        }
    }
}

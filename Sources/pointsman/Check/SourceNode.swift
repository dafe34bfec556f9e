import Codec

/// A value of a JSON or YAML file, and where it is.
struct SourceNode: Sendable {
    var content: Content
    /// Its bytes: of a block of YAML only where it begins.
    var range: Range<Int>
    /// A tag of YAML's, such as `!Ref`, without those of the language itself.
    var tag: String?

    indirect enum Content: Sendable {
        case scalar(SourceScalar)
        case list([SourceNode])
        case map([Member])
        /// Only known at deployment: an intrinsic function, in words.
        case unknown(String)
    }

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

    var string: String? {
        guard let scalar, scalar.kind == .string else { return nil }
        return scalar.text
    }

    var isUnknown: Bool {
        if case .unknown = content { true } else { false }
    }

    /// Whether it is, or holds, what is only known at deployment.
    var holdsUnknown: Bool {
        switch content {
        case .unknown: true
        case .scalar: false
        case .list(let elements): elements.contains { $0.holdsUnknown }
        case .map(let members): members.contains { $0.value.holdsUnknown }
        }
    }

    /// All scalars and unknown values, with the names of their properties: `Paths[2]`.
    func leaves(_ property: String = "") -> [(property: String, node: SourceNode)] {
        switch content {
        case .scalar, .unknown: [(property, self)]
        case .list(let elements):
            elements.enumerated().flatMap { $1.leaves("\(property)[\($0)]") }
        case .map(let members):
            members.flatMap { member in
                member.value.leaves(property.isEmpty ? member.key : "\(property).\(member.key)")
            }
        }
    }

    /// The value of the last member that has a name.
    subscript(_ name: String) -> SourceNode? {
        members?.last { $0.key == name }?.value
    }
}

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
        // An error may lie just after the last.
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

extension SourceNode {
    /// How a text is written in this one's place.
    func spelled(_ text: String) -> String {
        switch scalar?.style {
        case .doubleQuoted: return String(text.inJSON.dropFirst().dropLast())
        case .singleQuoted: return text.replacing("'", with: "''")
        case .plain:
            let isPlain = text.wholeMatch(of: /[\w.\/][\w.\/*@+-]*/) != nil
            return isPlain ? text : "'\(text.replacing("'", with: "''"))'"
        case .block, nil: return text
        }
    }

    /// The same as an element of a list, in quotes where this one is.
    func element(_ text: String) -> String {
        switch scalar?.style {
        case .doubleQuoted: text.inJSON
        case .singleQuoted: "'\(spelled(text))'"
        default: spelled(text)
        }
    }

    /// A message in which a backslash stands as it is written in this one's place.
    func spelling(_ message: String) -> String {
        guard scalar?.style == .doubleQuoted else { return message }
        return message.replacing("is written '\\", with: "is written '\\\\")
    }
}

extension String {
    /// The text as a string of JSON.
    var inJSON: String { String(decoding: JSON.string(self).encoded(), as: UTF8.self) }
}

extension SourceNode {
    /// Reads a JSON text, with positions.
    init(json text: SourceText) throws(JSONError) {
        var reader = JSONReader(text.bytes)
        self = try SourceNode.read(&reader, text)
        try reader.end()
    }

    private static func read(
        _ reader: inout JSONReader,
        _ text: SourceText
    ) throws(JSONError) -> SourceNode {
        let start = text.skippingBlanks(from: reader.offset)
        var elements: [SourceNode] = []
        var members: [Member] = []
        let content: Content
        switch try reader.kind() {
        case .null:
            try reader.null()
            content = .scalar(SourceScalar(text: "null", kind: .null, style: .plain))
        case .bool:
            let value = try reader.bool()
            content = .scalar(SourceScalar(text: "\(value)", kind: .bool, style: .plain))
        case .number:
            let number = try reader.number()
            content = .scalar(SourceScalar(text: number, kind: .number, style: .plain))
        case .string:
            let string = try reader.string()
            content = .scalar(SourceScalar(text: string, kind: .string, style: .doubleQuoted))
        case .array:
            try reader.array { (element) throws(JSONError) in
                elements.append(try read(&element, text))
            }
            content = .list(elements)
        case .object:
            try reader.object { (key, value) throws(JSONError) in
                let keyRange = text.key(before: value.offset)
                let node = try read(&value, text)
                members.append(Member(key: key.string, keyRange: keyRange, value: node))
            }
            content = .map(members)
        }
        return SourceNode(content: content, range: start..<reader.offset)
    }
}

extension SourceText {
    fileprivate func skippingBlanks(from offset: Int) -> Int {
        var offset = offset
        while offset < bytes.count, bytes[offset].isBlank { offset += 1 }
        return offset
    }

    /// The name, in its quotes, whose value begins at an index.
    fileprivate func key(before value: Int) -> Range<Int> {
        var end = value
        while end > 0, bytes[end - 1].isBlank || bytes[end - 1] == UInt8(ascii: ":") { end -= 1 }
        var start = end - 1
        repeat {
            start -= 1
        } while start > 0 && (bytes[start] != .quote || isEscaped(start))
        return max(start, 0)..<end
    }

    private func isEscaped(_ index: Int) -> Bool {
        var backslashes = 0
        while index - backslashes > 0, bytes[index - backslashes - 1] == .backslash {
            backslashes += 1
        }
        return backslashes % 2 == 1
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}

extension SourceNode {
    /// The value as JSON.
    ///
    /// - Parameters:
    ///   - property: Its name.
    ///   - isDeployed: Whether CloudFormation sends it, which makes a string of every scalar.
    ///   - source: The rule's `Source`, for what stands in for the unknown.
    func json(_ property: String = "", isDeployed: Bool, source: String) -> JSON {
        switch content {
        case .unknown: return StandIn.value(of: property, source: source)
        case .scalar(let scalar): return isDeployed ? .string(scalar.deployed) : scalar.json
        case .list(let elements):
            return .array(
                elements.enumerated().map { index, element in
                    element.json("\(property)[\(index)]", isDeployed: isDeployed, source: source)
                }
            )
        case .map(let members):
            return .object(
                members.filter { !$0.isLoop }.map { member in
                    let name = property.isEmpty ? member.key : "\(property).\(member.key)"
                    let value = member.value.json(name, isDeployed: isDeployed, source: source)
                    return JSON.Member(key: member.key, value: value)
                }
            )
        }
    }
}

extension SourceScalar {
    /// The text that CloudFormation sends.
    var deployed: String {
        switch kind {
        case .string, .timestamp, .null: return text
        case .bool:
            // YAML 1.1, "Boolean Language-Independent Type".
            return ["y", "yes", "true", "on"].contains(text.lowercased()) ? "true" : "false"
        case .number: return YAMLNumber.sent(text) ?? text
        }
    }

    /// Whether YAML takes a word for something else than the text that it is.
    var isMistakable: Bool {
        style == .plain && (kind == .timestamp || (kind != .string && deployed != text))
    }

    fileprivate var json: JSON {
        switch kind {
        case .string, .timestamp: .string(text)
        case .number: .number(text)
        case .bool: .bool(text == "true")
        case .null: .null
        }
    }
}

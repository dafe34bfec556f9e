import Codec

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

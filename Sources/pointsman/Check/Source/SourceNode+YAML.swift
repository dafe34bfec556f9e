import Yams

extension SourceNode {
    /// Why a text is not YAML, and where.
    struct YAMLProblem: Error {
        var message: String
        var offset: Int
        /// The names that stand in one map more than once.
        var isDuplicate = false
    }

    /// How many values a file may have: aliases can make many out of few.
    private static let mostNodes = 200_000

    /// Reads the documents of a YAML text, with positions.
    static func documents(yaml text: SourceText) throws(YAMLProblem) -> [SourceNode] {
        var reader = YAMLReader(text: text, room: mostNodes)
        do {
            // As UTF-16 it would count columns in other units.
            let parser = try Parser(yaml: text.string, encoding: .utf8)
            var documents: [SourceNode] = []
            while let root = try parser.nextRoot() { documents.append(try reader.node(root)) }
            return documents
        } catch let problem as YAMLProblem {
            throw problem
        } catch let error as YamlError {
            throw reader.marks.problem(error)
        } catch {
            throw YAMLProblem(message: "\(error)", offset: 0)
        }
    }
}

/// Turns nodes of Yams' into those with ranges.
private struct YAMLReader {
    let text: SourceText
    let marks: YAMLMarks
    /// How many nodes may still come.
    var room: Int

    init(text: SourceText, room: Int) {
        self.text = text
        self.room = room
        marks = YAMLMarks(text)
    }

    mutating func node(_ node: Node) throws(SourceNode.YAMLProblem) -> SourceNode {
        room -= 1
        let start = marks.offset(of: node.mark)
        guard room > 0 else {
            throw .init(message: "expected fewer values: aliases repeat too many", offset: start)
        }
        let tag = node.tag.description
        let ownTag = tag.hasPrefix("!") ? tag : nil
        switch node {
        case .scalar(let scalar):
            let style = SourceScalar.Style(scalar.style)
            let begin = skippingProperties(from: start)
            let content = SourceScalar(
                text: scalar.string,
                kind: style == .plain && ownTag == nil ? SourceScalar.Kind(tag) : .string,
                style: style
            )
            let end = text.end(of: content, from: begin)
            return SourceNode(content: .scalar(content), range: begin..<end, tag: ownTag)
        case .sequence(let sequence):
            var elements: [SourceNode] = []
            for element in sequence { elements.append(try self.node(element)) }
            return SourceNode(content: .list(elements), range: beginning(start), tag: ownTag)
        case .mapping(let mapping):
            let members = try self.members(mapping)
            let first = members.first?.keyRange ?? beginning(start)
            let range = first.lowerBound == start ? first : beginning(start)
            return SourceNode(content: .map(members), range: range, tag: ownTag)
        case .alias:
            throw .init(message: "expected no alias here", offset: start)
        }
    }

    /// The members; those that `<<` merges come last, where no own one has their name.
    private mutating func members(
        _ mapping: Node.Mapping
    ) throws(SourceNode.YAMLProblem) -> [SourceNode.Member] {
        var members: [SourceNode.Member] = []
        var merged: [SourceNode.Member] = []
        for (key, value) in mapping {
            let name = try node(key)
            let value = try node(value)
            if name.scalar?.style == .plain, name.scalar?.text == "<<" {
                merged += (value.list ?? [value]).flatMap { $0.members ?? [] }
                continue
            }
            guard let scalar = name.scalar else {
                throw .init(
                    message: "expected a name, found a collection",
                    offset: name.range.lowerBound
                )
            }
            members.append(.init(key: scalar.text, keyRange: name.range, value: value))
        }
        for member in merged where !members.contains(where: { $0.key == member.key }) {
            members.append(member)
        }
        return members
    }

    private func beginning(_ start: Int) -> Range<Int> {
        start..<min(text.offset(start, plus: 1), text.bytes.count)
    }

    /// Skips a tag and an anchor, which stand before a value.
    private func skippingProperties(from start: Int) -> Int {
        var index = start
        while index < text.bytes.count, "!&".utf8.contains(text.bytes[index]) {
            while index < text.bytes.count, !" \t\r\n,]}".utf8.contains(text.bytes[index]) {
                index += 1
            }
            while index < text.bytes.count, " \t".utf8.contains(text.bytes[index]) { index += 1 }
        }
        return index
    }
}

extension SourceText {
    /// Where a scalar of YAML ends that begins at an index: at the end of its first line, if it is
    /// a block.
    fileprivate func end(of scalar: SourceScalar, from start: Int) -> Int {
        var index = start
        switch scalar.style {
        case .plain:
            let written = [UInt8](scalar.text.utf8)
            if bytes[start...].starts(with: written) { return start + written.count }
            fallthrough
        case .block:
            while index < bytes.count, bytes[index] != .lineFeed, bytes[index] != .carriageReturn {
                index += 1
            }
            return index
        case .singleQuoted, .doubleQuoted:
            guard index < bytes.count else { return index }
            let quote = bytes[index]
            index += 1
            while index < bytes.count {
                if scalar.style == .doubleQuoted, bytes[index] == .backslash {
                    index += 2
                } else if bytes[index] != quote {
                    index += 1
                } else if scalar.style == .singleQuoted, index + 1 < bytes.count,
                    bytes[index + 1] == quote
                {
                    index += 2
                } else {
                    return index + 1
                }
            }
            return min(index, bytes.count)
        }
    }
}

extension SourceScalar.Style {
    fileprivate init(_ style: Node.Scalar.Style) {
        switch style {
        case .any, .plain: self = .plain
        case .singleQuoted: self = .singleQuoted
        case .doubleQuoted: self = .doubleQuoted
        case .literal, .folded: self = .block
        }
    }
}

extension SourceScalar.Kind {
    /// The kind that a tag of the language itself says.
    fileprivate init(_ tag: String) {
        switch tag {
        case "tag:yaml.org,2002:bool": self = .bool
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float": self = .number
        case "tag:yaml.org,2002:null": self = .null
        case "tag:yaml.org,2002:timestamp": self = .timestamp
        default: self = .string
        }
    }
}

import Yams

extension SourceNode {
    /// Why a text is not YAML, and where.
    struct YAMLProblem: Error {
        var message: String
        var offset: Int
        /// The names that stand in one map more than once.
        var isDuplicate = false
    }

    /// The most values of a file: aliases can make many out of few.
    private static let mostNodes = 200_000

    /// Reads the documents of a YAML text, with positions.
    ///
    /// Aliases are hidden from Yams: it would expand them for every name of a map before they could be
    /// counted.
    static func documents(yaml text: SourceText) throws(YAMLProblem) -> [SourceNode] {
        let string = text.string
        guard let asterisk = Asterisk(absentIn: string) else {
            throw .init(message: "expected fewer characters for private use", offset: 0)
        }
        var reader = YAMLReader(text: text, asterisk: asterisk, room: mostNodes)
        do {
            // As UTF-16 it would count columns in other units.
            let parser = try Parser(yaml: asterisk.hidden(in: string), encoding: .utf8)
            var documents: [SourceNode] = []
            while let root = try parser.nextRoot() { documents.append(try reader.node(root)) }
            return documents
        } catch let problem as YAMLProblem {
            throw problem
        } catch let error as YamlError {
            var problem = reader.marks.problem(error)
            problem.message = asterisk.shown(in: problem.message)
            throw problem
        } catch {
            throw YAMLProblem(message: "\(error)", offset: 0)
        }
    }
}

private struct YAMLReader {
    let text: SourceText
    let asterisk: Asterisk
    var marks: YAMLMarks
    /// How many nodes may still come.
    var room: Int
    /// The values that aliases may name, and how many nodes they have.
    private var anchors: [String: (node: SourceNode, size: Int)] = [:]

    init(text: SourceText, asterisk: Asterisk, room: Int) {
        self.text = text
        self.asterisk = asterisk
        self.room = room
        marks = YAMLMarks(text)
    }

    mutating func node(_ node: Node) throws(SourceNode.YAMLProblem) -> SourceNode {
        let before = room
        let read = try content(node)
        if let anchor = node.anchor { anchors[anchor.rawValue] = (read, before - room) }
        return read
    }

    /// The value of an alias, which counts as often as it is used.
    private mutating func aliased(
        _ name: String,
        at start: Int
    ) throws(SourceNode.YAMLProblem) -> SourceNode {
        guard name.utf8.allSatisfy(\.isOfAlias) else {
            let message = "did not find expected alphabetic or numeric character"
            throw .init(message: "invalid YAML: while scanning an alias \(message)", offset: start)
        }
        guard let anchor = anchors[name] else {
            throw .init(message: "invalid YAML: found undefined alias", offset: start)
        }
        room -= anchor.size - 1
        guard room > 0 else { throw Self.tooMany(start) }
        return anchor.node
    }

    private static func tooMany(_ start: Int) -> SourceNode.YAMLProblem {
        .init(message: "expected fewer values: aliases repeat too many", offset: start)
    }

    private mutating func content(_ node: Node) throws(SourceNode.YAMLProblem) -> SourceNode {
        room -= 1
        let start = marks.offset(of: node.mark)
        guard room > 0 else { throw Self.tooMany(start) }
        let tag = node.tag.description
        let ownTag = tag.hasPrefix("!") ? tag : nil
        switch node {
        case .scalar(let scalar):
            let style = SourceScalar.Style(scalar.style)
            let string = asterisk.shown(in: scalar.string)
            if style == .plain, string.hasPrefix("*") {
                return try aliased(String(string.dropFirst()), at: start)
            }
            let begin = skippingProperties(from: start)
            let content = SourceScalar(
                text: string,
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
        case .alias(let alias):
            return try aliased(alias.anchor.rawValue, at: start)
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
        var names = Set(members.map(\.key))
        for member in merged where names.insert(member.key).inserted { members.append(member) }
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

extension UInt8 {
    /// Whether the name of an alias may have it.
    fileprivate var isOfAlias: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
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

/// Turns positions of Yams into byte offsets.
///
/// YAML 1.1 has more ends of line than editors: U+0085, U+2028 and U+2029 as well.
struct YAMLMarks {
    private let text: SourceText
    private let lineStarts: [Int]
    /// The mark that was looked up last, and where it is: on a long line the next one is not far.
    private var last = (line: 0, column: 0, offset: 0)

    init(_ text: SourceText) {
        self.text = text
        var starts = [0]
        let bytes = text.bytes
        for (index, byte) in bytes.enumerated() {
            let next = bytes[(index + 1)...].prefix(2)
            let (first, second) = (next.first ?? 0, next.dropFirst().first ?? 0)
            switch byte {
            case .lineFeed: starts.append(index + 1)
            case .carriageReturn where first != .lineFeed: starts.append(index + 1)
            case 0xC2 where first == 0x85: starts.append(index + 2)
            case 0xE2 where first == 0x80 && (second == 0xA8 || second == 0xA9):
                starts.append(index + 3)
            default: break
            }
        }
        lineStarts = starts
    }

    mutating func offset(of mark: Mark?) -> Int {
        guard let mark, lineStarts.indices.contains(mark.line - 1) else {
            return mark == nil ? 0 : text.bytes.count
        }
        let isBehind = mark.line == last.line && mark.column >= last.column
        let (start, column) =
            isBehind ? (last.offset, last.column) : (lineStarts[mark.line - 1], 1)
        let offset = text.offset(start, plus: mark.column - column)
        last = (mark.line, mark.column, offset)
        return offset
    }

    mutating func problem(_ error: YamlError) -> SourceNode.YAMLProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " \($0.text)" } ?? ""
            return .init(message: "invalid YAML:\(place) \(problem)", offset: offset(of: mark))
        case .reader(let problem, _, _, _):
            return .init(message: "invalid YAML: \(problem)", offset: text.firstControl ?? 0)
        case .duplicatedKeysInMapping(let names, let context):
            // The mark is that of one of the two.
            let list = names.map { "'\($0)'" }.joined(separator: ", ")
            return .init(
                message: "\(list) stands in one map more than once",
                offset: offset(of: context.mark),
                isDuplicate: true
            )
        default:
            return .init(message: "\(error)", offset: 0)
        }
    }
}

extension SourceText {
    /// The first character that YAML does not allow anywhere.
    fileprivate var firstControl: Int? {
        bytes.firstIndex { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) || $0 == 0x7F }
    }
}

/// A character that stands for every `*` of a text.
///
/// An alias of YAML begins with one, and is plain text without it. Both are one column wide.
struct Asterisk {
    private let scalar: Unicode.Scalar

    /// One of those for private use that a text does not have; `nil` where it has all of them.
    init?(absentIn text: String) {
        let reserved: ClosedRange<UInt32> = 0xE000...0xF8FF
        let used = Set(text.unicodeScalars.lazy.map(\.value).filter { reserved.contains($0) })
        guard let free = reserved.first(where: { !used.contains($0) }).flatMap(Unicode.Scalar.init)
        else { return nil }
        scalar = free
    }

    func hidden(in text: String) -> String { Self.replacing("*", by: scalar, in: text) }

    func shown(in text: String) -> String { Self.replacing(scalar, by: "*", in: text) }

    /// By code points: with a combining mark after it, `*` would be another character.
    private static func replacing(
        _ one: Unicode.Scalar,
        by other: Unicode.Scalar,
        in text: String
    ) -> String {
        var replaced = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { replaced.append(scalar == one ? other : scalar) }
        return String(replaced)
    }
}

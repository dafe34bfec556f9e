import Yams

/// Where the marks of Yams' are in a text.
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

    /// The byte that a mark stands for.
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

    /// An error of Yams' in this project's words.
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

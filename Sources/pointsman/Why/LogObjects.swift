import Codec

/// The JSON objects of a text, such as log lines as a program prints them.
///
/// Each may stand behind a time and the name of a stream, and is on one line, or is indented over
/// several (`aws logs tail --format short`, `detailed`, `json`).
struct LogObjects: Sequence, IteratorProtocol {
    private let text: [UInt8]
    private var place = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// The next object that is whole.
    mutating func next() -> [UInt8]? {
        while place < text.count {
            guard text[place] == UInt8(ascii: "{"), isAfterBlank else {
                place += 1
                continue
            }
            let lineEnd = endOfLine(from: place)
            if let end = end(from: place, before: lineEnd) ?? indentedEnd(from: place, lineEnd) {
                defer { place = end }
                return [UInt8](text[place..<end])
            }
            // It is no object, nor is what else the line holds.
            place = lineEnd
        }
        return nil
    }

    private var isAfterBlank: Bool {
        place == 0 || text[place - 1].isASCIIWhiteSpace
    }

    private func endOfLine(from start: Int) -> Int {
        text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
    }

    /// Where the object that begins at a place ends; `nil` of one that does not on that line.
    private func end(from start: Int, before lineEnd: Int) -> Int? {
        var depth = 0
        var isText = false
        var index = start
        while index < lineEnd {
            switch text[index] {
            case UInt8(ascii: "\\") where isText: index += 1
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Where the object ends whose brace is the last of its line: at the brace that is the first of
    /// its own, with indented lines between.
    private func indentedEnd(from start: Int, _ lineEnd: Int) -> Int? {
        guard text[start..<lineEnd].dropFirst().allSatisfy(\.isASCIIWhiteSpace) else { return nil }
        // Within an indented object none begins: so no line is looked at twice.
        let before = text[..<start].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard !text[before].isASCIIWhiteSpace else { return nil }
        var line = lineEnd + 1
        while line < text.count {
            if text[line] == UInt8(ascii: "}") { return line + 1 }
            guard text[line].isASCIIWhiteSpace else { return nil }
            line = endOfLine(from: line) + 1
        }
        return nil
    }
}

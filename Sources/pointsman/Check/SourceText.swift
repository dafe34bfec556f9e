/// The text of a file, and where its bytes are in lines and columns.
///
/// Lines end as editors see it: at LF, CRLF or CR. Columns count code points, from 1. A byte order
/// mark at the beginning is not part of the text.
struct SourceText: Sendable {
    let bytes: [UInt8]
    private let lineStarts: [Int]
    /// The code points before every block of bytes, so that a place on a long line is soon found.
    private let scalarsBefore: [Int]

    private static let block = 1_024

    struct Position: Equatable, Comparable, Sendable {
        var line: Int
        var column: Int

        static func < (one: Position, other: Position) -> Bool {
            (one.line, one.column) < (other.line, other.column)
        }
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? [UInt8](bytes.dropFirst(3)) : bytes
        lineStarts = Self.lineStarts(in: self.bytes)
        var (count, counts) = (0, [0])
        for (index, byte) in self.bytes.enumerated() {
            if byte & 0xC0 != 0x80 { count += 1 }
            if (index + 1) % Self.block == 0 { counts.append(count) }
        }
        scalarsBefore = counts
    }

    /// The text; what is not UTF-8 in it is replaced.
    var string: String { String(decoding: bytes, as: UTF8.self) }

    func position(of offset: Int) -> Position {
        let offset = min(max(offset, 0), bytes.count)
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return Position(line: low + 1, column: scalars(in: lineStarts[low]..<offset) + 1)
    }

    /// A line without its end, or of a long one what is around a byte; and the column from 1 that
    /// it begins at.
    func line(around offset: Int) -> (text: String, column: Int) {
        let most = 2 * Self.block
        let position = position(of: offset)
        var start = lineStarts[position.line - 1]
        var end = position.line < lineStarts.count ? lineStarts[position.line] : bytes.count
        let isLong = end - start > most
        if isLong {
            start = max(start, offset - most / 2)
            end = min(end, offset + most / 2)
            while start < end, bytes[start] & 0xC0 == 0x80 { start += 1 }
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        }
        while end > start, bytes[end - 1] == .lineFeed || bytes[end - 1] == .carriageReturn {
            end -= 1
        }
        let column = isLong ? self.position(of: start).column : 1
        return (String(decoding: bytes[start..<end], as: UTF8.self), column)
    }

    /// The byte that is some code points after another one.
    func offset(_ start: Int, plus count: Int) -> Int {
        var offset = start
        for _ in 0..<max(count, 0) where offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return offset
    }

    func scalars(in range: Range<Int>) -> Int {
        scalars(before: range.upperBound) - scalars(before: range.lowerBound)
    }

    private func scalars(before offset: Int) -> Int {
        let block = offset / Self.block
        let rest = bytes[(block * Self.block)..<offset]
        return scalarsBefore[block] + rest.count { $0 & 0xC0 != 0x80 }
    }

    /// The first byte that is not part of valid UTF-8.
    var firstMalformed: Int? {
        var decoder = UTF8()
        var offset = 0
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }

    private static func lineStarts(in bytes: [UInt8]) -> [Int] {
        var starts = [0]
        for (index, byte) in bytes.enumerated() {
            let isCRLF =
                byte == .carriageReturn && index + 1 < bytes.count && bytes[index + 1] == .lineFeed
            if byte == .lineFeed || (byte == .carriageReturn && !isCRLF) {
                starts.append(index + 1)
            }
        }
        return starts
    }
}

extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
}

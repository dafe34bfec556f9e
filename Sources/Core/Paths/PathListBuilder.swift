internal import Codec

/// Collects paths in any order and makes a sorted list of them.
///
/// Commits of one push name the same files over and over, so a path that is there already is
/// dropped when it comes, by way of a hash table; what is left is sorted in the end.
package struct PathListBuilder {
    private var bytes: [UInt8] = []
    private var entries: [PathEntry] = []
    /// The paths came sorted so far, each once: then there is no table yet.
    private var isSorted = true
    /// Indices of entries plus 1, by hash, 0 where free; never more than half full.
    private var table: [UInt32] = []

    /// No paths yet.
    package init() {}

    /// How many paths there are.
    package var count: Int { entries.count }

    /// How many bytes they have.
    package var byteCount: Int { bytes.count }

    /// Adds a path.
    @_optimize(speed)
    package mutating func append(_ path: [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: path)
        settle(from: start)
    }

    /// Adds the path that is the next value of a text.
    @_optimize(speed)
    mutating func append(_ reader: inout JSONReader) throws(JSONError) {
        let start = bytes.count
        try reader.utf8(appendingTo: &bytes)
        settle(from: start)
    }

    /// The paths, sorted, each once.
    @_optimize(speed)
    package mutating func list() -> PathList {
        table = []
        guard !isSorted else {
            return PathList(
                sortedBytes: bytes,
                ends: entries.map { UInt32(truncatingIfNeeded: $0.range.upperBound) }
            )
        }
        PathSort.sort(&entries, in: &bytes)
        var sorted: [UInt8] = []
        var ends: [UInt32] = []
        sorted.reserveCapacity(bytes.count)
        ends.reserveCapacity(entries.count)
        for entry in entries {
            sorted.append(contentsOf: bytes[entry.range])
            ends.append(UInt32(truncatingIfNeeded: sorted.count))
        }
        return PathList(sortedBytes: sorted, ends: ends)
    }

    /// Makes an entry of the bytes that were added last, or takes them away again.
    @_optimize(speed)
    private mutating func settle(from start: Int) {
        var entry = PathEntry(start: start, end: bytes.count)
        if isSorted {
            guard let last = entries.last,
                !bytes[last.range].lexicographicallyPrecedes(bytes[start...])
            else {
                entries.append(entry)
                return
            }
            isSorted = false
            growTable()
        }
        entry.key = bytes.span.hash(of: entry.range)
        let slot = slot(of: entry)
        if table[slot] == 0 {
            entries.append(entry)
            table[slot] = UInt32(truncatingIfNeeded: entries.count)
            if entries.count * 2 > table.count { growTable() }
        } else {
            bytes.removeLast(bytes.count - start)
        }
    }

    /// The slot of the path that equals an entry's, or a free one for it.
    @_optimize(speed)
    private func slot(of entry: PathEntry) -> Int {
        let mask = table.count &- 1
        var slot = Int(truncatingIfNeeded: entry.key) & mask
        while table[slot] != 0 {
            let other = entries[Int(table[slot]) &- 1]
            if other.key == entry.key, bytes.span.isSame(other.range, entry.range) {
                break
            }
            slot = (slot &+ 1) & mask
        }
        return slot
    }

    /// Makes the table four times as large as the entries need, and enters them.
    private mutating func growTable() {
        var size = 64
        while size < entries.count * 4 { size *= 2 }
        let wasEmpty = table.isEmpty
        table = [UInt32](repeating: 0, count: size)
        for index in entries.indices {
            if wasEmpty { entries[index].key = bytes.span.hash(of: entries[index].range) }
            var slot = Int(truncatingIfNeeded: entries[index].key) & (size &- 1)
            while table[slot] != 0 { slot = (slot &+ 1) & (size &- 1) }
            table[slot] = UInt32(truncatingIfNeeded: index &+ 1)
        }
    }
}

/// Where a path lies in a run of bytes, and a number to tell it by: a hash or a part of it.
struct PathEntry {
    var key: UInt64 = 0
    let start: UInt32
    let length: UInt32

    init(start: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        length = UInt32(truncatingIfNeeded: end - start)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
}

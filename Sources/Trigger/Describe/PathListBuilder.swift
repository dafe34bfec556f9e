/// Collects paths in any order and makes a sorted list of them.
///
/// Paths share long beginnings, so they are sorted seven bytes at a time: by
/// numbers first, and only what these leave together is looked at again.
struct PathListBuilder {
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var isSorted = true

    /// Where a collected path lies, and the part of it that is being sorted by.
    private struct Entry {
        var key: UInt64 = 0
        var start: UInt32
        var length: UInt32

        var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
    }

    /// Entries that are the same before a depth and are still to be sorted from there.
    private struct Group {
        var entries: Range<Int>
        var depth: Int
    }

    /// Adds a path.
    mutating func append(_ path: [UInt8]) {
        if isSorted, let last = entries.last {
            if bytes[last.range].elementsEqual(path) { return }
            isSorted = bytes[last.range].lexicographicallyPrecedes(path)
        }
        let start = UInt32(truncatingIfNeeded: bytes.count)
        bytes.append(contentsOf: path)
        entries.append(Entry(start: start, length: UInt32(truncatingIfNeeded: path.count)))
    }

    /// The paths, sorted, each once.
    consuming func list() -> PathList {
        if isSorted {
            return PathList(
                sortedBytes: bytes,
                ends: entries.map { UInt32(truncatingIfNeeded: $0.range.upperBound) }
            )
        }
        sort()
        var sorted: [UInt8] = []
        var ends: [UInt32] = []
        sorted.reserveCapacity(bytes.count)
        ends.reserveCapacity(entries.count)
        var last: Range<Int>?
        for entry in entries {
            if let last, bytes[last] == bytes[entry.range] { continue }
            last = entry.range
            sorted.append(contentsOf: bytes[entry.range])
            ends.append(UInt32(truncatingIfNeeded: sorted.count))
        }
        return PathList(sortedBytes: sorted, ends: ends)
    }

    private mutating func sort() {
        // A stack of its own: the depth of recursion would be the length of a path.
        var groups = [Group(entries: 0..<entries.count, depth: 0)]
        while let group = groups.popLast() {
            if group.entries.count < 12 {
                insertionSort(group)
            } else {
                sortByKey(group)
                pushEqualKeys(of: group, to: &groups)
            }
        }
    }

    private mutating func insertionSort(_ group: Group) {
        for index in group.entries.dropFirst() {
            let entry = entries[index]
            var hole = index
            while hole > group.entries.lowerBound,
                precedes(entry, entries[hole - 1], from: group.depth)
            {
                entries[hole] = entries[hole - 1]
                hole -= 1
            }
            entries[hole] = entry
        }
    }

    private mutating func sortByKey(_ group: Group) {
        var isMixed = false
        for index in group.entries {
            entries[index].key = key(of: entries[index], at: group.depth)
            isMixed = isMixed || entries[index].key != entries[group.entries.lowerBound].key
        }
        guard isMixed else { return }
        if group.entries.count == entries.count {
            entries.sort { $0.key < $1.key }
        } else {
            // Sorting a slice in place would copy the whole array's elements of it too.
            var some = Array(entries[group.entries])
            some.sort { $0.key < $1.key }
            for (index, entry) in zip(group.entries, some) {
                entries[index] = entry
            }
        }
    }

    /// Finds the runs of equal keys whose paths go on after the key.
    private func pushEqualKeys(of group: Group, to groups: inout [Group]) {
        var start = group.entries.lowerBound
        while start < group.entries.upperBound {
            var end = start + 1
            while end < group.entries.upperBound, entries[end].key == entries[start].key {
                end += 1
            }
            if end - start > 1, Int(entries[start].length) - group.depth > 7 {
                groups.append(Group(entries: start..<end, depth: group.depth + 7))
            }
            start = end
        }
    }

    /// The next seven bytes as a number, and how many bytes are left, at most eight.
    ///
    /// The count tells a path that ends from one that goes on with zero bytes.
    private func key(of entry: Entry, at depth: Int) -> UInt64 {
        let rest = Int(entry.length) - depth
        let start = Int(entry.start) + depth
        var key: UInt64 = 0
        for offset in 0..<7 {
            key = key << 8 | (offset < rest ? UInt64(bytes[start + offset]) : 0)
        }
        return key << 8 | UInt64(min(rest, 8))
    }

    private func precedes(_ one: Entry, _ other: Entry, from depth: Int) -> Bool {
        bytes[one.range.dropFirst(depth)].lexicographicallyPrecedes(
            bytes[other.range.dropFirst(depth)]
        )
    }
}

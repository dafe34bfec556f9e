/// Sorts paths by their bytes.
///
/// Paths share long beginnings, so they are sorted seven bytes at a time: by numbers first, and
/// only what these leave together is looked at again.
enum PathSort {
    /// Entries that are the same before a depth and are still to be sorted from there.
    private struct Group {
        var entries: Range<Int>
        var depth: Int
    }

    /// Sorts entries by the bytes that they name; puts a word of zeros behind these.
    static func sort(_ entries: inout [PathEntry], in bytes: inout [UInt8]) {
        bytes.append(contentsOf: repeatElement(0, count: 8))
        // A stack of its own: the depth of recursion would be the length of a path.
        var groups = [Group(entries: 0..<entries.count, depth: 0)]
        while let group = groups.popLast() {
            if group.entries.count < 8 {
                insertionSort(&entries, group, bytes)
            } else {
                sortByKey(&entries, group, bytes.span)
                pushEqualKeys(entries, group, to: &groups)
            }
        }
    }

    @_optimize(speed)
    private static func insertionSort(
        _ entries: inout [PathEntry],
        _ group: Group,
        _ bytes: [UInt8]
    ) {
        for index in group.entries.dropFirst() {
            let entry = entries[index]
            var hole = index
            while hole > group.entries.lowerBound,
                bytes.span.precedes(entry.range, entries[hole - 1].range, from: group.depth)
            {
                entries[hole] = entries[hole - 1]
                hole -= 1
            }
            entries[hole] = entry
        }
    }

    @_optimize(speed)
    private static func sortByKey(
        _ entries: inout [PathEntry],
        _ group: Group,
        _ bytes: Span<UInt8>
    ) {
        var isMixed = false
        for index in group.entries {
            entries[index].key = bytes.key(of: entries[index].range, at: group.depth)
            isMixed = isMixed || entries[index].key != entries[group.entries.lowerBound].key
        }
        guard isMixed else { return }
        if group.entries.count == entries.count {
            entries.sort { $0.key < $1.key }
        } else {
            // Sorting a slice in place would copy it as well.
            var some = Array(entries[group.entries])
            some.sort { $0.key < $1.key }
            for (index, entry) in zip(group.entries, some) {
                entries[index] = entry
            }
        }
    }

    /// Finds the runs of equal keys whose paths go on after the key.
    @_optimize(speed)
    private static func pushEqualKeys(
        _ entries: [PathEntry],
        _ group: Group,
        to groups: inout [Group]
    ) {
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
}

extension Span<UInt8> {
    /// The eight bytes from an index on as a number, the first of them highest.
    ///
    /// Cut to exactly eight bytes first: that costs one check, and the rest becomes one load.
    @inline(__always)
    private func word(at index: Int) -> UInt64 {
        let bytes = extracting(index..<(index &+ 8))
        let high =
            UInt32(bytes[0]) << 24 | UInt32(bytes[1]) << 16 | UInt32(bytes[2]) << 8
            | UInt32(bytes[3])
        let low =
            UInt32(bytes[4]) << 24 | UInt32(bytes[5]) << 16 | UInt32(bytes[6]) << 8
            | UInt32(bytes[7])
        return UInt64(high) << 32 | UInt64(low)
    }

    /// The next seven bytes of a path and how many are left, at most eight, as one number.
    ///
    /// The count tells a path that ends from one that goes on with zero bytes.
    fileprivate func key(of path: Range<Int>, at depth: Int) -> UInt64 {
        let rest = path.count &- depth
        let word = word(at: path.lowerBound &+ depth)
        let kept = rest >= 7 ? ~0xff : ~(UInt64.max >> (8 * UInt64(rest)))
        return word & kept | UInt64(Swift.min(rest, 8))
    }

    /// Whether one path sorts before another, both being the same before a depth.
    fileprivate func precedes(_ one: Range<Int>, _ other: Range<Int>, from depth: Int) -> Bool {
        var depth = depth
        while true {
            let (key, otherKey) = (key(of: one, at: depth), key(of: other, at: depth))
            guard key == otherKey, one.count &- depth > 7 else { return key < otherKey }
            depth &+= 7
        }
    }

    /// Whether two paths are the same bytes.
    ///
    /// The last word may overlap the one before: so there is no rest to be read by bytes.
    @_optimize(speed)
    func isSame(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        guard one.count >= 8 else { return short(one) == short(other) }
        var offset = 0
        while offset &+ 8 < one.count {
            guard word(at: one.lowerBound &+ offset) == word(at: other.lowerBound &+ offset) else {
                return false
            }
            offset &+= 8
        }
        return word(at: one.upperBound &- 8) == word(at: other.upperBound &- 8)
    }

    /// A hash of a path: multiplied and folded a word at a time.
    @_optimize(speed)
    func hash(of path: Range<Int>) -> UInt64 {
        let seed = UInt64(truncatingIfNeeded: path.count) &* 0x9e37_79b9_7f4a_7c15
        guard path.count >= 8 else { return Self.mix(seed ^ short(path)) }
        var hash = seed
        var index = path.lowerBound
        while index &+ 8 < path.upperBound {
            hash = Self.mix(hash ^ word(at: index))
            index &+= 8
        }
        return Self.mix(hash ^ word(at: path.upperBound &- 8))
    }

    /// A path of less than eight bytes as a number.
    private func short(_ path: Range<Int>) -> UInt64 {
        var number: UInt64 = 0
        for index in path {
            number = number << 8 | UInt64(self[index])
        }
        return number
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}

extension PathList {
    /// The indices of the paths that begin with some bytes.
    func range(prefix: [UInt8]) -> Range<Int> {
        guard !prefix.isEmpty else { return 0..<count }
        let start = partition(from: 0) { compare(utf8(at: $0), prefix) >= 0 }
        return start..<partition(from: start) { compare(utf8(at: $0), prefix) > 0 }
    }

    /// The first index from which on a condition holds.
    private func partition(from start: Int, where holds: (Int) -> Bool) -> Int {
        var low = start
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Whether a path comes before those that begin with a prefix (-1), is one (0), or comes
    /// after them (1).
    private func compare(_ path: ArraySlice<UInt8>, _ prefix: [UInt8]) -> Int {
        let common = Swift.min(path.count, prefix.count)
        for offset in 0..<common {
            let one = path[path.startIndex + offset]
            let other = prefix[offset]
            if one != other { return one < other ? -1 : 1 }
        }
        return path.count < prefix.count ? -1 : 0
    }
}

extension PathList {
    /// The indices of the paths that begin with some bytes.
    func range(prefix: [UInt8]) -> Range<Int> {
        guard !prefix.isEmpty else { return 0..<count }
        let start = partition(from: 0, prefix.span) { $0 < 0 }
        return start..<partition(from: start, prefix.span) { $0 <= 0 }
    }

    /// The first index from which on paths do not compare to a prefix in some way.
    private func partition(
        from start: Int,
        _ prefix: Span<UInt8>,
        while isBefore: (Int) -> Bool
    ) -> Int {
        let bytes = bytes.span
        let ends = ends.span
        var low = start
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            let path = (middle == 0 ? 0 : Int(ends[middle - 1]))..<Int(ends[middle])
            if isBefore(compare(bytes.extracting(path), prefix)) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Whether a path comes before those that begin with a prefix (-1), is one (0), or comes
    /// after them (1).
    private func compare(_ path: Span<UInt8>, _ prefix: Span<UInt8>) -> Int {
        for index in 0..<Swift.min(path.count, prefix.count) where path[index] != prefix[index] {
            return path[index] < prefix[index] ? -1 : 1
        }
        return path.count < prefix.count ? -1 : 0
    }
}

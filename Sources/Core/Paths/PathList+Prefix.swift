extension PathList {
    /// The indices of the paths that begin with some bytes.
    package func range(prefix: Span<UInt8>) -> Range<Int> {
        guard !prefix.isEmpty else { return 0..<count }
        let start = lowerBound(prefix)
        // Mostly few paths share the beginning of a pattern: look near by first.
        var step = 1
        while start + step < count, holds(prefix, at: start + step) { step *= 2 }
        var low = start + step / 2
        var high = Swift.min(start + step, count)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(prefix, at: middle) { low = middle + 1 } else { high = middle }
        }
        return start..<low
    }

    /// The index of the first path that does not sort before some bytes.
    private func lowerBound(_ prefix: Span<UInt8>) -> Int {
        var low = 0
        var high = count
        // What the paths just outside the range share with the prefix, all in it share too.
        var sharedBelow = 0
        var sharedAbove = 0
        while low < high {
            let middle = low + (high - low) / 2
            let path = bytes.span.extracting(place(of: middle))
            var shared = Swift.min(sharedBelow, sharedAbove)
            let end = Swift.min(path.count, prefix.count)
            while shared < end, path[shared] == prefix[shared] { shared += 1 }
            let isBefore =
                shared < end ? path[shared] < prefix[shared] : path.count < prefix.count
            if isBefore {
                low = middle + 1
                sharedBelow = shared
            } else {
                high = middle
                sharedAbove = shared
            }
        }
        return low
    }

    private func holds(_ prefix: Span<UInt8>, at index: Int) -> Bool {
        let path = bytes.span.extracting(place(of: index))
        guard prefix.count <= path.count else { return false }
        for index in 0..<prefix.count where path[index] != prefix[index] { return false }
        return true
    }

    /// Where a path lies among all bytes.
    private func place(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }
}

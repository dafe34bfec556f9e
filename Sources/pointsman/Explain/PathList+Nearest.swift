import Trigger

extension PathList {
    /// The index of the first path that does not sort before some bytes.
    func lowerBound(_ bytes: [UInt8]) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if utf8(at: middle).lexicographicallyPrecedes(bytes) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The path that shares most with the beginning of some bytes, and how many bytes it shares.
    ///
    /// `lower` is where the bytes themselves would lie. There must be a path.
    func nearest(to bytes: [UInt8]) -> (index: Int, shared: Int, lower: Int) {
        let lower = lowerBound(bytes)
        var best = (index: 0, shared: -1, lower: lower)
        for index in [lower, lower - 1] where indices.contains(index) {
            var shared = 0
            for (one, other) in zip(utf8(at: index), bytes) {
                guard one == other else { break }
                shared += 1
            }
            if shared > best.shared { best = (index, shared, lower) }
        }
        return best
    }
}

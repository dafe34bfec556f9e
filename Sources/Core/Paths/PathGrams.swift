/// Which paths hold three bytes in a row, for any three bytes.
///
/// It finds the few paths that a pattern without a plain beginning can match. Grams share buckets by a hash, so a bucket may list paths without the gram.
struct PathGrams {
    private static let bits: UInt32 = 16

    /// Where each bucket's paths start in `paths`, and one more.
    private let starts: [UInt32]
    private let paths: [UInt32]

    init(_ list: PathList) {
        let buckets = 1 << Int(Self.bits)
        var starts = [UInt32](repeating: 0, count: buckets + 1)
        // The path that was put into a bucket last, so that each is there once.
        var last = [UInt32](repeating: .max, count: buckets)
        for index in list.indices {
            let path = UInt32(truncatingIfNeeded: index)
            Self.forEachBucket(list.utf8(at: index)) { bucket in
                guard last[bucket] != path else { return }
                last[bucket] = path
                starts[bucket + 1] += 1
            }
        }
        for bucket in 0..<buckets { starts[bucket + 1] += starts[bucket] }
        var paths = [UInt32](repeating: 0, count: Int(starts[buckets]))
        var ends = starts
        for bucket in 0..<buckets { last[bucket] = .max }
        for index in list.indices {
            let path = UInt32(truncatingIfNeeded: index)
            Self.forEachBucket(list.utf8(at: index)) { bucket in
                guard last[bucket] != path else { return }
                last[bucket] = path
                paths[Int(ends[bucket])] = path
                ends[bucket] += 1
            }
        }
        self.starts = starts
        self.paths = paths
    }

    /// The positions of the paths, in order, that may hold all of some runs: those of the gram
    /// that is rarest; `nil` where the runs have no gram.
    func rarest(in runs: [[UInt8]]) -> Range<Int>? {
        var best: Range<Int>?
        for run in runs {
            Self.forEachBucket(run[...]) { bucket in
                let range = Int(starts[bucket])..<Int(starts[bucket + 1])
                if range.count < best?.count ?? .max { best = range }
            }
        }
        return best
    }

    /// The path at a position.
    func path(at position: Int) -> Int {
        Int(paths[position])
    }

    private static func forEachBucket(_ bytes: ArraySlice<UInt8>, _ body: (Int) -> Void) {
        guard bytes.count >= 3 else { return }
        var gram = UInt32(bytes[bytes.startIndex]) << 8 | UInt32(bytes[bytes.startIndex + 1])
        for index in (bytes.startIndex + 2)..<bytes.endIndex {
            gram = (gram << 8 | UInt32(bytes[index])) & 0xFF_FFFF
            // Fibonacci hashing: the upper bits of the product depend on all of the gram's.
            body(Int((gram &* 0x9E37_79B1) >> (32 - bits)))
        }
    }
}

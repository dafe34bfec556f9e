internal import CLibraries

/// Where random numbers come from, passed in so that tests decide them.
package struct Randomness {
    /// The next 64 random bits.
    package var next: () -> UInt64

    package init(next: @escaping () -> UInt64) {
        self.next = next
    }

    /// The kernel's random numbers (getrandom(2)).
    package static var system: Randomness {
        Randomness {
            var bits: UInt64 = 0
            var isFilled = false
            // Only a signal before the kernel's pool stands can interrupt it (getrandom(2)).
            while !isFilled {
                isFilled = unsafe withUnsafeMutableBytes(of: &bits) { bytes in
                    unsafe getrandom(bytes.baseAddress, bytes.count, 0) == bytes.count
                }
            }
            return bits
        }
    }

    /// A number from 0 up to and including a limit, each equally likely up to one in 2^32.
    package func next(upTo limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        return Int((next() >> 1) % (UInt64(limit) + 1))
    }
}

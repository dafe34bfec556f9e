/// Text 64 bytes at a time, in safe Swift that LLVM turns into vector instructions: where a
/// span is known to have exactly 64 bytes, no access to it costs a bounds check.
enum Block {
    static let size = 64

    /// How many bytes of a block stand for themselves in a JSON string; at least 64 if all do.
    ///
    /// The first that does not is `"`, `\`, a control character, or not ASCII.
    @inline(__always)
    static func plainJSON(_ block: Span<UInt8>) -> Int {
        precondition(block.count == size)
        var first = UInt8.max
        for offset in 0..<size {
            let byte = block[offset]
            // As a signed number, what is not ASCII is less than 0x20 too.
            let isPlain = byte != 0x22 && byte != 0x5C && Int8(bitPattern: byte) >= 0x20
            first = min(first, (isPlain ? UInt8.max : 0) | UInt8(truncatingIfNeeded: offset))
        }
        return Int(first)
    }
}

extension Span<UInt8> {
    /// The first index of a byte in a range, or its end.
    @_optimize(speed)
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int {
        var rest = extracting(range)
        while rest.count >= Block.size, !rest.extracting(first: Block.size).blockHas(byte) {
            rest = rest.extracting(droppingFirst: Block.size)
        }
        var index = range.upperBound - rest.count
        while index < range.upperBound, self[index] != byte { index &+= 1 }
        return index
    }

    /// Whether a byte stands anywhere in a block.
    @inline(__always)
    private func blockHas(_ byte: UInt8) -> Bool {
        precondition(count == Block.size)
        // Not ended at the first: only a loop that runs to its end is vectorised.
        var found: UInt8 = 0
        for offset in 0..<Block.size { found |= self[offset] == byte ? 1 : 0 }
        return found != 0
    }
}

extension MutableSpan<UInt8> {
    /// Copies a block to an index.
    @inline(__always)
    mutating func copy(block: Span<UInt8>, to index: Int) {
        for offset in 0..<Block.size { self[index &+ offset] = block[offset] }
    }
}

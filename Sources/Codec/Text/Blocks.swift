/// Text 64 bytes at a time, in safe Swift that LLVM turns into vector instructions: where a
/// span is known to have exactly 64 bytes, no access to it costs a bounds check.
enum Block {
    /// How many bytes a block has.
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
        var target = _mutatingExtracting(index..<(index &+ Block.size))
        precondition(block.count == Block.size && target.count == Block.size)
        target.copyHalf(of: block, at: 0)
        target.copyHalf(of: block, at: 16)
        target.copyHalf(of: block, at: 32)
        target.copyHalf(of: block, at: 48)
    }

    /// Copies 16 bytes: all are read before any is written, for only so may they be joined.
    @inline(__always)
    private mutating func copyHalf(of block: Span<UInt8>, at start: Int) {
        let (b0, b1, b2, b3) = (
            block[start &+ 0], block[start &+ 1], block[start &+ 2], block[start &+ 3]
        )
        let (b4, b5, b6, b7) = (
            block[start &+ 4], block[start &+ 5], block[start &+ 6], block[start &+ 7]
        )
        let (b8, b9, b10, b11) = (
            block[start &+ 8], block[start &+ 9], block[start &+ 10], block[start &+ 11]
        )
        let (b12, b13, b14, b15) = (
            block[start &+ 12], block[start &+ 13], block[start &+ 14], block[start &+ 15]
        )
        self[start &+ 0] = b0
        self[start &+ 1] = b1
        self[start &+ 2] = b2
        self[start &+ 3] = b3
        self[start &+ 4] = b4
        self[start &+ 5] = b5
        self[start &+ 6] = b6
        self[start &+ 7] = b7
        self[start &+ 8] = b8
        self[start &+ 9] = b9
        self[start &+ 10] = b10
        self[start &+ 11] = b11
        self[start &+ 12] = b12
        self[start &+ 13] = b13
        self[start &+ 14] = b14
        self[start &+ 15] = b15
    }
}

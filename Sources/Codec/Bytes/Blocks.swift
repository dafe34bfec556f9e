/// Text 32 bytes at a time, in safe Swift that LLVM turns into vector instructions: where a
/// span is known to have exactly 32 bytes, no access to it costs a bounds check.
enum Block {
    /// How many bytes a block has.
    static let size = 32

    /// How many bytes of a block stand for themselves in a JSON string; more than 31 if all do.
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

extension MutableSpan<UInt8> {
    /// Copies a block to an index.
    @inline(__always)
    mutating func copy(block: Span<UInt8>, to index: Int) {
        precondition(block.count == Block.size)
        copyHalf(block.extracting(first: 16), to: index)
        copyHalf(block.extracting(last: 16), to: index &+ 16)
    }

    /// Copies 16 bytes: all are read before any is written, for only so may they be joined.
    @inline(__always)
    private mutating func copyHalf(_ half: Span<UInt8>, to index: Int) {
        var target = _mutatingExtracting(index..<(index &+ 16))
        precondition(half.count == 16 && target.count == 16)
        let (b0, b1, b2, b3) = (half[0], half[1], half[2], half[3])
        let (b4, b5, b6, b7) = (half[4], half[5], half[6], half[7])
        let (b8, b9, b10, b11) = (half[8], half[9], half[10], half[11])
        let (b12, b13, b14, b15) = (half[12], half[13], half[14], half[15])
        target[0] = b0
        target[1] = b1
        target[2] = b2
        target[3] = b3
        target[4] = b4
        target[5] = b5
        target[6] = b6
        target[7] = b7
        target[8] = b8
        target[9] = b9
        target[10] = b10
        target[11] = b11
        target[12] = b12
        target[13] = b13
        target[14] = b14
        target[15] = b15
    }
}

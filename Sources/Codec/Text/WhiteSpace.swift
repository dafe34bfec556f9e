extension ArraySlice<UInt8> {
    /// The bytes without the ASCII white space around them.
    package var trimmed: ArraySlice<UInt8> {
        func isWhite(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var bytes = drop(while: isWhite)
        while let last = bytes.last, isWhite(last) { bytes.removeLast() }
        return bytes
    }
}

extension ArraySlice<UInt8> {
    /// Whether other bytes lie at an index, which is not before the start.
    func holds(_ other: [UInt8], at index: Int) -> Bool {
        guard other.count <= endIndex - index else { return false }
        for offset in other.indices where self[index + offset] != other[offset] { return false }
        return true
    }

    /// Whether other bytes lie anywhere in these.
    func holds(_ other: [UInt8]) -> Bool {
        let bytes = span
        let other = other.span
        guard other.count > 0 else { return true }
        guard other.count <= bytes.count else { return false }
        for start in 0...(bytes.count - other.count) where bytes[start] == other[0] {
            var offset = 1
            while offset < other.count, bytes[start + offset] == other[offset] { offset += 1 }
            if offset == other.count { return true }
        }
        return false
    }
}

/// Whether bytes sort before others.
func isBefore(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    for index in 0..<min(one.count, other.count) where one[index] != other[index] {
        return one[index] < other[index]
    }
    return one.count < other.count
}

/// Elements of ASN.1's distinguished encoding (X.690), one after the other within a range of bytes.
///
/// The bytes are a parameter of what reads them: to count references to them would take a quarter of
/// the time.
struct DER {
    /// What has not been read yet.
    private(set) var rest: Range<Int>

    /// An element's tag and where its content lies.
    struct Element {
        var tag: UInt8
        var content: Range<Int>
    }

    init(_ range: Range<Int>) {
        rest = range
    }

    /// Whether all has been read.
    var isAtEnd: Bool { rest.isEmpty }

    /// The next element's tag.
    func nextTag(_ bytes: [UInt8]) -> UInt8? { rest.isEmpty ? nil : bytes[rest.lowerBound] }

    /// The next element.
    ///
    /// `nil` unless it lies within the range and has a tag of one byte and a length in its shortest
    /// form.
    mutating func next(_ bytes: [UInt8]) -> Element? {
        guard rest.count >= 2 else { return nil }
        let tag = bytes[rest.lowerBound]
        guard tag & 0x1f != 0x1f else { return nil }
        var start = rest.lowerBound + 2
        var length = Int(bytes[rest.lowerBound + 1])
        if length >= 0x80 {
            let count = length - 0x80
            guard (1...3).contains(count), start + count <= rest.upperBound else { return nil }
            length = 0
            for place in start..<start + count { length = length << 8 | Int(bytes[place]) }
            guard length >= max(0x80, 1 << (8 * (count - 1))) else { return nil }
            start += count
        }
        guard length <= rest.upperBound - start else { return nil }
        rest = start + length..<rest.upperBound
        return Element(tag: tag, content: start..<start + length)
    }

    /// The content of the next element if it has that tag.
    mutating func next(_ tag: UInt8, _ bytes: [UInt8]) -> Range<Int>? {
        guard nextTag(bytes) == tag else { return nil }
        return next(bytes)?.content
    }

    /// The elements within the next one if it has that tag.
    mutating func enter(_ tag: UInt8, _ bytes: [UInt8]) -> DER? {
        next(tag, bytes).map(DER.init)
    }
}

import Testing

@testable import Codec

@Suite struct BlocksTests {
    @Test func `the first of a byte is found at every place of a range`() {
        for count in [0, 1, 63, 64, 65, 130, 200] {
            let none = [UInt8](repeating: 7, count: count)
            #expect(none.span.firstIndex(of: 9, in: 0..<count) == count)
            for place in 0..<count {
                var bytes = none
                bytes[place] = 9
                #expect(bytes.span.firstIndex(of: 9, in: 0..<count) == place)
                #expect(bytes.span.firstIndex(of: 9, in: place..<count) == place)
                #expect(bytes.span.firstIndex(of: 9, in: 0..<place) == place)
                #expect(bytes.span.firstIndex(of: 9, in: place + 1..<count) == count)
            }
        }
    }

    @Test func `each byte is plain or not, wherever in a block it stands`() {
        for byte in UInt8.min...UInt8.max {
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
            for place in 0..<Block.size {
                var block = [UInt8](repeating: UInt8(ascii: "x"), count: Block.size)
                block[place] = byte
                let count = Block.plainJSON(block.span)
                #expect(isPlain ? count >= Block.size : count == place)
            }
        }
    }

    @Test func `a block is copied whole to its place`() {
        let bytes = (0..<200).map { UInt8($0) }
        for start in 0...(200 - Block.size) {
            var target = [UInt8](repeating: 255, count: 200)
            var span = target.mutableSpan
            span.copy(
                block: bytes.span.extracting(start..<start + Block.size),
                to: 200 - Block.size - start
            )
            let expected =
                [UInt8](repeating: 255, count: 200 - Block.size - start)
                + bytes[start..<start + Block.size]
                + [UInt8](repeating: 255, count: start)
            #expect(target == expected)
        }
    }
}

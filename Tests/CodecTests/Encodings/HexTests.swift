import Testing

@testable import Codec

@Suite struct HexTests {
    @Test(
        arguments: [
            ([], "", ""), ([0x00], "00", "00"), ([0x0F, 0xF0], "0ff0", "0FF0"),
            ([0xAB, 0xCD, 0xEF], "abcdef", "ABCDEF"),
            ([0x01, 0x23, 0x45, 0x67, 0x89], "0123456789", "0123456789"),
        ] as [([UInt8], String, String)]
    )
    func `bytes are two digits each, in either case`(bytes: [UInt8], lower: String, upper: String) {
        #expect(Hex.lower(bytes) == lower)
        #expect(Hex.upper(bytes) == upper)
        #expect(Hex.decode(lower) == bytes)
        #expect(Hex.decode(upper) == bytes)
    }

    @Test func `every byte comes back`() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Hex.decode(Hex.lower(bytes)) == bytes)
        #expect(Hex.decode(Hex.upper(bytes)) == bytes)
        #expect(Hex.decode("aBcDeF") == [0xAB, 0xCD, 0xEF])
    }

    @Test(arguments: [
        "0", "abc", "0g", "g0", "/0", ":0", "@0", "G0", "`0", "0x", " 0", "0 ", "é", "\u{FF10}0",
        "-1", "+1",
    ])
    func `anything else is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}

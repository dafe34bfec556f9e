import Testing

@testable import Codec

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("abcXYZ019-._~", "abcXYZ019-._~"), (" ", "%20"), ("+", "%2B"), ("/", "%2F"),
        ("a/b", "a%2Fb"),
        ("é", "%C3%A9"), ("😀", "%F0%9F%98%80"), ("%", "%25"), ("=&?#", "%3D%26%3F%23"),
        ("!*'();:@,$[]", "%21%2A%27%28%29%3B%3A%40%2C%24%5B%5D"),
        ("\u{0}\u{1F}\u{7F}", "%00%1F%7F"), ("\"<>\\^`{|}", "%22%3C%3E%5C%5E%60%7B%7C%7D"),
    ])
    func `only the unreserved stay`(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(Array(encoded.utf8), plusIsSpace: true) == Array(text.utf8))
        #expect(PercentEncoding.decode(Array(encoded.utf8), plusIsSpace: false) == Array(text.utf8))
    }

    @Test func `a path keeps its slashes`() {
        #expect(PercentEncoding.encode("/a b/c%/é", keepingSlash: true) == "/a%20b/c%25/%C3%A9")
    }

    @Test func `a plus is a space in forms alone`() {
        #expect(
            PercentEncoding.decode(Array("a+b%2B".utf8), plusIsSpace: true) == Array("a b+".utf8)
        )
        #expect(
            PercentEncoding.decode(Array("a+b%2B".utf8), plusIsSpace: false) == Array("a+b+".utf8)
        )
    }

    @Test func `digits of either case are decoded`() {
        #expect(
            PercentEncoding.decode(Array("%c3%A9%fF".utf8), plusIsSpace: false) == [
                0xC3, 0xA9, 0xFF,
            ]
        )
    }

    @Test(arguments: ["%", "a%", "%1", "%g0", "%0g", "%%41", "%4", "abc%4", "%-1", "% 1", "%u0041"])
    func `a percent sign without two digits is refused`(text: String) {
        #expect(PercentEncoding.decode(Array(text.utf8), plusIsSpace: true) == nil)
    }

    @Test func `every byte comes back at every place`() {
        for byte in UInt8.min...UInt8.max {
            for length in [0, 1, 7, 31, 32, 33, 64] {
                let plain = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                let bytes = plain + [byte] + plain
                let encoded = plain + Array("%\(Hex.upper([byte]))".utf8) + plain
                #expect(PercentEncoding.decode(encoded, plusIsSpace: true) == bytes)
            }
        }
    }
}

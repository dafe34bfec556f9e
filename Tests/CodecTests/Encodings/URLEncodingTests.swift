@testable import Codec
import Testing

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

@Suite struct FormFieldsTests {
    private func pairs(_ body: String) -> [[String]]? {
        FormFields(Array(body.utf8)).all()?.map { field in
            [
                String(decoding: field.name, as: UTF8.self),
                String(decoding: field.value, as: UTF8.self),
            ]
        }
    }

    @Test(
        arguments: [
            ("", []), ("a=b", [["a", "b"]]), ("a=b&c=d", [["a", "b"], ["c", "d"]]),
            ("a", [["a", ""]]), ("a=", [["a", ""]]),
            ("=b", [["", "b"]]), ("=", [["", ""]]), ("a=b=c", [["a", "b=c"]]),
            ("&a=b&&c=d&", [["a", "b"], ["c", "d"]]),
            ("a+b=c+d", [["a b", "c d"]]), ("%61=%62%26%3D", [["a", "b&="]]),
            ("a=1&a=2", [["a", "1"], ["a", "2"]]),
            ("payload=%7B%22ref%22%3A%22x%22%7D", [["payload", "{\"ref\":\"x\"}"]]),
            ("é=é", [["é", "é"]]), ("a;b=c", [["a;b", "c"]]),
        ] as [(String, [[String]])]
    )
    func `the fields of a body are found`(body: String, fields: [[String]]) {
        #expect(pairs(body) == fields)
        for field in fields {
            let first = fields.first { $0[0] == field[0] }?[1]
            #expect(
                FormFields(Array(body.utf8)).value(named: field[0]) == first.map { Array($0.utf8) }
            )
        }
        #expect(FormFields(Array(body.utf8)).value(named: "no such field") == nil)
    }

    @Test(arguments: ["a=%", "%=a", "a=%4", "a=b&c=%zz", "%g1=a"])
    func `a broken encoding is refused`(body: String) {
        #expect(pairs(body) == nil)
    }

    @Test func `a broken encoding elsewhere does not hide a field`() {
        let fields = FormFields(Array("x=%zz&%zz=1&payload=ok&y=%".utf8))
        #expect(fields.value(named: "payload") == Array("ok".utf8))
        #expect(fields.value(named: "x") == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random fields come back, and mutated bodies end`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let fields = (0..<Int.random(in: 1...5, using: &generator)).map { index in
                [
                    "n\(index)" + JSONSamples.string(using: &generator),
                    JSONSamples.string(using: &generator),
                ]
            }
            var body = fields.map {
                PercentEncoding.encode($0[0]) + "=" + PercentEncoding.encode($0[1])
            }
            .joined(separator: "&")
            #expect(pairs(body) == fields)
            for _ in 0..<3 {
                let index = body.utf8.indices.randomElement(using: &generator) ?? body.startIndex
                body.insert(
                    ["%", "&", "=", "+"].randomElement(using: &generator) ?? "%",
                    at: index
                )
                let count = FormFields(Array(body.utf8)).all()?.count ?? 0
                #expect(count <= body.utf8.count)
                _ = FormFields(Array(body.utf8)).value(named: fields[0][0])
            }
        }
    }
}

import Foundation
import Testing

@testable import Codec

@Suite struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `commas stand between values and nowhere else`() {
        let written = text { writer in
            writer.object { writer in
                writer.key("a")
                writer.array { writer in
                    writer.int(1)
                    writer.array { _ in }
                    writer.object { _ in }
                    writer.null()
                    writer.bool(true)
                    writer.string("x")
                    writer.utf8([0x79])
                    writer.raw([0x31])
                }
                writer.key("b")
                writer.object { writer in writer.member("c", false) }
                writer.member("d", 2)
            }
        }
        #expect(written == #"{"a":[1,[],{},null,true,"x","y",1],"b":{"c":false},"d":2}"#)
    }

    @Test func `a member without a value is left out`() {
        let written = text { writer in
            writer.object { writer in
                writer.member("a", nil as String?)
                writer.member("b", nil as Int?)
                writer.member("c", nil as Bool?)
                writer.member("d", "e")
            }
        }
        #expect(written == #"{"d":"e"}"#)
    }

    @Test func `a member may be bytes, a tree, an object, texts or an object for each item`() {
        let written = text { writer in
            writer.object { writer in
                writer.utf8("a", [0x79])
                writer.member("b", .array([.null]))
                writer.object("c") { $0.member("d", 1) }
                writer.strings("e", ["f"])
                writer.objects("g", [2, 3]) { writer, item in writer.member("h", item) }
            }
        }
        #expect(written == #"{"a":"y","b":[null],"c":{"d":1},"e":["f"],"g":[{"h":2},{"h":3}]}"#)
    }

    @Test(
        arguments: [
            (0x00, "\\u0000"), (0x01, "\\u0001"), (0x07, "\\u0007"), (0x08, "\\b"), (0x09, "\\t"),
            (0x0A, "\\n"),
            (0x0B, "\\u000b"), (0x0C, "\\f"), (0x0D, "\\r"), (0x0E, "\\u000e"), (0x1B, "\\u001b"),
            (0x1F, "\\u001f"),
            (0x20, " "), (0x22, "\\\""), (0x2F, "/"), (0x5C, "\\\\"), (0x7F, "\u{7F}"),
        ] as [(UInt8, String)]
    )
    func `what has to be escaped is, and nothing else`(byte: UInt8, escaped: String) {
        #expect(text { $0.utf8([byte]) } == "\"\(escaped)\"")
    }

    @Test(
        arguments: Array(0...0x2FF) + [
            0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x1F600, 0x10FFFF,
        ]
    )
    func `every character comes back, in a value and in a name`(code: Int) throws {
        let scalar = try #require(Unicode.Scalar(UInt32(code)))
        let plain = String(repeating: "x", count: 40)
        for string in [
            String(scalar), "a\(scalar)b", plain + String(scalar), String(scalar) + plain,
        ] {
            var writer = JSONWriter()
            writer.object { writer in
                writer.key(string)
                writer.string(string)
            }
            let expected = JSON.object([.init(key: string, value: .string(string))])
            #expect(try JSON(parsing: writer.bytes) == expected)
            let other =
                try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: String]
            #expect(other?.values.first.map { Array($0.utf8) } == Array(string.utf8))
        }
    }

    @Test(
        arguments: [
            ([0xFF], "\u{FFFD}"), ([0x61, 0xC3], "a\u{FFFD}"), ([0xC3, 0xA9], "é"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xE2, 0x82, 0x61], "\u{FFFD}a"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
            ([0x80, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xE2, 0x82, 0xE2, 0x82, 0xAC], "\u{FFFD}€"),
        ] as [([UInt8], String)]
    )
    func `what is not UTF-8 becomes U+FFFD, as String does it`(bytes: [UInt8], expected: String)
        throws
    {
        var writer = JSONWriter()
        writer.utf8(bytes)
        #expect(try JSON(parsing: writer.bytes) == .string(expected))
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func `a slice is written as the bytes it holds`() {
        let bytes = Array("abc\"def".utf8)
        #expect(text { $0.utf8(bytes[1..<3]) } == "\"bc\"")
        #expect(text { $0.utf8(bytes[2...]) } == "\"c\\\"def\"")
    }

    @Test(arguments: [0, 1, -1, 42, Int.max, Int.min])
    func `an integer comes back`(value: Int) throws {
        #expect(try JSON(parsing: Array(text { $0.int(value) }.utf8)).int == value)
    }
}

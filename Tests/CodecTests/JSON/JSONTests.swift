@testable import Codec
import Testing

@Suite struct JSONTests {
    private func parse(_ text: String) throws -> JSON {
        try JSON(parsing: Array(text.utf8))
    }

    @Test func `values are taken out by their type`() throws {
        let tree = try parse(#"{"s":"x","i":7,"f":1.5,"b":true,"n":null,"a":[1],"o":{"k":"v"}}"#)
        #expect(tree["s"]?.string == "x")
        #expect(tree["i"]?.int == 7)
        #expect(tree["f"]?.int == nil)
        #expect(tree["f"] == .number("1.5"))
        #expect(tree["b"]?.bool == true)
        #expect(tree["n"] == .null)
        #expect(tree["a"]?.array == [.int(1)])
        #expect(tree["o"]?["k"]?.string == "v")
        #expect(tree["o"]?.members?.count == 1)
        #expect(tree["missing"] == nil)
        #expect(tree["s"]?["x"] == nil)
        #expect(tree["s"]?.int == nil)
        #expect(tree["s"]?.bool == nil)
        #expect(tree["s"]?.array == nil)
        #expect(tree.string == nil)
    }

    @Test func `a tree knows its kind`() throws {
        let kinds = try parse(#"[null,true,1,"",[],{}]"#).array?.map(\.kind)
        #expect(kinds == [.null, .bool, .number, .string, .array, .object])
    }

    @Test func `a tree is written as it was read`() throws {
        let text = #"{"a":[1.50,-0,1E5,"\n\u0001\"",null,true],"b":{},"a":[]}"#
        #expect(String(decoding: try parse(text).encoded(), as: UTF8.self) == text)
    }

    @Test func `equality is of bytes, not of what looks the same`() throws {
        #expect(JSON.string("\u{E9}") != .string("e\u{301}"))
        #expect(JSON.number("1.0") != .number("1"))
        #expect(JSON.null != .bool(false))
        #expect(try parse(#"{"a":1,"b":2}"#) != parse(#"{"b":2,"a":1}"#))
        #expect(try parse("{\"\u{E9}\":1}")["e\u{301}"] == nil)
    }
}

@Suite struct `JSON for people` {
    @Test(arguments: [
        ("{}", "{}"),
        ("[]", "[]"),
        ("1.50", "1.50"),
        (#""a\nb""#, #""a\nb""#),
        ("[1,null]", "[\n  1,\n  null\n]"),
        (#"{"a":true,"b":[]}"#, "{\n  \"a\": true,\n  \"b\": []\n}"),
        (
            #"{"a\"":{"b":[{"c":1}]}}"#,
            """
            {
              "a\\\"": {
                "b": [
                  {
                    "c": 1
                  }
                ]
              }
            }
            """
        ),
    ])
    func `a member or an element is a line`(text: String, expected: String) throws {
        let json = try JSON(parsing: Array(text.utf8))
        let indented = json.indented()
        #expect(String(decoding: indented, as: UTF8.self) == expected)
        #expect(try JSON(parsing: indented) == json)
    }
}

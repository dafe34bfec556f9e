import Testing

@testable import Codec

@Suite struct JSONKeyTests {
    private func key(_ text: String) throws -> JSONKey {
        var found: JSONKey?
        var reader = JSONReader(Array("{\(text):0}".utf8))
        try reader.object { (key, _) throws(JSONError) in found = key }
        return try #require(found)
    }

    @Test(arguments: [
        ("\"commits\"", "commits"), ("\"\"", ""), ("\"\\u0061b\"", "ab"), ("\"é\"", "é"),
        ("\"a\\\"b\"", "a\"b"),
    ])
    func `a key equals its name`(text: String, name: String) throws {
        let key = try key(text)
        #expect(key == name)
        #expect(!(key != name))
        #expect(key.string == name)
        #expect(key.utf8 == Array(name.utf8))
        #expect(key != name + "x")
        #expect(key != "x" + name)
    }

    @Test func `names that only look the same differ`() throws {
        #expect(try key("\"\u{E9}\"") != "e\u{301}")
        #expect(try key("\"Ref\"") != "ref")
    }

    @Test func `a switch compares`() throws {
        switch try key("\"modified\"") {
        case "added", "removed": Issue.record("matched another name")
        case "modified": break
        default: Issue.record("matched no name")
        }
    }
}

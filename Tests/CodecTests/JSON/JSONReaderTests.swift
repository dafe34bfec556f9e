@testable import Codec
import Testing

/// What the reader gives back, beyond accepting and refusing.
@Suite struct JSONReaderTests {
    private func reader(_ text: String) -> JSONReader {
        JSONReader(Array(text.utf8))
    }

    @Test(arguments: [
        ("\"\"", ""), ("\"abc\"", "abc"), ("\"\\u0041\"", "A"),
        ("\"\\n\\t\\r\\b\\f\"", "\n\t\r\u{8}\u{C}"),
        ("\"\\\\ \\/ \\\"\"", "\\ / \""), ("\"\\u00e9\\u20AC\"", "é€"), ("\"\\ud83d\\ude00\"", "😀"),
        ("\"\\u0000\"", "\0"),
        ("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
        ("\"\\udbff\\udfff\"", "\u{10FFFF}"), ("\"é😀\"", "é😀"), ("  \"a\"", "a"),
        ("\"\\ud800\"", "\u{FFFD}"), ("\"\\udc00\"", "\u{FFFD}"),
        ("\"\\ud800\\ud800\"", "\u{FFFD}\u{FFFD}"),
        ("\"\\ud800\\u0041\"", "\u{FFFD}A"), ("\"\\ud800\\n\"", "\u{FFFD}\n"),
        ("\"\\ud800x\"", "\u{FFFD}x"),
        ("\"\\udc00\\ud800\"", "\u{FFFD}\u{FFFD}"), ("\"\\ud800\\ud83d\\ude00\"", "\u{FFFD}😀"),
    ])
    func `a string is unescaped`(text: String, expected: String) throws {
        var string = reader(text), bytes = reader(text), appended = reader(text)
        #expect(Array(try string.string().utf8) == Array(expected.utf8))
        #expect(try bytes.utf8() == Array(expected.utf8))
        var buffer = Array("before ".utf8)
        try appended.utf8(appendingTo: &buffer)
        #expect(buffer == Array(("before " + expected).utf8))
        try string.end()
        try bytes.end()
        try appended.end()
    }

    @Test func `strings of every length around the sizes of a block are whole`() throws {
        for length in 0...200 {
            for (escape, meaning) in [("", ""), ("\\n", "\n"), ("\\u20ac", "€"), ("é", "é")] {
                for position in Set([0, length / 2, length]) {
                    var text = String(repeating: "x", count: length)
                    var expected = text
                    let index = text.index(text.startIndex, offsetBy: position)
                    text.insert(contentsOf: escape, at: index)
                    expected.insert(contentsOf: meaning, at: index)
                    var value = reader("[\"\(text)\"]")
                    try value.array { (value) throws(JSONError) in
                        #expect(try value.string() == expected)
                    }
                    try value.end()
                }
            }
        }
    }

    @Test(arguments: [100, 1000, 10_000, 16_383, 16_384, 16_385, 20_000, 100_000, 1_000_000])
    func `a long string full of escapes is whole`(count: Int) throws {
        var text: [UInt8] = [0x22]
        var expected: [UInt8] = []
        let pieces: [(String, String)] = [
            ("\\\"path\\\":", "\"path\":"), ("\\u00e9", "é"),
            ("services/s1/src/file.swift", "services/s1/src/file.swift"),
            ("\\ud83d\\ude00", "😀"), ("日本", "日本"), ("\\n", "\n"), ("\\ud800", "\u{FFFD}"),
        ]
        var generator = SeededGenerator(seed: UInt64(count))
        while text.count < count {
            guard let piece = pieces.randomElement(using: &generator) else { break }
            text += piece.0.utf8
            expected += piece.1.utf8
        }
        text += [0x22, 0x20]
        var value = JSONReader(text)
        #expect(try value.utf8() == expected)
        try value.end()
        // The same with its end missing.
        var cut = JSONReader(Array(text.dropLast(2)))
        #expect(throws: JSONError(.syntax, at: text.count - 2, expected: "'\"'", found: "the end"))
        {
            try cut.utf8()
        }
    }

    @Test(arguments: [
        "\\\"", "\\\",", "\\\"x\\\"", "\\u20ac", "\\ud83d\\ude00", "é", "😀", "\\n", "x",
    ])
    func `a string of one thing alone is whole at every length`(thing: String) throws {
        let meaning = try JSON(parsing: Array("\"\(thing)\"".utf8)).string ?? ""
        var text = ""
        for shift in 0..<3 {
            text = String(repeating: "y", count: shift)
            for count in 1...700 {
                text += thing
                guard count < 100 || count.isMultiple(of: 23) else { continue }
                let expected =
                    String(repeating: "y", count: shift) + String(repeating: meaning, count: count)
                for end in ["", " ", String(repeating: " ", count: 100)] {
                    var value = reader("\"\(text)\"\(end)")
                    #expect(try value.utf8() == Array(expected.utf8))
                    try value.end()
                }
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `a list of strings is read as one by one`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for count in [0, 1, 2, 10, 100, 700] {
            let tree = JSON.array(
                (0..<count).map { _ in .string(JSONSamples.string(using: &generator)) }
            )
            for text in [tree.encoded(), JSONSamples.spaced(tree, using: &generator)] {
                var values = Array("before".utf8)
                var ends = [6]
                var list = JSONReader(text)
                try list.strings(appendingTo: &values, ends: &ends)
                try list.end()
                let strings = zip(ends, ends.dropFirst()).map {
                    JSON.string(String(decoding: values[$0..<$1], as: UTF8.self))
                }
                #expect(JSON.array(strings) == tree)
                #expect(values.starts(with: "before".utf8))
            }
        }
    }

    @Test(arguments: [
        ("[\"a\",1]", "expected a string at byte 5, found a number"),
        ("[\"a\",\"b]", "invalid JSON at byte 8: expected '\"', found the end"),
        ("[\"a\",\"", "invalid JSON at byte 6: expected '\"', found the end"),
        ("[\"a\",]", "invalid JSON at byte 5: expected a value, found ']'"),
        ("[\"a\" \"b\"]", "invalid JSON at byte 5: expected ',' or ']', found '\"'"),
        ("[\"a\",\"\\x\"]", "invalid JSON at byte 7: expected an escape, found 'x'"),
        ("{}", "expected an array at byte 0, found an object"),
    ])
    func `a list that is none leaves all as it was`(text: String, message: String) {
        var values: [UInt8] = [1, 2]
        var ends = [2]
        var list = reader(text)
        let error = #expect(throws: JSONError.self) {
            try list.strings(appendingTo: &values, ends: &ends)
        }
        #expect(error?.description == message)
        #expect(values == [1, 2])
        #expect(ends == [2])
        #expect(list.offset == 0)
    }

    @Test func `a number stays as it is written`() throws {
        for text in ["0", "-0", "1.50", "1E+02", "123456789012345678901234567890", "-0.0e-0"] {
            var value = reader(text)
            #expect(try value.number() == text)
        }
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("17", 17), ("-17", -17), ("9223372036854775807", Int.max),
        ("-9223372036854775808", Int.min),
    ])
    func `an integer is read`(text: String, expected: Int) throws {
        var value = reader(text)
        #expect(try value.int() == expected)
    }

    @Test(arguments: [
        "1.0", "1e3", "9223372036854775808", "-9223372036854775809", "1e400",
        "99999999999999999999",
    ])
    func `a number that is no integer of 64 bits is refused as one`(text: String) {
        var value = reader(text)
        #expect(
            throws: JSONError(
                .type,
                at: 0,
                expected: "an integer of 64 bits",
                found: "another number"
            )
        ) {
            try value.int()
        }
        #expect(throws: Never.self) { try value.number() }
    }

    @Test func `null and booleans are read`() throws {
        var values = reader("[true,false,null,null,\"a\",null,1,null,true]")
        var seen: [String] = []
        var index = 0
        try values.array { (value) throws(JSONError) in
            switch index {
            case 0, 1: seen.append("\(try value.bool())")
            case 2: try value.null()
            case 3, 4: seen.append(try value.optionalString() ?? "nil")
            case 5, 6: seen.append((try value.optionalInt()).map(String.init) ?? "nil")
            default: seen.append((try value.optionalBool()).map(String.init) ?? "nil")
            }
            index += 1
        }
        #expect(seen == ["true", "false", "nil", "a", "nil", "1", "nil", "true"])
    }

    @Test func `a list of strings may be null, and holds nothing else`() throws {
        var lists = reader(#"[["a","\u00e9"],[],null,[1]]"#)
        var seen: [[String]] = []
        let error = #expect(throws: JSONError.self) {
            try lists.array { (list) throws(JSONError) in seen.append(try list.strings()) }
        }
        #expect(seen == [["a", "é"], [], []])
        #expect(error == JSONError(.type, at: 25, expected: "a string", found: "a number"))
    }

    @Test func `only what is asked for is read`() throws {
        var value = reader("{\"a\":[1,{\"x\":[]}],\"b\":\"found\",\"c\":{\"d\":[[[]]]}}")
        var found = ""
        var keys: [String] = []
        try value.object { (key, value) throws(JSONError) in
            keys.append(key.string)
            if key == "b" { found = try value.string() }
        }
        try value.end()
        #expect(found == "found")
        #expect(keys == ["a", "b", "c"])
    }

    @Test func `of members with one name the last wins`() throws {
        var value = reader("{\"a\":1,\"a\":2,\"\\u0061\":3}")
        var last = 0
        try value.object { (key, value) throws(JSONError) in
            if key == "a" { last = try value.int() }
        }
        #expect(last == 3)
        #expect(try JSON(parsing: Array("{\"a\":1,\"b\":0,\"a\":2}".utf8))["a"] == .number("2"))
    }

    @Test func `an error in what is skipped is found`() {
        var value = reader("{\"skipped\":{\"a\":01},\"b\":1}")
        #expect(throws: JSONError(.syntax, at: 17, expected: "',' or '}'", found: "'1'")) {
            try value.object { (_, _) throws(JSONError) in }
        }
    }

    @Test func `after a value of another type the reader stands where it stood`() throws {
        var value = reader(" {\"a\":[1,\"x\"]} ")
        #expect(throws: JSONError.self) { try value.string() }
        #expect(throws: JSONError.self) {
            try value.object { (_, value) throws(JSONError) in
                try value.array { (value) throws(JSONError) in _ = try value.int() }
            }
        }
        #expect(value.offset == 0)
        #expect(try value.value()["a"]?.array == [.number("1"), .string("x")])
        try value.end()
    }

    @Test func `a closure may give up on a value that is then skipped`() throws {
        var value = reader("[[1,\"a\"],[2,3]]")
        var sums: [Int] = []
        try value.array { (value) throws(JSONError) in
            var sum = 0
            let isRead: Void? = try? value.array { (value) throws(JSONError) in
                sum += try value.int()
            }
            if isRead != nil { sums.append(sum) }
        }
        try value.end()
        #expect(sums == [5])
    }

    @Test func `what is appended before an error is taken back`() {
        var buffer: [UInt8] = [1, 2, 3]
        var value = reader("\"abc\\x\"")
        #expect(throws: JSONError.self) { try value.utf8(appendingTo: &buffer) }
        #expect(buffer == [1, 2, 3])
    }

    @Test func `a closure that reads two values fails`() {
        var value = reader("[1,2]")
        #expect(throws: JSONError(.syntax, at: 2, expected: "a value", found: "','")) {
            try value.array { (value) throws(JSONError) in
                _ = try value.int()
                _ = try value.int()
            }
        }
    }

    @Test(arguments: [
        ("null", JSONKind.null), (" true", .bool), ("false", .bool), ("-1", .number),
        ("\"", .string),
        ("[", .array), ("\n{", .object),
    ])
    func `the kind of a value is told by its first byte`(text: String, kind: JSONKind) throws {
        #expect(try reader(text).kind() == kind)
    }

    @Test func `containers nest to the bound and no further`() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let depth = JSONReader.maximumDepth
            func text(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            _ = try JSON(parsing: Array(text(depth).utf8))
            var skipped = reader(text(depth))
            try skipped.skip()
            let expected = JSONError(
                .syntax,
                at: open.utf8.count * depth,
                expected: "at most 512 containers deep",
                found: "one more"
            )
            #expect(throws: expected) { try JSON(parsing: Array(text(depth + 1).utf8)) }
            var tooDeep = reader(text(depth + 1))
            #expect(throws: expected) { try tooDeep.skip() }
            var inside = reader("[" + text(depth))
            #expect(throws: JSONError.self) {
                try inside.array { (value) throws(JSONError) in try value.skip() }
            }
            var outside = reader("[" + text(depth - 1) + "]")
            try outside.array { (value) throws(JSONError) in try value.skip() }
        }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":", "[[],"])
    func `a million open containers are an error and no more`(open: String) {
        let text = Array(String(repeating: open, count: 1_000_000).utf8)
        var skipped = JSONReader(text)
        #expect(throws: JSONError.self) { try skipped.skip() }
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test func `containers beside each other do not count as deep`() throws {
        let text = "[" + Array(repeating: "[{\"a\":[]}]", count: 5000).joined(separator: ",") + "]"
        var value = reader(text)
        var count = 0
        try value.array { (value) throws(JSONError) in
            count += 1
            if count.isMultiple(of: 2) { _ = try value.value() }
        }
        try value.end()
        #expect(count == 5000)
    }
}

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

/// Every message, as people will read it.
@Suite struct JSONErrorTests {
    @Test(arguments: [
        ("", "invalid JSON at byte 0: expected a value, found the end"),
        ("x", "invalid JSON at byte 0: expected a value, found 'x'"),
        ("\u{FEFF}{}", "invalid JSON at byte 0: expected a value, found byte 0xEF"),
        ("{\"a\":1 \"b\":2}", "invalid JSON at byte 7: expected ',' or '}', found '\"'"),
        ("[1 2]", "invalid JSON at byte 3: expected ',' or ']', found '2'"),
        ("[1,]", "invalid JSON at byte 3: expected a value, found ']'"),
        ("{\"a\" 1}", "invalid JSON at byte 5: expected ':', found '1'"),
        ("{a:1}", "invalid JSON at byte 1: expected a member's name, found 'a'"),
        ("{\"a\":1,}", "invalid JSON at byte 7: expected a member's name, found '}'"),
        ("{", "invalid JSON at byte 1: expected a member's name, found the end"),
        ("nul", "invalid JSON at byte 3: expected null, found the end"),
        ("trUe", "invalid JSON at byte 2: expected true, found 'U'"),
        ("fa\n", "invalid JSON at byte 2: expected false, found byte 0x0A"),
        ("-", "invalid JSON at byte 1: expected a digit, found the end"),
        ("1.e5", "invalid JSON at byte 2: expected a digit, found 'e'"),
        ("01", "invalid JSON at byte 1: expected the end, found '1'"),
        ("\"a", "invalid JSON at byte 2: expected '\"', found the end"),
        (
            "\"a\tb\"",
            "invalid JSON at byte 2: expected no control character in a string, found byte 0x09"
        ),
        ("\"\\x\"", "invalid JSON at byte 2: expected an escape, found 'x'"),
        ("\"\\", "invalid JSON at byte 2: expected an escape, found the end"),
        ("\"\\u00x0\"", "invalid JSON at byte 5: expected a hexadecimal digit, found 'x'"),
        ("1 2", "invalid JSON at byte 2: expected the end, found '2'"),
    ])
    func `the message says what is wrong and where`(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: Array(text.utf8)) }
        #expect(error?.description == message)
    }

    @Test func `ill-formed UTF-8 is named`() {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0x61, 0xC3, 0x22]) }
        #expect(
            error?.description
                == "invalid JSON at byte 2: expected well-formed UTF-8, found byte 0xC3"
        )
    }

    @Test func `nesting too deep is named`() {
        let error = #expect(throws: JSONError.self) {
            try JSON(parsing: [UInt8](repeating: UInt8(ascii: "["), count: 600))
        }
        #expect(
            error?.description
                == "invalid JSON at byte 512: expected at most 512 containers deep, found one more"
        )
    }

    @Test(arguments: [
        ("1", "expected a string at byte 0, found a number"),
        (" null", "expected a string at byte 1, found null"),
        ("true", "expected a string at byte 0, found a boolean"),
        ("[]", "expected a string at byte 0, found an array"),
        ("{}", "expected a string at byte 0, found an object"),
    ])
    func `the message names both types`(text: String, message: String) {
        var reader = JSONReader(Array(text.utf8))
        let error = #expect(throws: JSONError.self) { try reader.string() }
        #expect(error?.description == message)
    }

    @Test func `each way to read names the type it wants`() {
        func message(_ body: (inout JSONReader) throws(JSONError) -> Void) -> String {
            var reader = JSONReader(Array("\"\"".utf8))
            do throws(JSONError) { try body(&reader) } catch { return error.description }
            return "none"
        }
        #expect(
            message { r throws(JSONError) in _ = try r.int() }
                == "expected a number at byte 0, found a string"
        )
        #expect(
            message { r throws(JSONError) in _ = try r.number() }
                == "expected a number at byte 0, found a string"
        )
        #expect(
            message { r throws(JSONError) in _ = try r.bool() }
                == "expected a boolean at byte 0, found a string"
        )
        #expect(
            message { r throws(JSONError) in try r.null() }
                == "expected null at byte 0, found a string"
        )
        #expect(
            message { r throws(JSONError) in try r.array { _ throws(JSONError) in } }
                == "expected an array at byte 0, found a string"
        )
        #expect(
            message { r throws(JSONError) in try r.object { _, _ throws(JSONError) in } }
                == "expected an object at byte 0, found a string"
        )
        var number = JSONReader(Array("1.5".utf8))
        #expect(
            throws: JSONError(
                .type,
                at: 0,
                expected: "an integer of 64 bits",
                found: "another number"
            )
        ) { try number.int() }
    }
}

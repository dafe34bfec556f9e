import Testing

@testable import Codec

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

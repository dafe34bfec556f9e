import Foundation
import Testing

@testable import Codec

/// The whole grammar, through each of the ways that read it.
@Suite struct JSONGrammarTests {
    @Test(arguments: JSONGrammarCases.valid)
    func `a text of RFC 8259 is accepted`(text: JSONGrammarCases.Text) throws {
        var skipping = JSONReader(text.bytes)
        try skipping.skip()
        try skipping.end()
        let tree = try JSON(parsing: text.bytes)
        #expect(try JSON(parsing: tree.encoded()) == tree)
        #expect(
            try JSON(parsing: wrapped(text.bytes))
                == .array([.object([.init(key: "k", value: tree)])])
        )
        var nested = JSONReader(wrapped(text.bytes))
        try nested.skip()
        try nested.end()
    }

    @Test(arguments: JSONGrammarCases.invalid)
    func `any other text is refused, read or skipped`(text: JSONGrammarCases.Text) {
        #expect(throws: JSONError.self) { try JSON(parsing: text.bytes) }
        #expect(throws: JSONError.self) {
            var reader = JSONReader(text.bytes)
            try reader.skip()
            try reader.end()
        }
    }

    @Test(arguments: JSONGrammarCases.invalid)
    func `what is refused alone is refused inside of what is skipped`(text: JSONGrammarCases.Text) {
        // A piece such as `1,2` or `] []` would be valid between brackets of another kind.
        guard (try? JSONSerialization.jsonObject(with: Data(wrapped(text.bytes)))) == nil else {
            return
        }
        #expect(throws: JSONError.self) {
            var reader = JSONReader(wrapped(text.bytes))
            try reader.skip()
            try reader.end()
        }
        #expect(throws: JSONError.self) { try JSON(parsing: wrapped(text.bytes)) }
    }

    @Test(arguments: JSONGrammarCases.valid + JSONGrammarCases.invalid)
    func `reading and skipping agree on the error`(text: JSONGrammarCases.Text) {
        func error(_ body: (inout JSONReader) throws(JSONError) -> Void) -> JSONError? {
            var reader = JSONReader(text.bytes)
            do throws(JSONError) {
                try body(&reader)
                try reader.end()
                return nil
            } catch {
                return error
            }
        }
        let read = error { (reader) throws(JSONError) in _ = try reader.value() }
        #expect(read == error { (reader) throws(JSONError) in try reader.skip() })
    }

    private func wrapped(_ bytes: [UInt8]) -> [UInt8] {
        Array("[{\"k\":".utf8) + bytes + Array("}]".utf8)
    }
}
